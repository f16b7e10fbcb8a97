import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { buildEnvironment, type Outputs } from "../../stacks/environment";
import { at, deploy, valueOf, type Run } from "../support/deploy";
import { fromFile } from "./stack-files";

const root = join(__dirname, "..", "..");
const text = (path: string) => readFileSync(join(root, path), "utf8");

/** A team's file with an image that is built, jobs, and a bucket (on an existing cluster: a claim) that they write and read. */
const digits = `
namespace: vision
services:
  digits:
    build: ./examples/digits
    mounts: { /models: models/digits }
jobs:
  train:
    build: ./examples/digits
    command: [python, train.py, --out, /models]
    pool: small
    mounts: { /models: { volume: models/digits, write: true } }
  retrain:
    build: ./examples/digits
    command: [python, train.py, --out, /models]
    schedule: "0 3 * * *"
    mounts: { /models: { volume: models/digits, write: true } }
`;

/** The teams' files, which are the same on every cloud. */
const teams = {
  "teams/chat.yaml": text("teams/chat.yaml"),
  "teams/vision.yaml": text("teams/vision.yaml"),
  "teams/digits.yaml": digits,
  "examples/digits/Dockerfile": "FROM scratch",
};

/** The platform's file for a cluster that exists, with what the worked examples of the clouds have. */
const existing = `
config:
  cluster:
    kind: existing
    kubeconfig: test/fixtures/kubeconfig.yaml
    registry: registry.example/team
    loadBalancer: { internal: { class: example.com/ilb } }
  pools:
    small: { gpu: L4, select: { pool: small }, taints: [&taint "nvidia.com/gpu=present:NoSchedule"], nodes: { max: 4 } }
    large: { gpu: H100, select: { pool: large }, taints: [*taint], nodes: { max: 3 } }
  volumes: { models: { claim: models, namespace: vision, access: any-node } }
  namespaces: { chat: {}, vision: {} }
  include: [teams/chat.yaml, teams/digits.yaml, teams/vision.yaml]
`;

/** A team's own file, on the cluster of the platform's stack; no cluster of another stack has a bucket. */
const elsewhere = `
config:
  cluster: { kind: existing, stack: acme/gpu-serving/prod }
  namespaces: { chat: {}, vision: {} }
  include: [teams/chat.yaml, teams/vision.yaml]
`;

const platform = {
  existing,
  ...{ gke: text("Pulumi.gke.yaml"), eks: text("Pulumi.eks.yaml"), aks: text("Pulumi.aks.yaml") },
};
type Kind = keyof typeof platform;
const clouds = ["gke", "eks", "aks"] as const;

const ofDigits = /digits|train/;

/** What a cloud may make different in a pod, and why. */
const inPod = [
  // Which nodes it goes to.
  /spec\.nodeSelector/,
  /spec\.tolerations/,
  // How long a load balancer sends requests to a pod that goes.
  /spec\.terminationGracePeriodSeconds$/,
  /spec\.containers.*\.lifecycle\.preStop\.sleep\.seconds$/,
];

/** What it may make different in a pod of digits besides. */
const inPodOfDigits = [
  // Each cluster has a registry of its own.
  /spec\.containers\.0\.image$/,
  // How the volume is mounted: a bucket brings its folder and its permissions itself, a claim has them from the pod.
  /spec\.volumes\.0\.(?:csi|persistentVolumeClaim)\./,
  /spec\.containers\.0\.volumeMounts\.0\.subPath$/,
  /spec\.securityContext\.fsGroup(?:ChangePolicy)?$/,
  // By what the cloud's own controllers find pods that use a bucket.
  /metadata\.annotations\.gke-gcsfuse\/(?:volumes|(?:cpu|memory)-(?:request|limit)|ephemeral-storage-limit)$/,
  /metadata\.labels\.azure\.workload\.identity\/use$/,
];

/** What it may make different in other objects, and why. */
const inObject: Record<string, RegExp[]> = {
  // The controllers of the clouds find namespaces by labels of theirs.
  "kubernetes:core/v1:Namespace": [/^metadata\.labels\.(elbv2\.k8s\.aws|eks\.amazonaws\.com)\//],
  // How long new nodes may take to come.
  "kubernetes:apps/v1:Deployment": [/^spec\.progressDeadlineSeconds$/],
  // How a load balancer is made.
  "kubernetes:core/v1:Service": [/^metadata\.annotations/, /^spec\.loadBalancerClass$/],
};

/** The same for digits: who the pod is for the cloud, and that it reaches a bucket over the network, behind the rule for DNS. */
const inObjectOfDigits: Record<string, RegExp[]> = {
  "kubernetes:core/v1:ServiceAccount": [
    /^metadata\.annotations\.azure\.workload\.identity\/client-id$/,
  ],
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": [
    /^spec\.egress\.2\.ports\.0\./,
    /^spec\.egress\.3\.to\.0\.ipBlock\.cidr$/,
  ],
};

/** What the teams' files and the namespaces led to: every object that is not the cluster's own, nor mounts a bucket. */
function objects({ resources }: Run<object>) {
  const claimOfBucket = /^kubernetes:core\/v1:PersistentVolume(?:Claim)? .*-models-/;
  return resources
    .filter(({ type, name }) => type.startsWith("kubernetes:") && !/^cluster(-|$)/.test(name))
    .filter(({ type, name }) => !claimOfBucket.test(`${type} ${name}`))
    .map(({ type, name, inputs }) => ({ type, name, inputs }))
    .sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
}

