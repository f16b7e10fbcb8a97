import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { askByCurl, askByPython } from "../../../../components/serving/engines/question";

const question = {
  ...{ path: "/v1/completions", answer: "choices" },
  body: { model: "it's", prompt: "1 + 1 =" },
};
const variable = "TEST_API_KEY";

/** Puts the question to a server that answers so, and says how the command ended and what the server got. */
async function asked(
  by: typeof askByPython,
  { status = 200, answer, key = "" }: { status?: number; answer?: unknown; key?: string } = {},
) {
  let got: (Pick<IncomingMessage, "url" | "headers"> & { body: string }) | undefined;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      got = { url: request.url, headers: request.headers, body };
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(answer ?? { choices: [{ text: "2" }] }));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const [program = "", ...args] = by(question, { port, seconds: 10, variable });
  // A proxy for everything, which a server of the same pod must not be asked through.
  const env = { PATH: process.env["PATH"], http_proxy: "http://127.0.0.1:9", [variable]: key };
  const run = spawn(program, args, { env });
  let said = "";
  run.stdout.on("data", (part: Buffer) => (said += part.toString()));
  run.stderr.on("data", (part: Buffer) => (said += part.toString()));
  const [code] = (await once(run, "close")) as [number];
  server.close();
  return { code, said, got };
}

for (const [name, by] of [
  ["Python", askByPython],
  ["curl", askByCurl],
] as const) {
  describe(`a question that ${name} asks`, () => {
    it("is posted as JSON with the key of the environment", async () => {
      const { code, said, got } = await asked(by, { key: "a key$" });
      assert.equal(code, 0, said);
      assert.equal(got?.url, "/v1/completions");
      assert.deepEqual(JSON.parse(got.body), question.body);
      assert.equal(got.headers["content-type"], "application/json");
      assert.equal(got.headers.authorization, "Bearer a key$");
    });

    it("fails with what came back", async () => {
      const { code, said } = await asked(by, { status: 500, answer: { error: "CUDA is lost" } });
      assert.notEqual(code, 0);
      assert.match(said, /500/);
      assert.match(said, /CUDA is lost/);
    });
  });
}

describe("a question", () => {
  it("brings no key where there is none", async () => {
    assert.equal((await asked(askByPython)).got?.headers.authorization, undefined);
    const open: typeof askByPython = (of, at) => askByCurl(of, { ...at, variable: undefined });
    const { code, got } = await asked(open);
    assert.deepEqual([code, got?.headers.authorization], [0, undefined]);
  });

  for (const answer of [{ choices: [] }, {}, "none"]) {
    it(`is not answered by ${JSON.stringify(answer)}`, async () => {
      const { code } = await asked(askByPython, { answer });
      assert.notEqual(code, 0);
    });
  }

  it("may be answered by a list itself", async () => {
    const open: typeof askByPython = ({ path, body }, at) => askByPython({ path, body }, at);
    assert.equal((await asked(open, { answer: [{ label: "a", score: 1 }] })).code, 0);
    assert.notEqual((await asked(open, { answer: [] })).code, 0);
  });

  it("fails where nobody listens", async () => {
    const [program = "", ...args] = askByPython(question, { port: 1, seconds: 1, variable });
    const [code] = (await once(spawn(program, args, { stdio: "ignore" }), "close")) as [number];
    assert.equal(code, 1);
  });
});
