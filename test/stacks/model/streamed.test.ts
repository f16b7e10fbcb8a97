import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy } from "../../support/deploy";
import { fromFile, refusal } from "../stack-files";

type Cloud = "gke" | "eks" | "aks";

const clusters: Record<Cloud, string> = {
  gke: `
  gcp:project: acme-ml
  cluster: { kind: gke, region: us-central1 }
  pools: { l4: { gpu: L4, zones: [us-central1-a], nodes: { max: 4 } } }
  volumes: { models: { bucket: acme-models }, scratch: { nodeCache: 50Gi } }`,
  eks: `
  cluster: { kind: eks, region: eu-west-1, access: [203.0.113.0/24] }
  pools: { l4: { gpu: L4, nodes: { max: 4 } } }
  volumes: { models: { bucket: acme-models } }`,
  aks: `
  azure-native:location: eastus
  cluster: { kind: aks, region: eastus, version: "1.35" }
  pools: { a100: { gpu: A100-80, nodes: { max: 4 } } }
  volumes: { models: { bucket: shared/acme/weights } }`,
};

/** A stack with one service, in a namespace of its own, which is closed. */
function stackOf(cloud: Cloud, entry: string) {
  return fromFile({
    "Pulumi.prod.yaml": `
config:${clusters[cloud]}
  namespaces: { chat: {} }
  services:
    chat: ${entry}`,
  });
}

interface Pod {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: {
    volumes: { name: string; csi?: object; emptyDir?: object }[];
    containers: {
      args: string[];
      env: { name: string; value?: string }[];
      volumeMounts: { name: string; mountPath: string; subPath?: string }[];
    }[];
  };
}

/** What the service becomes on a cloud. */
async function served(cloud: Cloud, entry: string) {
  const stack = stackOf(cloud, entry);
  const run = await deploy(() => {
    pulumi.runtime.setConfig("gcp:project", "acme-ml");
    return buildEnvironment(stack);
  });
  const pod = at(run.find("kubernetes:apps/v1:Deployment", "chat"), "spec.template") as Pod;
  const [container] = pod.spec.containers;
  assert.ok(container);
  const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  return { ...run, pod, container, env };
}

const fromBucket =
  "{ model: { name: Qwen/Qwen3-8B-AWQ, from: models/qwen3 }, contextTokens: 4096 }";

/** Where the pod gets its weights: what the engine is told, and what is mounted for it. */
function sourceOf({
  container,
  pod,
}: Pick<Awaited<ReturnType<typeof served>>, "container" | "pod">) {
  const { args, volumeMounts } = container;
  return {
    model: args.find((arg) => /^(?:\/|\w+:\/\/)/.test(arg)),
    streamer: args.includes("runai_streamer"),
    mounted: volumeMounts.some(({ mountPath }) => mountPath === "/model"),
    buckets: pod.spec.volumes.filter(({ name }) => name === "models").length,
  };
}

const streamed = { streamer: true, mounted: false, buckets: 0 };
const mounted = { model: "/model", streamer: false, mounted: true, buckets: 1 };

