import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { buildEnvironment, type Outputs } from "../../stacks/environment";
import { deploy, valueOf, type Recorded, type Run } from "../support/deploy";
import { fromFile } from "./stack-files";
import { objects, without } from "./team-objects";

const root = join(__dirname, "..", "..");
const text = (path: string) => readFileSync(join(root, path), "utf8");

/** The teams' files, which are the same on every cloud. */
const teams = {
  "teams/chat.yaml": text("teams/chat.yaml"),
  "teams/vision.yaml": text("teams/vision.yaml"),
};

/** The platform's file for a cluster that exists, with what the worked examples of the clouds have. */
const existing = `
config:
  cluster:
    kind: existing
    kubeconfig: test/fixtures/kubeconfig.yaml
    loadBalancer: { internal: { class: example.com/ilb } }
  pools:
    small: { gpu: L4, select: { pool: small }, nodes: { max: 4 } }
    large: { gpu: H100, select: { pool: large }, nodes: { max: 3 } }
  namespaces: { chat: {}, vision: {} }
  include: [teams/chat.yaml, teams/vision.yaml]
`;

/** A team's own file, on the cluster of the platform's stack. */
const elsewhere = `
config:
  cluster: { kind: existing, stack: acme/gpu-serving/prod }
  namespaces: { chat: {}, vision: {} }
  include: [teams/chat.yaml, teams/vision.yaml]
`;

/** The worked example of a cloud, without the file that mounts a bucket: no existing cluster has one. */
const cloud = (kind: string) => text(`Pulumi.${kind}.yaml`).replace("teams/digits.yaml, ", "");

const platform = { existing, gke: cloud("gke"), eks: cloud("eks"), aks: cloud("aks") };

type Kind = keyof typeof platform;
const kinds: readonly Kind[] = ["existing", "gke", "eks", "aks"];

