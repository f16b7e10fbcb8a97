import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http, { type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { askerOf } from "../../../rollouts/ask";
import type { Access } from "../../../cli/job/access";

/** An answer: JSON, a text, the code of a refusal, or whatever a function answers to a question with this query. */
type Answer =
  | Record<string, unknown>
  | string
  | number
  | ((response: ServerResponse, query: URLSearchParams) => void);

/** Answers by method and path, such as `GET /api/v1/pods`. */
export type Answers = Readonly<Record<string, Answer>>;

/** A stand-in for an API server that answers from a list and keeps what was created. */
export class ApiServer {
  /** The folder of its files. */
  readonly folder = mkdtempSync(join(tmpdir(), "api-server-"));
  /** Path of its kubeconfig. */
  readonly kubeconfig = join(this.folder, "kubeconfig");
  /** What was created, in order. */
  readonly created: unknown[] = [];
  private text = "";
  private readonly server: http.Server;

  private constructor(answers: Answers) {
    this.server = http.createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://api");
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        if (request.method === "POST") this.created.push(JSON.parse(body));
        const answer = answers[`${request.method} ${pathname}`] ?? 404;
        response.setHeader("content-type", "application/json");
        if (typeof answer === "function") return answer(response, searchParams);
        const code = typeof answer === "number" ? answer : 200;
        response.statusCode = code;
        const refusal = { kind: "Status", code, message: `${pathname} is forbidden` };
        response.end(
          typeof answer === "string" ? answer : JSON.stringify(code === 200 ? answer : refusal),
        );
      });
    });
  }

  static async start(answers: Answers): Promise<ApiServer> {
    const api = new ApiServer(answers);
    await new Promise<void>((resolve) => api.server.listen(0, "127.0.0.1", resolve));
    const { port } = api.server.address() as AddressInfo;
    const cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    api.text = stringify({
      ...{ apiVersion: "v1", kind: "Config", "current-context": "c" },
      clusters: [{ name: "c", cluster }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      users: [{ name: "u", user: {} }],
    });
    writeFileSync(api.kubeconfig, api.text);
    return api;
  }

  /** The access that a command gets. */
  async access(): Promise<Access> {
    return { ask: await askerOf(this.text), stack: "prod" };
  }

  /** Puts a stand-in for pulumi into the folder, which knows a stack's configuration. */
  addPulumi(config: object): void {
    const path = join(this.folder, "pulumi");
    writeFileSync(
      path,
      `#!${process.execPath}
if (process.argv.slice(2).join(" ") !== "--non-interactive config --json --show-secrets --stack prod") process.exit(64);
console.log(${JSON.stringify(JSON.stringify(config))});
`,
    );
    chmodSync(path, 0o755);
  }

  /** Ends it and removes its folder. */
  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.folder, { recursive: true });
  }
}
