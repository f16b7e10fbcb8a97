import assert from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { z } from "zod";
import { readConfig } from "../../stacks/config";
import { buildEnvironment } from "../../stacks/environment";
import { actAsEngine, fromFile, fromProgram, inFolder, refusal, type Files } from "./stack-files";

const table = z.array(
  z.strictObject({
    /** What is refused. */
    refuses: z.string(),
    /** Present where the engine would refuse the file before the program sees it. */
    by: z.literal("the file's reader").optional(),
    /** Files of the stack, the stack file first. */
    files: z.record(z.string(), z.string()),
    /** The message, with the path and problem of each problem; other lines may be left out. */
    says: z.string(),
  }),
);

function cases(file: string) {
  return table.parse(parse(readFileSync(join(__dirname, "faulty", file), "utf8")));
}

/** The message without the lines that a case leaves out: what is found, allowed and to do. */
function asSaid(message: string, says: string): string {
  const lines = says.split("\n");
  const compared = (line: string) => /^\S+\.yaml:/.test(line) || lines.includes(line);
  return message
    .split("\n")
    .filter((line) => line !== "" && compared(line))
    .join("\n");
}

describe("a stack file with problems", () => {
  for (const file of readdirSync(join(__dirname, "faulty"))) {
    describe(file, () => {
      for (const { refuses, by, files, says } of cases(file)) {
        it(`refuses ${refuses}`, () => {
          for (const read of by ? [fromFile] : [fromFile, fromProgram]) {
            const message = refusal(() => read(files));
            assert.equal(asSaid(message, says), says.replaceAll("\n\n", "\n").trimEnd());
          }
        });
      }
    });
  }

  it("is refused before any resource is registered", async () => {
    const files: Files = {
      "Pulumi.prod.yaml": `
        config:
          cluster: { kind: existing }
          services:
            chat: { image: "chat:v1" }
            vision: { image: "vision:v1", port: 0 }`,
    };
    const registered: string[] = [];
    actAsEngine(files, registered);
    await inFolder(files, (folder) =>
      assert.rejects(
        pulumi.runtime.runInPulumiStack(() =>
          Promise.resolve(buildEnvironment(readConfig(folder))),
        ),
        /services\.vision\.port: out of range/,
      ),
    );
    await pulumi.runtime.disconnect();
    assert.deepEqual(registered, ["pulumi:pulumi:Stack gpu-serving-prod"]);
  });

  it("ends the program without a stack trace", () => {
    assert.throws(
      () => fromFile({ "Pulumi.prod.yaml": "config: {}" }),
      (error) => pulumi.RunError.isInstance(error),
    );
  });

  for (const [where, cluster, other] of [
    ["in the shape of a file", "{ kind: existing, token: { secure: c1pher } }", "[hunter2]"],
    ["in what its values mean to each other", "{ kind: existing }", "hunter2"],
  ] as const) {
    it(`shows no secret, encrypted or not, ${where}`, () => {
      const files: Files = {
        "Pulumi.prod.yaml": `
          config:
            cluster: ${cluster}
            plain: hunter2
            other: ${other}
            encrypted: { secure: c1pher }
            services:
              chat: { image: "chat:v1", env: { TOKEN: { secret: plain } } }`,
      };
      for (const said of [refusal(() => fromFile(files)), refusal(() => fromProgram(files))]) {
        assert.match(said, /^[23] problems/);
        assert.doesNotMatch(said, /hunter2|c1pher/);
      }
    });
  }

  it("has no lines where the program runs without it", () => {
    const files: Files = { "Pulumi.prod.yaml": "config: { cluster: { kind: nomad } }" };
    actAsEngine(files);
    assert.match(
      refusal(() => inFolder({}, (folder) => readConfig(folder))),
      /^Pulumi\.prod\.yaml: cluster\.kind: unknown word$/m,
    );
  });

  it("names the line of a key, of an item, and of what a missing key would be in, also behind an alias", () => {
    const said = refusal(() =>
      fromFile({
        "Pulumi.prod.yaml": `config:
  gpu-serving:cluster:
    kind: existing
  services:
    embed: &embed
      image: embed:v1
      args:
        - fine
        - 8000
    rank: *embed
  pools:
    l4:
      gpu: L4
      nodes: { max: 2 }
`,
      }),
    );
    assert.deepEqual(said.match(/^Pulumi.*?: [^:]*/gm), [
      "Pulumi.prod.yaml:9: services.embed.args[1]",
      "Pulumi.prod.yaml:9: services.rank.args[1]",
      "Pulumi.prod.yaml:12: pools.l4.select",
    ]);
  });
});
