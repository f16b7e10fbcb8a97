import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { seven } from "../../local/digits";
import { example, pythonEnvironment, type Trained } from "./python";

/** Milliseconds after which what has not happened is not going to: more than the slowest machine takes. */
export const patience = 120_000;

/** One answer as it came over the wire. */
export interface Answer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  body: string;
}

/** How a process ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The real server, running on a free port of 127.0.0.1. */
export class Server {
  private constructor(
    /** Port it listens on; 0 when it ended before it listened. */
    readonly port: number,
    /** Resolves when the process is gone. */
    readonly ended: Promise<Ended>,
    /** Sends it a signal: SIGTERM asks it to stop, SIGHUP to load its model again. */
    readonly kill: (signal: NodeJS.Signals) => void,
    /** What it has written to its log so far. */
    readonly said: () => string,
  ) {}

  /** Starts serve.py and waits until it listens, or has ended. */
  static async start(
    { python, model }: Trained,
    settings: Record<string, string> = {},
  ): Promise<Server> {
    const defaults = { HOST: "127.0.0.1", PORT: "0", MODEL: model, VERSION: "v1" };
    const child = spawn(python, [join(example, "serve.py")], {
      env: pythonEnvironment({ ...defaults, ...settings }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    const listens = new Promise<number>((resolve) => {
      child.stdout.on("data", (bytes: Buffer) => {
        said.stdout += bytes.toString();
        const [, port] = /"event": "listening", "port": (\d+)/.exec(said.stdout) ?? [];
        if (port !== undefined) resolve(Number(port));
      });
    });
    child.stderr.on("data", (bytes: Buffer) => (said.stderr += bytes.toString()));
    const ended = once(child, "close").then(([code]): Ended => ({
      code: code as number | null,
      ...said,
    }));
    const port = await Promise.race([listens, ended.then(() => 0)]);
    return new Server(
      port,
      ended,
      (signal) => child.kill(signal),
      () => said.stdout,
    );
  }

  /** Starts serve.py and waits until it has loaded its model. */
  static async healthy(ready: Trained, settings?: Record<string, string>): Promise<Server> {
    const server = await Server.start(ready, settings);
    await server.health();
    return server;
  }

  /** Ends it at once, if it still runs. */
  async destroy(): Promise<void> {
    this.kill("SIGKILL");
    await this.ended;
  }

  /** Waits until /healthz answers with status 200. */
  async health(): Promise<void> {
    for (const end = Date.now() + patience; ;) {
      const { status, body } = await this.ask("GET /healthz");
      if (status === 200) return;
      if (Date.now() > end) throw new Error(`/healthz still answers ${status}: ${body}`);
    }
  }

  /** One request on a connection of its own. */
  async ask(line: string, body?: string | Buffer): Promise<Answer> {
    const client = await Client.connect(this.port);
    try {
      client.send(body === undefined ? `${line} HTTP/1.1\r\nHost: x\r\n\r\n` : request(line, body));
      return await client.answer();
    } finally {
      client.close();
    }
  }

  /** What the sample is taken for. */
  predict(): Promise<Answer> {
    return this.ask("POST /predict", JSON.stringify({ pixels: seven }));
  }
}

/** The bytes of a request with a body. */
export function request(line: string, body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  const head = `${line} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** The bytes that ask what the sample is. */
export const prediction = request("POST /predict", JSON.stringify({ pixels: seven }));

/** The object in the body of an answer. */
export function json({ body }: Pick<Answer, "body">): Record<string, unknown> {
  return z.record(z.string(), z.unknown()).parse(JSON.parse(body));
}

/** A connection that sends exactly the bytes it is given. */
export class Client {
  private received = Buffer.alloc(0);
  private wake: () => void = () => undefined;
  private over = false;

  private constructor(private readonly socket: Socket) {
    socket.on("data", (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
      this.wake();
    });
    // A reset is an end like another: what matters is whether an answer came before it.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.over = true;
      this.wake();
    });
  }

  static async connect(port: number): Promise<Client> {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    await once(socket, "connect");
    return new Client(socket);
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends bytes, and fails when the connection ends before all of them are sent. */
  sendAll(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    this.socket.destroy();
  }

  /** What has come and was not yet taken as an answer. */
  get text(): string {
    return this.received.toString();
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<void> {
    while (!this.over) await this.more();
  }

  /** The next answer on this connection. */
  async answer(): Promise<Answer> {
    for (;;) {
      const end = this.received.indexOf("\r\n\r\n");
      if (end >= 0) {
        const [first = "", ...lines] = this.received.toString("latin1", 0, end).split("\r\n");
        const headers = Object.fromEntries(
          lines.map((line) => [
            line.slice(0, line.indexOf(":")).toLowerCase(),
            line.slice(line.indexOf(":") + 2),
          ]),
        );
        const length = Number(headers["content-length"] ?? 0);
        if (this.received.length >= end + 4 + length) {
          const body = this.received.toString("utf8", end + 4, end + 4 + length);
          this.received = this.received.subarray(end + 4 + length);
          return { status: Number(first.split(" ")[1]), headers, body };
        }
      }
      if (this.over)
        throw new Error(`closed before an answer; received: ${this.received.toString()}`);
      await this.more();
    }
  }

  private more(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}
