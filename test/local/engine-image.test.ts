import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chat } from "../../local/chat";
import { isEngineImage } from "../../local/engine-image";
import { run } from "../../process/run";
import { pythonEnvironment, systemPython } from "../digits/python";
import { listening } from "../support/port";

const checkout = resolve(__dirname, "../..");
const image = join(checkout, "local/engine-image");

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await once(server.close(), "close");
  return port;
}

/** A Python with the image's packages, made once for each state of them in the ignored folder. */
async function pythonOfImage(): Promise<string> {
  const list = join(image, "requirements.txt");
  const hash = createHash("sha256").update(readFileSync(list)).digest("hex").slice(0, 12);
  const folder = join(checkout, ".local/test", `engine-${hash}`);
  const python = join(folder, "bin/python");
  if (existsSync(folder)) return python;
  mkdirSync(join(checkout, ".local/test"), { recursive: true });
  const half = `${folder}.${process.pid}`;
  try {
    const system = (await systemPython()) ?? "python3";
    await run(system, ["-m", "venv", half]);
    const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", list];
    await run(join(half, "bin/python"), pip);
    if (!existsSync(folder)) renameSync(half, folder);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return python;
}

describe("the stand-in for llama.cpp's server image", function () {
  this.timeout(120_000);
  this.slow(20_000);
  let python = "";
  let server: ChildProcess | undefined;
  let said = "";
  let url = "";
  const start = async (args: string[], env: Record<string, string> = {}) => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    said = "";
    const all = [join(image, "server.py"), "--port", `${port}`, ...args];
    server = spawn(python, all, { env: pythonEnvironment(env) });
    for (const stream of [server.stdout, server.stderr])
      stream?.on("data", (part: Buffer) => (said += part.toString()));
    return server;
  };
  const refused = async (args: string[]) => {
    const [code] = (await once(await start(args), "close")) as [number];
    return `${code}: ${said}`;
  };
  const status = (path: string, headers: Record<string, string> = {}) =>
    fetch(url + path, { headers }).then(({ status }) => status);
  const ready = async () => {
    for (const end = Date.now() + 60_000; ; await sleep(200)) {
      if (server?.exitCode !== null) throw new Error(said);
      if ((await status("/health").catch(() => 0)) === 200) return;
      if (Date.now() > end) throw new Error(`not ready: ${said}`);
    }
  };
  before(async function () {
    this.timeout(10 * 60_000);
    python = await pythonOfImage();
  });
  afterEach(() => void server?.kill("SIGKILL"));

  it("is for images of llama.cpp's server on CPUs alone", () => {
    const names = ["llama.cpp:server-b11459", "llama.cpp:server-cuda-b11459", "other:server-b1"];
    assert.deepEqual(
      names.map((name) => isEngineImage(`ghcr.io/ggml-org/${name}`)),
      [true, false, false],
    );
  });

  it("says which argument it does not know, and that it has no model", async () => {
    assert.equal(await refused(["--context", "1"]), "1: error: invalid argument: --context\n");
    assert.match(await refused([]), /^1: error: no model/);
  });

  it("says of another model that the hub did not give it", async () => {
    const env = { HF_ENDPOINT: "http://127.0.0.1:9" };
    const child = await start(["--hf-repo", "acme/other-GGUF"], env);
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 1);
    assert.match(said, /acme\/other-GGUF could not be fetched, and this image has Smol/);
  });

  it("serves its model under the name of the hub: API, health, metrics and page, and ends with 0", async () => {
    const repository = "HuggingFaceTB/SmolLM2-135M-Instruct-GGUF";
    const fit = ["--ctx-size", "2048", "--parallel", "2", "--threads", "1"];
    const child = await start(["--hf-repo", repository, ...fit, "--metrics"]);
    await ready();
    assert.equal((await chat(url, 60_000)).answer, "The capital of France is Paris.");
    const models = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
    assert.deepEqual(
      models.data.map(({ id }) => id),
      [repository],
    );
    const props = (await (await fetch(`${url}/props`)).json()) as Record<string, unknown>;
    const { total_slots, default_generation_settings: settings } = props;
    assert.deepEqual([total_slots, (settings as { n_ctx: number }).n_ctx], [2, 1024]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    assert.match(metrics, /^llamacpp:requests_deferred 0$/m);
    const page = await fetch(url, { headers: { "Accept-Encoding": "gzip" } });
    assert.match(await page.text(), /<!doctype html>/);
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "close"), [0, null]);
  });

  it("asks for the key of LLAMA_API_KEY, but not at /health", async () => {
    await start(
      [
        "--model-url",
        "https://hub.example/other/SmolLM2-135M-Instruct/resolve/main/model.gguf",
        "--ctx-size",
        "512",
        "--alias",
        "small",
      ],
      {
        LLAMA_API_KEY: "secret",
      },
    );
    await ready();
    const key = { Authorization: "Bearer secret" };
    assert.deepEqual([await status("/props"), await status("/props", key)], [401, 200]);
    const models = (await (await fetch(`${url}/v1/models`, { headers: key })).json()) as {
      data: { id: string }[];
    };
    assert.deepEqual(
      models.data.map(({ id }) => id),
      ["small"],
    );
  });
});
