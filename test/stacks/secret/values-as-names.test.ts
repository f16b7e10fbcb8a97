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

  it("may begin like a token", () => {
    assert.match(said("token: hf_token"), /no such secret[^]*--secret hf_token/);
  });
});