/** An object without what may differ. */
function comparable({ type, name, inputs }: ReturnType<typeof objects>[number]) {
  const isOfDigits = ofDigits.test(name);
  const ofPod = isOfDigits ? [...inPod, ...inPodOfDigits] : inPod;
  const free = [...(inObject[type] ?? []), ...((isOfDigits && inObjectOfDigits[type]) || [])];
  const mayDiffer = (path: string) => {
    const [, inside] = /^spec\.(?:jobTemplate\.spec\.)?template\.(.*)$/.exec(path) ?? [];
    return (
      free.some((form) => form.test(path)) || (inside && ofPod.some((form) => form.test(inside)))
    );
  };
  return { type, name, inputs: leaves(inputs).filter(([path]) => !mayDiffer(path)) };
}

/** Every value in an object, by its path. */
function leaves(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  const inner = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return inner.flatMap(([key, item]) => leaves(item, path === "" ? key : `${path}.${key}`));
}

/** Runs the program for a cluster of the kind. */
async function run(kind: Kind): Promise<Run<Outputs>> {
  const stack = fromFile({ [`Pulumi.${kind}.yaml`]: platform[kind], ...teams });
  const { fetch } = globalThis;
  // Azure's registry is asked for a token.
  globalThis.fetch = () => Promise.resolve(Response.json({ refresh_token: "a token" }));
  try {
    return await deploy(() => {
      pulumi.runtime.setConfig("gcp:project", "acme-ml");
      return buildEnvironment(stack);
    });
  } finally {
    globalThis.fetch = fetch;
  }
}

const runs = new Map<Kind, Promise<Run<Outputs>>>();

/** The one run for the kind: a cloud's SDK takes seconds to load. */
function once(kind: Kind): Promise<Run<Outputs>> {
  const running = runs.get(kind) ?? run(kind);
  runs.set(kind, running);
  return running;
}

/** The pod of an entry. */
function podOf({ find }: Run<Outputs>, type: "Deployment" | "Job" | "CronJob", name: string) {
  const path = type === "CronJob" ? "spec.jobTemplate.spec.template.spec" : "spec.template.spec";
  const group = type === "Deployment" ? "apps" : "batch";
  return { inputs: { pod: at(find(`kubernetes:${group}/v1:${type}`, name), path) } };
}

/** The pods of digits. */
const podsOfDigits = (run: Run<Outputs>) => [
  podOf(run, "Deployment", "digits"),
  podOf(run, "Job", "train"),
  podOf(run, "CronJob", "retrain"),
];

describe("the same files of the teams", function () {
  this.slow(60_000);

  for (const kind of clouds) {
    it(`give the same objects on ${kind} as on a cluster that exists`, async () => {
      const [there, here] = [objects(await once("existing")), objects(await once(kind))];

      const many = (type: string) =>
        there.filter((one) => one.type === `kubernetes:${type}`).length;
      const types = ["apps/v1:Deployment", "batch/v1:Job", "batch/v1:CronJob"];
      assert.deepEqual(types.map(many), [4, 1, 1]);
      assert.deepEqual(here.map(comparable), there.map(comparable));
    });

    it(`give the same objects and outputs on another stack's ${kind} cluster, in every path`, async () => {
      const direct = await once(kind);
      const other = { ...direct.result.cluster, kubeconfig: "text" };
      const stack = fromFile({ "Pulumi.team.yaml": elsewhere, ...teams });
      const run = await deploy(() => buildEnvironment(stack, other));

      const withoutDigits = objects(direct).filter(({ name }) => !ofDigits.test(name));
      assert.deepEqual(objects(run), withoutDigits);
      const { digits, ...others } = await addresses(direct.result);
      assert.ok(digits);
      assert.deepEqual(await addresses(run.result), others);
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
      const done = await once(kind);

      for (const [type, name, pool] of [
        ["Deployment", "chat", "large"],
        ["Deployment", "inference", "small"],
        ["Job", "train", "small"],
      ] as const) {
        const pod = podOf(done, type, name);
        const placed = done.result.cluster.pools[pool];
        assert.deepEqual(at(pod, "pod.nodeSelector"), placed?.nodeSelector);
        assert.deepEqual(at(pod, "pod.tolerations"), placed?.tolerations);
        assert.notDeepEqual(placed?.nodeSelector, {});
      }
    });

    it(`run one image, built once, in all pods that are built from one folder on ${kind}`, async () => {
      const done = await once(kind);

      const images = podsOfDigits(done).map((pod) => at(pod, "pod.containers[0].image"));
      assert.match(String(images[0]), /\/examples-digits@sha256:0123$/);
      assert.equal(new Set(images).size, 1);
      const built = done.resources.filter(({ type }) => type === "docker-build:index:Image");
      assert.equal(built.length, 1);
    });

    it(`let the jobs write the bucket on ${kind}, and the service only read it`, async () => {
      const readOnly = podsOfDigits(await once(kind)).map(
        (pod) =>
          at(pod, "pod.volumes[0].csi.readOnly") ??
          at(pod, "pod.volumes[0].persistentVolumeClaim.readOnly"),
      );

      assert.deepEqual(readOnly, [true, false, false]);
    });

    it(`keep the kubeconfig of ${kind} a secret`, async () => {
      assert.equal(await pulumi.isSecret((await once(kind)).result.kubeconfig), true);
    });
  }

  it("tell other stacks of the cluster in plain values", async () => {
    for (const kind of ["existing", ...clouds] as const) {
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
  return Object.fromEntries(await Promise.all(all)) as Record<string, unknown>;
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
