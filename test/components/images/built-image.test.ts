import { Provider as AwsProvider } from "@pulumi/aws/provider";
import { Provider as AzureProvider } from "@pulumi/azure-native/provider";
import { Provider as GcpProvider } from "@pulumi/gcp/provider";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../../../components/cluster/cluster";
import { EksCluster } from "../../../components/clouds/eks/eks-cluster";
import { GkeCluster } from "../../../components/clouds/gke/gke-cluster";
import { builtImage } from "../../../components/images/built-image";
import { contentTag, type BuildArgs } from "../../../components/images/content";
import { imagesFor, ownArchitectures } from "../../../stacks/image/built";
import { anAksCluster } from "../../support/aks";
import { aCluster } from "../../support/clusters";
import { dependenciesOf, deploy, valueOf } from "../../support/deploy";
import { anEksCluster } from "../../support/eks";
import { aGkeCluster, gkeCpu } from "../../support/gke";

/** A folder with a Dockerfile, for one test at a time. */
const folder = join(tmpdir(), `context-${process.pid}`);
const tokenOf = (address: string, username: string, password: string) => [
  { address, username, password },
];

/** The image of the folder for a cluster, as the engine would get it. */
async function built(make: () => Cluster, target?: string) {
  const run = await deploy(() => {
    const build = { context: folder, target };
    return { image: builtImage("chat", build, make().imageRepository("chat")) };
  });
  const images = run.resources.filter(({ type }) => type === "docker-build:index:Image");
  return { ...run, name: await valueOf(run.result.image), inputs: images[0]?.inputs, images };
}

