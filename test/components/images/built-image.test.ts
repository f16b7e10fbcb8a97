import { Provider as AwsProvider } from "@pulumi/aws/provider";
import { Provider as AzureProvider } from "@pulumi/azure-native/provider";
import { Provider as GcpProvider } from "@pulumi/gcp/provider";
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../../../components/cluster/cluster";
import { EksCluster } from "../../../components/clouds/eks/eks-cluster";
import { GkeCluster } from "../../../components/clouds/gke/gke-cluster";
import { builtImage } from "../../../components/images/built-image";
import { contentTag } from "../../../components/images/content";
import { anAksCluster } from "../../support/aks";
import { aCluster } from "../../support/clusters";
import { dependenciesOf, deploy, valueOf } from "../../support/deploy";
import { anEksCluster } from "../../support/eks";
import { aGkeCluster } from "../../support/gke";

/** A folder with a Dockerfile, for one test. */
async function inContext(use: (context: string) => Promise<void>) {
  const context = mkdtempSync(join(tmpdir(), "context-"));
  try {
    writeFileSync(join(context, "Dockerfile"), "FROM scratch\n");
    await use(context);
  } finally {
    rmSync(context, { recursive: true });
  }
}

/** The image of a folder for a cluster, as the engine would get it. */
async function built(make: () => Cluster, build: { context: string; target?: string }) {
  const run = await deploy(() => {
    const cluster = make();
    return { image: builtImage("chat", build, cluster.imageRepository("chat")) };
  });
  const images = run.resources.filter(({ type }) => type === "docker-build:index:Image");
  return { ...run, name: await valueOf(run.result.image), inputs: images[0]?.inputs, images };
}

