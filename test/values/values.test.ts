import assert from "node:assert";
import type { z } from "zod";
import { nearest } from "../../components/spelling";
import { clouds } from "../../components/clouds/clouds";
import { diskSize, kubernetesVersion } from "../../values/cloud";
import { stackName } from "../../values/names";
import { range } from "../../catalog/cidr";
import { cpuQuantity, memoryQuantity, time } from "../../values/amounts";
import { imageVersion } from "../../values/image";
import { rules } from "../../values/rule";
import {
  cpu,
  duration,
  isMemory,
  nearestSeconds,
  nearestMemory,
  seconds,
} from "../../values/units";

/** One test for each pair of what goes in and what must come out. */
function table<In, Out>(claim: string, of: (input: In) => Out, pairs: [In, Out][]) {
  for (const [input, output] of pairs) {
    it(`${claim}: ${JSON.stringify(input)}`, () => assert.deepStrictEqual(of(input), output));
  }
}

/** What is said of a value that a schema refuses. */
function said(schema: z.ZodType, found: unknown): string | undefined {
  assert.equal(schema.safeParse(found).success, false);
  const { problem, fix } = rules.get(schema)?.explain?.(found) ?? {};
  return problem && `${problem}: ${fix}`;
}

describe("spelling", () => {
  const keys = ["cluster", "namespace", "namespaces", "cpu", "gpus", "pool", "port", "pullSecrets"];
  table("did you mean", (word: string) => nearest(word, keys), [
    ["clutser", "cluster"],
    ["Cluster", "cluster"],
    ["pull_secrets", "pullSecrets"],
    ["namespce", "namespace"],
    ["gpu", "gpus"],
    ["prt", "port"],
    ["tolerations", undefined],
    ["x", undefined],
    ["", undefined],
  ]);
});

describe("a duration", () => {
  table("in seconds", seconds, [
    ["0s", 0],
    ["90s", 90],
    ["10m", 600],
    ["1h30m", 5400],
    ["1h1m1s", 3661],
    ["5min", undefined],
    ["30m1h", undefined],
    ["1.5h", undefined],
    ["-5m", undefined],
    ["5 m", undefined],
    ["5M", undefined],
    ["", undefined],
    ["10", undefined],
  ]);
  table("in the fewest units", duration, [
    [0, "0s"],
    [90, "90s"],
    [600, "10m"],
    [43200, "12h"],
  ]);
  table("that was meant, in seconds", nearestSeconds, [
    ["5min", 300],
    ["5 minutes", 300],
    ["90 Sec", 90],
    ["1.5h", 5400],
    ["2 days", 172800],
    ["500ms", undefined],
    ["0.3s", undefined],
    ["soon", undefined],
  ]);
});

describe("CPU", () => {
  table("as Kubernetes stores it", cpu, [
    [2, "2"],
    [0.5, "500m"],
    ["0.25", "250m"],
    ["500m", "500m"],
    ["2000m", "2"],
    ["2", "2"],
    [1.001, "1001m"],
    [0, undefined],
    [-1, undefined],
    [NaN, undefined],
    [1e21, undefined],
    ["0m", undefined],
    ["2.5m", undefined],
    ["0.0001", undefined],
    ["2 cores", undefined],
  ]);
});

describe("an amount that is refused", () => {
  const startup = time(10, 3600, "10m");
  table("of time", (found: unknown) => said(startup, found), [
    [300, "unit missing: write 300s if seconds are meant"],
    ["30", "unit missing: write 30s if seconds are meant"],
    [10.5, "unit missing: add the unit, for example 10m"],
    [9, "unit missing: add the unit, for example 10m"],
    ["5min", "not a duration: write 5m"],
    ["1.5h", "not a duration: write 1h"],
    ["500ms", "not a duration: write it like 10m"],
    ["9s", "out of range: write 10s"],
    ["1h30m", "out of range: write 1h"],
    [["5m"], undefined],
  ]);
  table("of CPU", (found: unknown) => said(cpuQuantity, found), [
    ["2 cores", "not an amount of CPU: write 2"],
    [1.2345, "not an amount of CPU: write 2 for two cores or 500m for half a core"],
    [0, "out of range: write 2 for two cores or 500m for half a core"],
  ]);
  table("of memory", (found: unknown) => said(memoryQuantity, found), [
    [8, "unit missing: write 8Gi if gibibytes are meant"],
    ["16", "unit missing: write 16Gi if gibibytes are meant"],
    ["8GB", "not an amount of memory: write 8G or 8Gi"],
    ["plenty", "not an amount of memory: write it like 8Gi"],
    ["0Gi", "out of range: write it like 8Gi"],
    [0, "out of range: write it like 8Gi"],
    [["8Gi"], undefined],
  ]);

  it("is beyond the bounds, which are taken themselves", () => {
    assert.deepEqual([startup.parse("10s"), startup.parse("1h")], [10, 3600]);
  });
});