/** Makes the folder anew for each test of a suite. */
function inFolder() {
  beforeEach(() => {
    mkdirSync(folder);
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
}

describe("an image that is built", () => {
  inFolder();

  it("is pushed to the registry that an existing cluster names, and runs by its digest", async () => {
    const { name, inputs } = await built(() => aCluster({ registry: "r.example/team" }), "server");

    assert.equal(name, "r.example/team/chat@sha256:0123");
    assert.deepEqual(inputs, {
      context: { location: folder },
      target: "server",
      platforms: ["linux/amd64"],
      tags: [`r.example/team/chat:${contentTag({ context: folder, target: "server" })}`],
      push: true,
      buildOnPreview: false,
      network: "default",
    });
  });

  it("is built for the architecture of the nodes that it runs on", async () => {
    const { result, resources } = await deploy(() => {
      const pools = { arm: { arch: "arm64" as const, select: { pool: "arm" }, nodes: { max: 1 } } };
      const imageOf = imagesFor(aCluster({ registry: "r.example/team", pools }));
      const build = { context: folder };
      return pulumi.all([imageOf({ build, gpus: 0, pool: "arm" }), imageOf({ build, gpus: 0 })]);
    });
    const images = resources.filter(({ type }) => type === "docker-build:index:Image");

    assert.deepEqual(
      images.map(({ inputs }) => inputs.platforms),
      [["linux/arm64"], ["linux/amd64"]],
    );
    const [arm, other] = await valueOf(result);
    assert.match(arm, /-arm64@sha256:/);
    assert.doesNotMatch(other, /arm64/);
  });

  it("is built for the pool with its GPUs, of which only the cluster of another stack knows", async () => {
    const { resources } = await deploy(() => {
      const gb200 = { ...{ gpu: "GB200", arch: "arm64" as const }, select: { pool: "gb200" } };
      const pools = { gb200: { ...gb200, nodes: { max: 1 } } };
      const imageOf = imagesFor(aCluster({ registry: "r.example/team", pools }));
      return pulumi.output(imageOf({ build: { context: folder }, gpus: 1 }));
    });
    const { inputs } = resources.find(({ type }) => type === "docker-build:index:Image") ?? {};
    assert.deepEqual(inputs?.platforms, ["linux/arm64"]);
  });

  it("is built for all nodes that a pod without a pool may run on", async () => {
    const system = { machine: gkeCpu("c4a-standard-4") };
    const open = {
      ...{ machine: gkeCpu("n2-standard-8"), nodes: { min: 0, max: 2 } },
      capacity: [{ kind: "on-demand" as const }],
    };
    const closed = { ...open, capacity: [{ kind: "spot" as const }] };
    const gke = {
      kind: "gke",
      region: "us-central1",
      pools: {},
      tags: {},
      deletionProtection: false,
    } as const;
    assert.deepEqual(ownArchitectures({ ...gke, system }), ["arm64"]);
    assert.deepEqual(ownArchitectures({ ...gke, system, pools: { closed } }), ["arm64"]);
    assert.deepEqual(ownArchitectures({ ...gke, system, pools: { open } }), ["amd64", "arm64"]);
    assert.deepEqual(ownArchitectures(gke), ["amd64"]);

    const { result, resources } = await deploy(() => {
      const imageOf = imagesFor(aCluster({ registry: "r.example/team" }), ["amd64", "arm64"]);
      return pulumi.output(imageOf({ build: { context: folder }, gpus: 0 }));
    });
    const { inputs } = resources.find(({ type }) => type === "docker-build:index:Image") ?? {};
    assert.deepEqual(inputs?.platforms, ["linux/amd64", "linux/arm64"]);
    assert.match(await valueOf(result), /-amd64-arm64@sha256:/);
  });

  it("is only named where images are put on the nodes of this machine's cluster", async () => {
    const { name, images } = await built(() => aCluster({ registry: "local" }));

    assert.equal(name, `gpu-serving.local/chat:${contentTag({ context: folder })}`);
    assert.deepEqual(images, []);
  });

  it("is refused on an existing cluster without a registry", async () => {
    await assert.rejects(
      built(() => aCluster()),
      /chat: cluster\.registry must say where images for this cluster are pushed, such as registry\.example\/team, got nothing/,
    );
  });

  it("goes to the GKE cluster's own repository, whose tags never change, with the program's own token", async () => {
    const { name, inputs, find } = await built(() => aGkeCluster({ tags: { team: "ml" } }));

    const registry = "us-central1-docker.pkg.dev";
    assert.equal(name, `${registry}/acme-ml/test-cluster/chat@sha256:0123`);
    assert.deepEqual(inputs?.registries, tokenOf(registry, "oauth2accesstoken", "google's token"));
    assert.deepEqual(find("gcp:artifactregistry/repository:Repository", "cluster-images").inputs, {
      project: "acme-ml",
      location: "us-central1",
      repositoryId: "test-cluster",
      format: "DOCKER",
      dockerConfig: { immutableTags: true },
      vulnerabilityScanningConfig: { enablementConfig: "INHERITED" },
      labels: { team: "ml" },
    });
    assert.deepEqual(find("gcp:projects/service:Service", "cluster-api-images").inputs, {
      project: "acme-ml",
      service: "artifactregistry.googleapis.com",
      disableOnDestroy: false,
    });
  });

  it("goes to a repository of its own in ECR, scanned on push, whose tags never change", async () => {
    const { name, inputs, find, images } = await built(() =>
      anEksCluster({ tags: { team: "ml" } }),
    );

    const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    assert.equal(name, `${registry}/test-cluster/chat@sha256:0123`);
    assert.deepEqual(inputs?.registries, tokenOf(registry, "AWS", "amazon's token"));
    const secrets = images[0]?.secrets ?? [];
    assert.ok(
      secrets.some((path) => path.startsWith("registries")),
      "the token is a secret",
    );
    assert.deepEqual(find("aws:ecr/repository:Repository", "cluster-images-chat").inputs, {
      region: "us-east-1",
      name: "test-cluster/chat",
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      forceDelete: true,
      tags: { team: "ml" },
    });
  });

  it("goes to the AKS cluster's own registry, which knows no users, and from which its nodes may pull", async () => {
    const { fetch } = globalThis;
    const asked: [string, string][] = [];
    globalThis.fetch = (url, init) => {
      assert.ok(typeof url === "string" && init?.body instanceof URLSearchParams);
      asked.push([url, init.body.toString()]);
      return Promise.resolve(Response.json({ refresh_token: "the registry's token" }));
    };
    try {
      const run = await built(() => anAksCluster());
      const { inputs, find, resources, result, images, name } = run;

      const registry = find("azure-native:containerregistry:Registry", "cluster-images").inputs;
      assert.match(String(registry.registryName), /^[a-z0-9]{5,50}$/);
      assert.equal(registry.adminUserEnabled, false);
      const server = `${String(registry.registryName)}.azurecr.io`;
      const body = `grant_type=access_token&service=${server}&access_token=entra%27s+token`;
      assert.deepEqual(asked, [[`https://${server}/oauth2/exchange`, body]]);
      const user = "00000000-0000-0000-0000-000000000000";
      assert.deepEqual(inputs?.registries, tokenOf(server, user, "the registry's token"));
      const pulls = resources.find((it) => it.name === "cluster-pulls");
      assert.match(String(pulls?.inputs.roleDefinitionId), /7f951dda-4ed3-4680-a7ca-43fe172d538d$/);
      assert.match(String(pulls?.inputs.principalId), /^nodes of /);
      assert.ok(
        pulls?.resource && (await dependenciesOf(result.image)).has(pulls.resource),
        "no pod knows the image before its node may pull it",
      );
      assert.equal(images[0]?.options.dependsOn, undefined, "the build does not wait for that");
      assert.equal(name, `${server}/chat@sha256:0123`);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  const clusters: Record<string, () => Cluster> = {
    GKE: () =>
      new GkeCluster(
        "cluster",
        { project: "acme-ml", region: "us-central1" },
        { provider: new GcpProvider("platform") },
      ),
    EKS: () =>
      new EksCluster(
        "cluster",
        { region: "us-east-1", access: ["203.0.113.0/24"] },
        { provider: new AwsProvider("platform") },
      ),
    AKS: () => anAksCluster({}, "cluster", { provider: new AzureProvider("platform") }),
  };
  for (const [cloud, make] of Object.entries(clusters)) {
    it(`asks ${cloud} for its login as whoever the cluster's provider is`, async () => {
      const { calls } = await deploy(() => make().imageRepository("chat"));

      assert.ok(calls.length > 0);
      for (const { provider, token } of calls) assert.match(provider, /::platform::/, token);
    });
  }

  it("is one registry for all images of a cluster", async () => {
    const { resources } = await deploy(() => {
      const cluster = aGkeCluster();
      return [cluster.imageRepository("chat"), cluster.imageRepository("embed")];
    });

    const registries = resources.filter(({ type }) => type.includes("artifactregistry"));
    assert.equal(registries.length, 1);
  });
});

describe("the tag of an image", () => {
  inFolder();
  const tag = (more: Partial<BuildArgs> = {}) => contentTag({ context: folder, ...more });

  it("changes with each file's name and content and with the settings, and with nothing else", () => {
    const file = join(folder, "serve.py");
    const tags = [tag()];
    writeFileSync(file, "print(1)");
    tags.push(tag());
    writeFileSync(file, "print(2)");
    const last = tag();
    tags.push(last, tag({ args: { VERSION: "2" } }), tag({ target: "server" }));

    assert.equal(new Set(tags).size, tags.length);
    assert.ok(tags.every((one) => /^[0-9a-f]{16}$/.test(one)));
    assert.equal(tag(), last);
  });

  it("changes when a file becomes executable or is linked elsewhere, which the builder builds anew for", () => {
    const file = join(folder, "run.sh");
    const link = join(folder, "current");
    writeFileSync(file, "true");
    const tags = [tag()];
    chmodSync(file, 0o755);
    tags.push(tag());
    symlinkSync("v1", link);
    tags.push(tag());
    rmSync(link);
    symlinkSync("v2", link);
    tags.push(tag());

    assert.equal(new Set(tags).size, tags.length);
  });

  it("is the same in checkouts of people who let others read more or less", () => {
    const file = join(folder, "Dockerfile");
    chmodSync(file, 0o644);
    const before = tag();
    chmodSync(file, 0o600);

    assert.equal(tag(), before);
  });
});
