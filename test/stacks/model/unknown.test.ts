import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { fromFile, refusal } from "../stack-files";

describe("a model that no table has", () => {
  it("is refused with the page that lists those there are", () => {
    const text = refusal(() =>
      fromFile({
        "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  services: { chat: { model: acme/nobody-knows-it } }`,
      }),
    );
    const [, page = ""] = /allowed: a model of (\S+\.md), or one/.exec(text) ?? [];
    assert.ok(existsSync(page), page);
    assert.match(readFileSync(page, "utf8"), /^\| Qwen\/Qwen3-8B-AWQ /m);
  });

  it("is refused with the keys that weights in the format GGUF need, and the page that shows them", () => {
    const text = refusal(() =>
      fromFile({
        "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  services: { chat: { model: acme/nobody-knows-it-GGUF } }`,
      }),
    );
    const [, page = "", heading = ""] =
      /file, size, shape } .*\((\S+\.md), (.+)\)/.exec(text) ?? [];
    assert.ok(readFileSync(page, "utf8").includes(`# ${heading}\n`), text);
  });
});
