import assert from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { generated } from "../../docs/generate";
import { configurationPage, includedFileSchema, stackFileSchema } from "../../stacks/reference";

const docs = join(__dirname, "../../docs");

describe("the reference", () => {
  for (const path of ["configuration.md", "schema/stack-file.json", "schema/included-file.json"]) {
    it(`in docs/${path} is what the schema says; else run npm run docs`, async () => {
      assert.equal(readFileSync(join(docs, path), "utf8"), (await generated())[path]);
    });
  }

  it("says what is allowed, the default and the meaning of a key", () => {
    assert.match(
      configurationPage(),
      /^\| `startup` \| a duration from 10s to 12h: .* \| `10m` \| Time a new replica has to answer/m,
    );
  });

  it("describes every key", () => {
    const undescribed = configurationPage()
      .split("\n")
      .filter((line) => /^\| `.*\|\s*\|$/.test(line));
    assert.deepEqual(undescribed, []);
  });
});

describe("the JSON Schema for editors", () => {
  const stackFile = z.fromJSONSchema(stackFileSchema());
  const includedFile = z.fromJSONSchema(includedFileSchema());
  const services = { chat: { image: "chat:v1", startup: "10m", cpu: 0.5 } };

  it("takes a stack file with and without the project's name, and secrets", () => {
    const config = {
      cluster: { kind: "existing" },
      "gpu-serving:services": services,
      apiToken: { secure: "AAABBB" },
    };
    assert.deepEqual(stackFile.safeParse({ config, encryptionsalt: "v1" }).error, undefined);
  });

  it("refuses what the program would refuse", () => {
    const wrong = { services: { chat: { image: "chat:v1", port: 70000, startup: "5min" } } };
    for (const result of [stackFile.safeParse({ config: wrong }), includedFile.safeParse(wrong)]) {
      const paths = result.error?.issues.map(({ path }) => path.slice(-2).join("."));
      assert.deepEqual(paths, ["chat.port", "chat.startup"]);
    }
  });

  it("takes an included file", () => {
    assert.deepEqual(includedFile.safeParse({ namespace: "chat", services }).error, undefined);
  });
});