/** Everything that a cloud may make different in what the teams' files ask for, and why. */
const mayDiffer: Record<string, RegExp[]> = {
  // The controllers of the clouds find pods and namespaces by labels of theirs.
  "kubernetes:core/v1:Namespace": [/^metadata\.labels\.(elbv2\.k8s\.aws|eks\.amazonaws\.com)\//],
  // Which nodes the pods go to, and how long those may take to come.
  "kubernetes:apps/v1:Deployment": [
    /^spec\.template\.spec\.nodeSelector/,
    /^spec\.template\.spec\.tolerations/,
    /^spec\.progressDeadlineSeconds$/,
    // How long a load balancer sends requests to a pod that goes.
    /^spec\.template\.spec\.terminationGracePeriodSeconds$/,
    /^spec\.template\.spec\.containers.*\.lifecycle\.preStop\.sleep\.seconds$/,
  ],
  // How a load balancer is made.
  "kubernetes:core/v1:Service": [/^metadata\.annotations/, /^spec\.loadBalancerClass$/],
};

/** What the platform's file for the kind and the teams' files say. */
function inFile(kind: Kind) {
  return fromFile({ [`Pulumi.${kind}.yaml`]: platform[kind], ...teams });
}

/** Runs the program for a cluster of the kind. */
function run(kind: Kind): Promise<Run<Outputs>> {
  return deploy(() => {
    pulumi.runtime.setConfig("gcp:project", "acme-ml");
    return buildEnvironment(inFile(kind));
  });
}

const runs = new Map<Kind, Promise<Run<Outputs>>>();

/** The one run for the kind: a cloud's SDK takes seconds to load. */
function once(kind: Kind): Promise<Run<Outputs>> {
  const running = runs.get(kind) ?? run(kind);
  runs.set(kind, running);
  return running;
}

/** An object without what may differ. */
function comparable(one: Recorded) {
  return without(mayDiffer, one);
}

describe("the same files of the teams", function () {
  this.slow(60_000);

  for (const kind of kinds.slice(1)) {
    it(`give the same objects on ${kind} as on a cluster that exists`, async () => {
      const [there, here] = [objects(await once("existing")), objects(await once(kind))];

      assert.equal(there.filter(({ type }) => type === "kubernetes:apps/v1:Deployment").length, 3);
      assert.deepEqual(here.map(comparable), there.map(comparable));
    });

    it(`give the same objects and outputs on another stack's ${kind} cluster, in every path`, async () => {
      const direct = await once(kind);
      const other = { ...direct.result.cluster, kubeconfig: "text" };
      const stack = fromFile({ "Pulumi.team.yaml": elsewhere, ...teams });
      const run = await deploy(() => buildEnvironment(stack, other));
      const told = (one: Recorded) => ({ type: one.type, name: one.name, inputs: one.inputs });

      assert.deepEqual(objects(run).map(told), objects(direct).map(told));
      assert.deepEqual(await addresses(run.result), await addresses(direct.result));
      assert.deepEqual(run.result.cluster, direct.result.cluster);
      assert.ok(!run.resources.some(({ type }) => /^(gcp|aws|azure-native):/.test(type)));
    });

    it(`give the same outputs on ${kind} as on a cluster that exists`, async () => {
      const [there, here] = [(await once("existing")).result, (await once(kind)).result];

      assert.deepEqual(Object.keys(here), Object.keys(there));
      assert.deepEqual(await addresses(here), await addresses(there));
      assert.deepEqual(Object.keys(here.cluster.pools), Object.keys(there.cluster.pools));
      assert.deepEqual(Object.keys(here.cluster.loadBalancers), ["public", "internal"]);
    });

    it(`select and tolerate the nodes of the pool that they name on ${kind}`, async () => {
      const { find, result } = await once(kind);

      for (const [service, pool] of [
        ["chat", "large"],
        ["inference", "small"],
      ] as const) {
        const { spec } = find("kubernetes:apps/v1:Deployment", service).inputs as {
          spec: { template: { spec: { nodeSelector: unknown; tolerations: unknown } } };
        };
        const placed = result.cluster.pools[pool];
        assert.deepEqual(spec.template.spec.nodeSelector, placed?.nodeSelector);
        assert.deepEqual(spec.template.spec.tolerations, placed?.tolerations);
        assert.notDeepEqual(placed?.nodeSelector, {});
      }
    });

    it(`keep the kubeconfig of ${kind} a secret`, async () => {
      assert.equal(await pulumi.isSecret((await once(kind)).result.kubeconfig), true);
    });
  }

  it("tell other stacks of the cluster in plain values", async () => {
    for (const kind of kinds) {
      const { cluster } = (await once(kind)).result;
      assert.deepEqual(JSON.parse(JSON.stringify(cluster)), withoutUndefined(cluster), kind);
    }
  });
});

describe("what a cloud takes all the same", () => {
  it("is told once in a run, by the cluster, and once by who reads the file alone", async () => {
    const stack = fromFile({
      "Pulumi.prod.yaml": `
        config:
          cluster: { kind: eks, region: us-east-1, version: "1.35", access: [203.0.113.0/24] }
          pools: { l4: { gpu: L4, nodes: { min: 1, max: 2 }, capacity: [spot] } }`,
    });
    const { warnings } = await deploy(() => buildEnvironment(stack));

    for (const told of [warnings, stack.warnings]) {
      assert.equal(
        told.filter((text) => /from capacity that the cloud takes back/.test(text)).length,
        1,
      );
      assert.equal(told.length, 1, told.join("\n"));
    }
  });
});

async function addresses({ services }: Outputs) {
  const all = Object.entries(services).map(async ([name, { url, internalUrl }]) => [
    name,
    { url: await valueOf(url), internalUrl: await valueOf(internalUrl) },
  ]);
  return Object.fromEntries(await Promise.all(all)) as unknown;
}

/** What JSON makes of plain values, and nothing else: an output or a function would not be equal. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  assert.ok(!pulumi.Output.isInstance(value));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, withoutUndefined(inner)]),
  );
}
