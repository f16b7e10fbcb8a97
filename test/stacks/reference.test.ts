import assert from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { generated } from "../../docs/generate";
import { configurationPage, includedFileSchema, stackFileSchema } from "../../stacks/reference";

const docs = join(__dirname, "../../docs");

describe("the reference", () => {
  for (const path of [
    "configuration.md",
    "rules.md",
    "schema/stack-file.json",
    "schema/included-file.json",
  ]) {
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

  it("takes the pools of every kind of cluster", () => {
    const nodes = { max: 2 };
    for (const [cluster, l4] of [
      [{ kind: "existing" }, { gpu: "L4", select: { pool: "l4" }, nodes }],
      [
        { kind: "gke", region: "us-central1" },
        { gpu: "L4", nodes, disk: "200Gi" },
      ],
      [
        { kind: "eks", region: "us-east-1", mode: "nodeGroups", access: ["203.0.113.0/24"] },
        { machine: "g6.xlarge", nodes, capacity: ["spot", { block: "a", zone: "us-east-1a" }] },
      ],
      [
        { kind: "aks", region: "eastus" },
        { gpu: "T4", nodes, sharing: { timeSlicing: 2 } },
      ],
    ]) {
      const config = { cluster, pools: { l4 }, tags: { team: "ml" } };
      assert.deepEqual(stackFile.safeParse({ config }).error, undefined);
    }
  });

  it("refuses pools that are of no kind", () => {
    const cluster = { kind: "gke", region: "us-central1" };
    for (const l4 of [{ gpu: "L4" }, { gpu: "L4", nodes: { max: 1 }, disc: "200Gi" }]) {
      const { error } = stackFile.safeParse({ config: { cluster, pools: { l4 } } });
      assert.deepEqual(
        error?.issues.map(({ path }) => path.join(".")),
        ["config.pools.l4"],
      );
    }
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
