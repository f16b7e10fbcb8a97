import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { buildEnvironment, type Outputs } from "../../stacks/environment";
import { at, deploy, type Recorded, type Run } from "../support/deploy";
import { fromFile } from "./stack-files";
import { objects, without } from "./team-objects";

/** A team's file with an image that is built, jobs, and a bucket (on an existing cluster: a claim) that they write and read. */
const digits = `
namespace: vision
services:
  digits:
    build: ./examples/digits
    pool: small
    gpus: 1
    mounts: { /models: models/digits }
jobs:
  train:
    build: ./examples/digits
    command: [python, train.py, --out, /models]
    pool: small
    gpus: 1
    mounts: { /models: { volume: models/digits, write: true } }
  retrain:
    build: ./examples/digits
    command: [python, train.py, --out, /models]
    schedule: "0 3 * * *"
    mounts: { /models: { volume: models/digits, write: true } }
`;

/** The platform's files: where the pods are, and where the volume of the team's file is. */
const platform = {
  existing: `
  cluster:
    kind: existing
    kubeconfig: test/fixtures/kubeconfig.yaml
    registry: registry.example/team
  pools: { small: { gpu: T4, select: { pool: small }, nodes: { max: 4 } } }
  volumes: { models: { claim: models, namespace: vision, access: any-node } }`,
  gke: `
  gcp:project: acme-ml
  cluster: { kind: gke, region: us-central1 }
  pools: { small: { gpu: T4, zones: [us-central1-a], nodes: { max: 4 } } }
  volumes: { models: { bucket: acme-models } }`,
  eks: `
  cluster: { kind: eks, region: us-east-1, access: [203.0.113.0/24] }
  pools: { small: { gpu: T4, nodes: { max: 4 } } }
  volumes: { models: { bucket: acme-models } }`,
  aks: `
  azure-native:location: eastus
  cluster: { kind: aks, region: eastus }
  pools: { small: { gpu: T4, nodes: { max: 4 } } }
  volumes: { models: { bucket: acme-storage/acmemodels/models } }`,
};

type Kind = keyof typeof platform;
const clouds = ["gke", "eks", "aks"] as const;

/** What a cloud may make different in a pod, and why. */
const inPod = [
  // Each cluster has a registry of its own.
  "spec\\.containers\\.0\\.image$",
  // Which nodes the pods go to.
  "spec\\.nodeSelector\\.",
  "spec\\.tolerations\\.",
  // How the volume is mounted: a bucket brings its folder and its permissions itself, a claim has them from the pod.
  "spec\\.volumes\\.0\\.(?:csi|persistentVolumeClaim)\\.",
  "spec\\.containers\\.0\\.volumeMounts\\.0\\.subPath$",
  "spec\\.securityContext\\.fsGroup(?:ChangePolicy)?$",
  // By what the cloud's own controllers find pods that use a bucket.
  "metadata\\.annotations\\.gke-gcsfuse/(?:volumes|(?:cpu|memory)-(?:request|limit)|ephemeral-storage-limit)$",
  "metadata\\.labels\\.azure\\.workload\\.identity/use$",
];

/** Everything that a cloud may make different in what the team's file asks for. */
const mayDiffer: Record<string, RegExp[]> = {
  "kubernetes:core/v1:Namespace": [/^metadata\.labels\.(elbv2\.k8s\.aws|eks\.amazonaws\.com)\//],
  "kubernetes:apps/v1:Deployment": [/^spec\.progressDeadlineSeconds$/, ...podAt("spec.template")],
  "kubernetes:batch/v1:Job": podAt("spec.template"),
  "kubernetes:batch/v1:CronJob": podAt("spec.jobTemplate.spec.template"),
  // Who the pod is for the cloud.
  "kubernetes:core/v1:ServiceAccount": [
    /^metadata\.annotations\.azure\.workload\.identity\/client-id$/,
  ],
  // A bucket is reached over the network, behind the rule for DNS that all have.
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": [
    /^spec\.egress\.2\.ports\.0\./,
    /^spec\.egress\.3\.to\.0\.ipBlock\.cidr$/,
  ],
};

function podAt(path: string): RegExp[] {
  return inPod.map((inside) => new RegExp(`^${path.replace(/\./g, "\\.")}\\.${inside}`));
}

/** The objects by which some clouds mount a bucket; an existing cluster's claim is somebody else's. */
function mountsBucket({ type, name }: Recorded): boolean {
  return /^kubernetes:core\/v1:PersistentVolume(?:Claim)?$/.test(type) && /-models-/.test(name);
}

async function run(kind: Kind): Promise<Run<Outputs>> {
  const stack = fromFile({
    [`Pulumi.${kind}.yaml`]: `config:${platform[kind]}
  namespaces: { vision: {} }
  include: [teams/digits.yaml]`,
    "teams/digits.yaml": digits,
    "examples/digits/Dockerfile": "FROM scratch",
  });
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

/** What the entries' pods are made from, by entry. */
function pods({ find }: Run<Outputs>) {
  const template = (type: string, name: string, path: string) => ({
    inputs: { pod: at(find(type, name), path) },
  });
  return {
    digits: template("kubernetes:apps/v1:Deployment", "digits", "spec.template.spec"),
    train: template("kubernetes:batch/v1:Job", "train", "spec.template.spec"),
    retrain: template(
      "kubernetes:batch/v1:CronJob",
      "retrain",
      "spec.jobTemplate.spec.template.spec",
    ),
  };
}

describe("the same file of a team with a built image, jobs and a bucket", function () {
  this.slow(60_000);

  for (const kind of clouds) {
    it(`gives the same objects on ${kind} as on a cluster that exists, but for how its bucket is mounted`, async () => {
      const [there, here] = [objects(await run("existing")), objects(await run(kind))];

      const plain = (all: Recorded[]) =>
        all.filter((one) => !mountsBucket(one)).map((one) => without(mayDiffer, one));
      assert.deepEqual(plain(here), plain(there));
      for (const type of ["apps/v1:Deployment", "batch/v1:Job", "batch/v1:CronJob"]) {
        assert.ok(there.some((one) => one.type === `kubernetes:${type}`));
      }
    });

    it(`runs one image, built once, in all its pods on ${kind}`, async () => {
      const done = await run(kind);

      const images = Object.values(pods(done)).map((pod) => at(pod, "pod.containers[0].image"));
      assert.match(String(images[0]), /\/examples-digits@sha256:0123$/);
      assert.equal(new Set(images).size, 1);
      assert.equal(
        done.resources.filter(({ type }) => type === "docker-build:index:Image").length,
        1,
      );
    });

    it(`lets the jobs write the bucket on ${kind}, and the service only read it`, async () => {
      const mounted = Object.entries(pods(await run(kind))).map(([name, pod]) => {
        const source =
          at(pod, "pod.volumes[0].csi") ?? at(pod, "pod.volumes[0].persistentVolumeClaim");
        return [name, at({ inputs: { source } }, "source.readOnly")];
      });

      assert.deepEqual(Object.fromEntries(mounted), { digits: true, train: false, retrain: false });
    });

    it(`puts service and job on the nodes of the pool that they name on ${kind}`, async () => {
      const done = await run(kind);

      const { digits, train } = pods(done);
      const placed = done.result.cluster.pools.small;
      for (const pod of [digits, train]) {
        assert.deepEqual(at(pod, "pod.nodeSelector"), placed?.nodeSelector);
        assert.deepEqual(at(pod, "pod.tolerations"), placed?.tolerations);
      }
      assert.notDeepEqual(placed?.nodeSelector, {});
    });
  }
});
