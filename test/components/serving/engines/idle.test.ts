import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { llamaCpp } from "../../../../components/serving/engines/llama-cpp";

/** Waits as a pod of llama.cpp does whose metrics say these numbers of requests, one after the other. */
async function waited(numbers: readonly string[], most: number) {
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization);
    const [processing, deferred] = (numbers[keys.length - 1] ?? numbers.at(-1) ?? "").split(" ");
    response.end(
      `llamacpp:requests_processing ${processing}\nllamacpp:requests_deferred ${deferred}\n`,
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const [program = "", ...args] = llamaCpp.stop.wait?.({ before: 0, most }) ?? [];
  const own = args.map((word) => word.replace(":8080/", `:${port}/`));
  const env = { PATH: process.env["PATH"], LLAMA_API_KEY: "a key" };
  const [code] = (await once(spawn(program, own, { env, stdio: "ignore" }), "close")) as [number];
  server.closeAllConnections();
  server.close();
  return { code, asked: keys.length, key: keys[0] };
}

describe("a pod that waits until its server has no requests", () => {
  for (const [what, numbers, most, asked] of [
    ["goes at once where there are none", ["0 0"], 20, 1],
    ["waits for those that are worked on, and those that wait", ["2 0", "0 1", "0 0"], 20, 3],
    ["knows ten from none", ["10 0", "0 0"], 20, 2],
  ] as const) {
    it(what, async () => {
      assert.deepEqual(await waited(numbers, most), { code: 0, asked, key: "Bearer a key" });
    });
  }

  it("waits no longer than it may", async () => {
    const { code, asked } = await waited(["1 0"], 2);
    assert.equal(code, 0);
    assert.ok(asked >= 1 && asked <= 3, `${asked}`);
  });
});