describe("memory", () => {
  table("with its unit", isMemory, [
    ["8Gi", true],
    ["0.5Ti", true],
    ["8G", true],
    ["100k", true],
    ["100K", false],
    ["8GB", false],
    ["8gi", false],
    ["512m", false],
    ["8", false],
    ["0Gi", false],
  ]);
  table("that was meant", nearestMemory, [
    ["8GB", ["8G", "8Gi"]],
    ["8GiB", ["8Gi"]],
    ["8gb", ["8G", "8Gi"]],
    ["512m", ["512Mi"]],
    ["64kb", ["64k", "64Ki"]],
    ["plenty", []],
  ]);
});

describe("a range of addresses", () => {
  const canonical = (text: string) => range(text)?.canonical;
  table("in canonical form", canonical, [
    ["203.0.113.0/24", "203.0.113.0/24"],
    ["203.0.113.77/24", "203.0.113.0/24"],
    ["203.0.113.77/32", "203.0.113.77/32"],
    ["255.255.255.255/1", "128.0.0.0/1"],
    ["10.1.2.3/0", "0.0.0.0/0"],
    ["2001:db8::/32", "2001:db8::/32"],
    ["2001:DB8:0:0::1/128", "2001:db8::1/128"],
    ["2001:db8::1/32", "2001:db8::/32"],
    ["1:0:0:2:0:0:0:3/128", "1:0:0:2::3/128"],
    ["fd00::1:0:0:1/128", "fd00::1:0:0:1/128"],
    ["::/0", "::/0"],
    ["::1/128", "::1/128"],
    ["::ffff:10.0.0.1/128", "::ffff:a00:1/128"],
    ["203.0.113.0", undefined],
    ["203.0.113.0/", undefined],
    ["203.0.113.0/33", undefined],
    ["203.0.113.0/24/8", undefined],
    ["203.0.113/24", undefined],
    ["203.0.113.256/24", undefined],
    ["2001:db8::/129", undefined],
    ["fe80::1%eth0/64", undefined],
    ["office", undefined],
    ["", undefined],
  ]);

  it("tells whether bits are set behind its length", () => {
    assert.deepStrictEqual(
      ["10.0.0.0/8", "10.0.0.1/8", "2001:db8::/32", "2001:db8::1/32"].map(
        (text) => range(text)?.hostBits,
      ),
      [false, true, false, true],
    );
  });
});

describe("an image", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  table("has the version", imageVersion, [
    ["mymodel:v1", { tag: "v1", digest: undefined }],
    ["mymodel", { tag: undefined, digest: undefined }],
    ["your-repo/your-model-server:v1.2", { tag: "v1.2", digest: undefined }],
    ["localhost/digits:dev", { tag: "dev", digest: undefined }],
    ["registry.example:5000/team/chat", { tag: undefined, digest: undefined }],
    ["Registry.Example/team/chat__x:V1_2-rc.1", { tag: "V1_2-rc.1", digest: undefined }],
    [`nvcr.io/nim/meta/llama@${digest}`, { tag: undefined, digest }],
    [`chat:v1@${digest}`, { tag: "v1", digest }],
    ["Team/Chat:v1", undefined],
    ["chat:", undefined],
    ["chat:v1:v2", undefined],
    ["chat :v1", undefined],
    ["https://registry.example/chat:v1", undefined],
    ["chat@sha256:abc", undefined],
    ["-chat:v1", undefined],
    [`${"a".repeat(60)}!`, undefined],
    ["", undefined],
  ]);
});

describe("a disk", () => {
  table("in whole GiB", (found: string) => diskSize.safeParse(found).data, [
    ["200Gi", 200],
    ["1Ti", 1024],
    ["0.5Ti", 512],
    ["200G", 187],
    ["1T", 932],
    ["1.5Gi", 2],
    ["0Gi", undefined],
    ["200", undefined],
    ["200GB", undefined],
  ]);
});

describe("a version of Kubernetes", () => {
  table("is a minor version", (found: unknown) => kubernetesVersion.safeParse(found).success, [
    ["1.35", true],
    ["1.35.1", false],
    ["v1.35", false],
    [1.35, false],
    ["1.5", false],
    ["latest", false],
  ]);
});

describe("a region", () => {
  for (const [cloud, names] of Object.entries({
    gke: ["us-central1", "europe-west4", "northamerica-northeast2"],
    eks: ["us-east-1", "ap-southeast-2", "us-gov-west-1", "eu-central-1"],
    aks: ["eastus", "eastus2", "westeurope", "germanywestcentral"],
  })) {
    for (const [other, { cluster }] of Object.entries(clouds)) {
      it(`of ${cloud} is ${other === cloud ? "" : "not "}one of ${other}`, () => {
        for (const name of names) {
          assert.equal(cluster.shape.region.safeParse(name).success, other === cloud, name);
        }
      });
    }
  }
});

describe("the full name of a stack", () => {
  table("has three parts", (found: string) => stackName.safeParse(found).success, [
    ["acme/gpu-serving/prod", true],
    ["organization/gpu-serving/prod.eu", true],
    ["gpu-serving/prod", false],
    ["prod", false],
    ["acme/gpu serving/prod", false],
  ]);
});