describe("weights in a bucket on GKE", () => {
  it("are streamed by the identity of the pod, with no driver beside its containers", async () => {
    const run = await served("gke", fromBucket);

    assert.deepEqual(sourceOf(run), { ...streamed, model: "gs://acme-models/qwen3" });
    const annotations = Object.keys(run.pod.metadata.annotations);
    assert.ok(!annotations.some((key) => key.startsWith("gke-gcsfuse/")), annotations.join());
    const roles = run.resources.filter(
      ({ type }) => type === "gcp:storage/bucketIAMMember:BucketIAMMember",
    );
    assert.deepEqual(
      roles.map(({ name, inputs }) => [name, inputs.bucket, inputs.role]),
      [
        ["cluster-chat-models", "acme-models", "roles/storage.objectViewer"],
        ["cluster-chat-models-itself", "acme-models", "roles/storage.legacyBucketReader"],
      ],
    );
    assert.match(String(roles[0]?.inputs.member), /\/ns\/chat\/sa\/chat$/);
    const account = run.find("kubernetes:core/v1:ServiceAccount", "chat-account");
    assert.deepEqual(
      account.options.dependsOn,
      roles.map(({ resource }) => resource),
    );
  });

  it("take a buffer of one tensor in the pod's memory", async () => {
    const { env } = await served("gke", fromBucket);

    assert.equal(env.RUNAI_STREAMER_MEMORY_LIMIT, "0");
    assert.equal(env.HF_HUB_OFFLINE, "1");
  });

  it("have a way out of a closed namespace to the storage and to the pod's identity", async () => {
    const { find } = await served("gke", fromBucket);

    const policy = find("kubernetes:networking.k8s.io/v1:NetworkPolicy", "chat-network");
    assert.deepEqual((at(policy, "spec.egress") as object[]).slice(2), [
      { ports: [{ protocol: "TCP", port: 443 }] },
      { to: [{ ipBlock: { cidr: "169.254.0.0/16" } }] },
    ]);
  });

  it("count as no mounted bucket in what a pod asks for", () => {
    const { services } = stackOf("gke", fromBucket);
    const other = stackOf("gke", fromBucket.replace("from: models/qwen3", "from: /weights"));

    assert.deepEqual(services.chat?.demand, other.services.chat?.demand);
  });

  it("are given the time that streaming them takes, which is less than that of a mount", () => {
    const size =
      "{ model: { name: acme/own, size: 12Gi, from: models/own, shape: { layers: 8, heads: 8, kvHeads: 8, headDim: 64, maxContext: 4096 } }";
    const startup = (more: string) => stackOf("gke", `${size}${more} }`).services.chat?.startup;

    // 11 GiB of image at 40 MiB/s, 12 GiB of weights at 200 or 100, and eleven minutes besides.
    assert.deepEqual([startup(""), startup(", mounts: { /data: models/data }")], [1020, 1080]);
  });

  for (const [why, entry] of Object.entries({
    "an engine whose image has no streamer": fromBucket.replace(" }, ", " }, engine: sglang, "),
    "an entry that mounts the bucket as well": fromBucket.replace(
      " }, ",
      " }, mounts: { /data: models/data }, ",
    ),
    "an adapter in the folder of the model": fromBucket.replace(
      " }, ",
      " }, adapters: { a: /model/lora }, ",
    ),
  })) {
    it(`are mounted for ${why}`, async () => {
      assert.deepEqual(sourceOf(await served("gke", entry)), mounted);
    });
  }

  it("are read by an account of ours alone", () => {
    const entry = fromBucket.replace(" }, ", " }, serviceAccount: { name: theirs }, ");

    assert.match(
      refusal(() => stackOf("gke", entry)),
      /services\.chat\.serviceAccount: a bucket is read by the identity of an account that we make/,
    );
  });
});

describe("weights in a bucket on EKS", () => {
  it("are streamed from the cluster's region by the identity of the pod, with no driver", async () => {
    const run = await served("eks", fromBucket);

    assert.deepEqual(sourceOf(run), { ...streamed, model: "s3://acme-models/qwen3" });
    const { AWS_REGION, AWS_DEFAULT_REGION } = run.env;
    assert.deepEqual([AWS_REGION, AWS_DEFAULT_REGION], ["eu-west-1", "eu-west-1"]);
    const { inputs } = run.find("aws:iam/rolePolicy:RolePolicy", "cluster-chat-models");
    assert.match(String(inputs.policy), /"arn:aws:s3:::acme-models\/\*"/);
    assert.ok(!/s3:PutObject/.test(String(inputs.policy)));
    const addOns = run.resources.filter(({ type }) => type === "aws:eks/addon:Addon");
    assert.ok(!addOns.some(({ inputs: of }) => of.addonName === "aws-mountpoint-s3-csi-driver"));
  });

  it("are those of another region where the entry says so", async () => {
    const entry = fromBucket.replace(
      " }, ",
      " }, env: { AWS_REGION: us-east-1, AWS_DEFAULT_REGION: us-east-1 }, ",
    );

    assert.equal((await served("eks", entry)).env.AWS_REGION, "us-east-1");
  });

  it("are the whole bucket where no folder is named", async () => {
    const { container } = await served("eks", fromBucket.replace("models/qwen3", "models"));

    assert.equal(container.args[0], "s3://acme-models/");
  });
});

describe("weights in a bucket on AKS", () => {
  it("are streamed from the storage account in a variable, by the identity of the pod", async () => {
    const run = await served("aks", fromBucket);

    assert.deepEqual(sourceOf(run), { ...streamed, model: "az://weights/qwen3" });
    assert.equal(run.env.AZURE_STORAGE_ACCOUNT_NAME, "acme");
    assert.equal(run.pod.metadata.labels["azure.workload.identity/use"], "true");
    const account = run.find("kubernetes:core/v1:ServiceAccount", "chat-account");
    assert.deepEqual(at(account, "metadata.annotations"), {
      "azure.workload.identity/client-id": "client of chat_chat",
    });
  });
});

describe("a cache on the node's disk", () => {
  it("is a folder of the pod that holds weights and what is compiled, at most its size", async () => {
    const { pod, container } = await served(
      "gke",
      "{ model: Qwen/Qwen3-8B-AWQ, contextTokens: 4096, cache: scratch }",
    );

    assert.deepEqual(
      pod.spec.volumes.find(({ name }) => name === "scratch"),
      { name: "scratch", emptyDir: { sizeLimit: "50Gi" } },
    );
    assert.deepEqual(
      container.volumeMounts.filter(({ name }) => name === "scratch"),
      [
        { name: "scratch", mountPath: "/cache/weights", subPath: "weights" },
        { name: "scratch", mountPath: "/cache/compiled", subPath: "compiled" },
      ],
    );
  });
});