describe("an image that is built", () => {
  it("is pushed to the registry that an existing cluster names, and runs by its digest", () =>
    inContext(async (context) => {
      const { name, inputs } = await built(() => aCluster({ registry: "registry.example/team" }), {
        context,
        target: "server",
      });

      assert.equal(name, "registry.example/team/chat@sha256:0123");
      assert.deepEqual(inputs, {
        context: { location: context },
        target: "server",
        platforms: ["linux/amd64"],
        tags: [`registry.example/team/chat:${contentTag({ context, target: "server" })}`],
        push: true,
        buildOnPreview: false,
        network: "default",
      });
    }));

  it("is only named where images are put on the nodes of this machine's cluster", () =>
    inContext(async (context) => {
      const { name, images } = await built(() => aCluster({ registry: "local" }), { context });

      assert.equal(name, `gpu-serving.local/chat:${contentTag({ context })}`);
      assert.deepEqual(images, []);
    }));

  it("is refused on an existing cluster without a registry", () =>
    inContext(async (context) => {
      await assert.rejects(
        built(() => aCluster(), { context }),
        /chat: cluster\.registry must say where images for this cluster are pushed, such as registry\.example\/team, got nothing/,
      );
    }));

  it("goes to the GKE cluster's own repository, whose tags never change, with the program's own token", () =>
    inContext(async (context) => {
      const { name, inputs, find } = await built(() => aGkeCluster({ tags: { team: "ml" } }), {
        context,
      });

      assert.equal(name, "us-central1-docker.pkg.dev/acme-ml/test-cluster/chat@sha256:0123");
      assert.deepEqual(inputs?.registries, [
        {
          address: "us-central1-docker.pkg.dev",
          username: "oauth2accesstoken",
          password: "google's token",
        },
      ]);
      assert.deepEqual(
        find("gcp:artifactregistry/repository:Repository", "cluster-images").inputs,
        {
          project: "acme-ml",
          location: "us-central1",
          repositoryId: "test-cluster",
          format: "DOCKER",
          dockerConfig: { immutableTags: true },
          vulnerabilityScanningConfig: { enablementConfig: "INHERITED" },
          labels: { team: "ml" },
        },
      );
      assert.deepEqual(find("gcp:projects/service:Service", "cluster-api-images").inputs, {
        project: "acme-ml",
        service: "artifactregistry.googleapis.com",
        disableOnDestroy: false,
      });
    }));

  it("goes to a repository of its own in ECR, scanned on push, whose tags never change", () =>
    inContext(async (context) => {
      const { name, inputs, find, images } = await built(
        () => anEksCluster({ tags: { team: "ml" } }),
        {
          context,
        },
      );

      const registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
      assert.equal(name, `${registry}/test-cluster/chat@sha256:0123`);
      assert.deepEqual(inputs?.registries, [
        { address: registry, username: "AWS", password: "amazon's token" },
      ]);
      assert.ok(
        images[0]?.secrets.some((path) => path.startsWith("registries")),
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
    }));

  it("goes to the AKS cluster's own registry, which knows no users, and from which its nodes may pull", () =>
    inContext(async (context) => {
      const { fetch } = globalThis;
      const asked: [string, string][] = [];
      globalThis.fetch = (url, init) => {
        assert.ok(typeof url === "string" && init?.body instanceof URLSearchParams);
        asked.push([url, init.body.toString()]);
        return Promise.resolve(Response.json({ refresh_token: "the registry's token" }));
      };
      try {
        const { inputs, find, resources, result, images, name } = await built(
          () => anAksCluster(),
          { context },
        );

        const registry = find("azure-native:containerregistry:Registry", "cluster-images").inputs;
        assert.match(String(registry.registryName), /^[a-z0-9]{5,50}$/);
        assert.equal(registry.adminUserEnabled, false);
        const server = `${String(registry.registryName)}.azurecr.io`;
        assert.deepEqual(asked, [
          [
            `https://${server}/oauth2/exchange`,
            `grant_type=access_token&service=${server}&access_token=entra%27s+token`,
          ],
        ]);
        assert.deepEqual(inputs?.registries, [
          {
            address: server,
            username: "00000000-0000-0000-0000-000000000000",
            password: "the registry's token",
          },
        ]);
        const pulls = resources.find((it) => it.name === "cluster-pulls");
        assert.match(
          String(pulls?.inputs.roleDefinitionId),
          /7f951dda-4ed3-4680-a7ca-43fe172d538d$/,
        );
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
    }));

  for (const [cloud, make] of [
    [
      "GKE",
      () => {
        const provider = new GcpProvider("platform");
        const args = { project: "acme-ml", region: "us-central1" };
        return new GkeCluster("cluster", args, { provider });
      },
    ],
    [
      "EKS",
      () => {
        const provider = new AwsProvider("platform");
        const args = { region: "us-east-1", access: ["203.0.113.0/24"] };
        return new EksCluster("cluster", args, { provider });
      },
    ],
    ["AKS", () => anAksCluster({}, "cluster", { provider: new AzureProvider("platform") })],
  ] as const) {
    it(`asks ${cloud} for its login as whoever the cluster's provider is`, async () => {
      const { calls } = await deploy(() => make().imageRepository("chat"));

      assert.ok(calls.length > 0);
      assert.deepEqual(
        calls.filter(({ provider }) => !provider.includes("::platform::")),
        [],
      );
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
  it("changes with each file's name and content and with the settings, and with nothing else", () =>
    inContext(async (context) => {
      const tags = [contentTag({ context })];
      writeFileSync(join(context, "serve.py"), "print(1)");
      tags.push(contentTag({ context }));
      writeFileSync(join(context, "serve.py"), "print(2)");
      tags.push(contentTag({ context }), contentTag({ context, args: { VERSION: "2" } }));
      tags.push(contentTag({ context, target: "server" }));

      assert.equal(new Set(tags).size, tags.length);
      assert.ok(tags.every((tag) => /^[0-9a-f]{16}$/.test(tag)));
      assert.equal(contentTag({ context }), tags[2]);
      return Promise.resolve();
    }));

  it("changes when a file becomes executable or is linked elsewhere, which the builder builds anew for", () =>
    inContext(async (context) => {
      const file = join(context, "run.sh");
      const link = join(context, "current");
      writeFileSync(file, "true");
      const tags = [contentTag({ context })];
      chmodSync(file, 0o755);
      tags.push(contentTag({ context }));
      symlinkSync("v1", link);
      tags.push(contentTag({ context }));
      rmSync(link);
      symlinkSync("v2", link);
      tags.push(contentTag({ context }));

      assert.equal(new Set(tags).size, tags.length);
      return Promise.resolve();
    }));

  it("is the same in checkouts of people who let others read more or less", () =>
    inContext(async (context) => {
      const file = join(context, "Dockerfile");
      chmodSync(file, 0o644);
      const tag = contentTag({ context });
      chmodSync(file, 0o600);

      assert.equal(contentTag({ context }), tag);
      return Promise.resolve();
    }));
});
