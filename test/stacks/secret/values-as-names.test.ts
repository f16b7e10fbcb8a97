import assert from "node:assert/strict";
import { fromFile, refusal } from "../stack-files";

const said = (key: string) =>
  refusal(() =>
    fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  pools: { l4: { gpu: L4, select: { gpu: l4 }, nodes: { max: 4 } } }
  services:
    chat: { model: Qwen/Qwen3-8B-AWQ, ${key} }`,
    }),
  );

describe("a reference to a secret", () => {
  for (const value of ["hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567", "sk-proj-0123456789abcdef"]) {
    for (const key of ["token", "apiKey"]) {
      it(`that is the secret itself is refused and not shown: ${key}, ${value.slice(0, 3)}`, () => {
        const message = said(`${key}: ${value}`);
        assert.match(message, new RegExp(`chat\\.${key}: looks like a secret itself`));
        assert.ok(!message.includes(value), message);
      });
    }
  }

  for (const value of [
    "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
    "9f8e7d6c-5b4a-3928-1706-f5e4d3c2b1a0",
    "Zk9vQ2xQb3N0R3Jlcy1wYXNzd29yZDEyMw",
    "q7T+b2Xw/9LmK4vR8sYc1ZdF6hJ0pNgU3aEi5oQx=",
  ]) {
    it(`that is a key which a program made is refused and not shown: ${value.slice(0, 12)}`, () => {
      const message = said(`apiKey: ${value}`);
      assert.match(
        message,
        /chat\.apiKey: (looks like a secret itself|not the name of a config key)/,
      );
      assert.ok(!message.includes(value.slice(0, 20)), message);
    });
  }

  for (const name of [
    "openRouterApiKeyForProductionUse",
    "key-of-the-vision-team-for-2026-and-later",
  ]) {
    it(`may be a long name: ${name}`, () => {
      assert.match(said(`apiKey: ${name}`), /no such secret[^]*--secret /);
    });
  }

  it("may begin like a token", () => {
    assert.match(said("token: hf_token"), /no such secret[^]*--secret hf_token/);
  });
});
