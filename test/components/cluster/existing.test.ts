import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { SharedCluster } from "../../../components/cluster/existing";
import {
  clusterOfStack,
  shared,
  type ClusterOfStackArgs,
} from "../../../components/cluster/shared";
import { aCluster, aPool, h100, l4 } from "../../support/clusters";
import { at, deploy, outputsOf, valueOf } from "../../support/deploy";

const told: SharedCluster = {
  pools: { l4: aPool() },
  loadBalancers: { public: {}, internal: { class: "example.com/ilb" } },
  enforcesNetworkPolicy: true,
  namespaceLabels: { "example.com/inject": "enabled" },
  diskStorageClass: "fast",
};

const ofStack = (args: Partial<ClusterOfStackArgs> = {}, name = "cluster") =>
  clusterOfStack(name, { ...told, kubeconfig: "text", ...args });

const daemonSet = "kubernetes:apps/v1:DaemonSet";

for (const [kind, make, type] of [
  ["an existing cluster", aCluster, "gpu-serving:index:ExistingCluster"],
  ["the cluster of another stack", ofStack, "gpu-serving:index:ClusterOfStack"],
] as const) {
  describe(kind, () => {
    it("is one Kubernetes provider, its kubeconfig a secret, and nothing else", async () => {
      const { resources, components, result } = await deploy(() =>
        make({ kubeconfig: "text", uid: "218fc5a9" }),
      );

      assert.deepEqual(
        resources.map(({ type, name, inputs, secrets, options }) => {
          return { type, name, inputs, secrets, parent: options.parent };
        }),
        [
          {
            ...{ type: "pulumi:providers:kubernetes", name: "cluster", parent: result },
            inputs: { kubeconfig: "text", clusterIdentifier: "cluster", enablePatchForce: "true" },
            secrets: ["kubeconfig"],
          },
        ],
      );
      // Its objects are known by the type that it is in.
      assert.deepEqual(
        components.map((it) => it.type),
        [type],
      );
      assert.equal(await valueOf(result.kubeconfig), "text");
      assert.equal(await pulumi.isSecret(result.kubeconfig), true);
      assert.equal(await pulumi.isSecret(result.identity), false);
      // What tells it from others of its name stays in the state.
      assert.deepEqual(outputsOf(result), { uid: "218fc5a9" });
    });

    it("is usable twice in one program", async () => {
      const { resources } = await deploy(() => [make({}, "one"), make({}, "two")]);

      assert.deepEqual(
        resources.map(({ name }) => name),
        ["one", "two"],
      );
    });

    it("rejects access to buckets, which its cloud's owner gives", async () => {
      const { result } = await deploy(() => make());
      const { ResourceError } = pulumi;

      const refused = (error: unknown) =>
        ResourceError.isInstance(error) &&
        /^bucket: .* gives no access to buckets/.test(error.message);
      assert.throws(() => result.bucketAccess(), refused);
      assert.throws(() => result.bucketVolume(), refused);
    });
  });
}

describe("a described cluster", () => {
  it("has no pools unless they are described", async () => {
    assert.deepEqual((await deploy(() => aCluster())).result.pools, {});
  });

  it("places a described pool", async () => {
    const { result } = await deploy(() => aCluster({ pools: { l4 } }));

    assert.deepEqual(result.pools, {
      l4: {
        name: "l4",
        gpu: "L4",
        gpuMemoryGiB: 22.4,
        gpusPerNode: 1,
        gpusPerPod: 1,
        maxNodes: 4,
        nodeSelector: { "example.com/pool": "l4" },
        untainted: true,
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
        capacityTypes: [{ capacity: "on-demand", notice: 0, provisionTime: 900, maxNodes: 4 }],
      },
    });
  });

  it("waits for no node where all of a pool always run", async () => {
    const { result } = await deploy(() => aCluster({ pools: { h100 } }));

    assert.deepEqual(result.pools.h100?.capacityTypes, [
      { capacity: "on-demand", notice: 0, provisionTime: 0, maxNodes: 2 },
    ]);
  });

  it("takes a pool without a lowest size for one that starts empty", async () => {
    const { result } = await deploy(() =>
      aCluster({ pools: { l4: { ...l4, nodes: { max: 1 } } } }),
    );

    assert.equal(result.pools.l4?.capacityTypes[0]?.provisionTime, 900);
  });

  it("tolerates the taints of its pools, with and without a value", async () => {
    const taints = [
      { key: "team", value: "ml", effect: "NoExecute" as const },
      { key: "costly", effect: "NoSchedule" as const },
    ];
    const { result } = await deploy(() => aCluster({ pools: { l4: { ...l4, taints } } }));

    assert.deepEqual(result.pools.l4?.tolerations.slice(1), [
      { key: "team", operator: "Equal", value: "ml", effect: "NoExecute" },
      { key: "costly", operator: "Exists", effect: "NoSchedule" },
    ]);
  });

  it("makes public load balancers as Kubernetes does unless told otherwise", async () => {
    const { result } = await deploy(() => aCluster({ loadBalancer: { public: undefined } }));

    assert.deepEqual(result.loadBalancer("public"), {});
  });

  it("makes load balancers as it is told", async () => {
    const internal = { class: "example.com/ilb", annotations: { "example.com/type": "Internal" } };
    const open = { class: "example.com/nlb" };
    const { result } = await deploy(() => aCluster({ loadBalancer: { internal, public: open } }));

    assert.deepEqual(result.loadBalancer("internal"), internal);
    assert.deepEqual(result.loadBalancer("public"), open);
  });

  it("has no device plugin of ours unless it is asked for", async () => {
    const { resources } = await deploy(() => aCluster({ pools: { l4 } }));

    assert.ok(!resources.some(({ type }) => type === daemonSet));
  });

  it("puts the device plugin on the nodes of its pools, whose taints it tolerates, with its own provider", async () => {
    const taints = [{ key: "team", value: "ml", effect: "NoSchedule" as const }];
    const pools = { l4: { ...l4, taints }, h100: { ...h100, taints } };
    const { find } = await deploy(() => aCluster({ pools, devicePlugin: true }));
    const plugin = find(daemonSet, "cluster-device-plugin");

    assert.match(plugin.provider, /pulumi:providers:kubernetes::cluster::/);
    const { spec } = (plugin.inputs as { spec: { template: { spec: object } } }).spec.template;
    assert.deepEqual(at({ inputs: { ...spec } }, "tolerations"), [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      { key: "team", operator: "Equal", value: "ml", effect: "NoSchedule" },
    ]);
    assert.deepEqual(
      at(
        { inputs: { ...spec } },
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms",
      ),
      ["l4", "h100"].map((pool) => ({
        matchExpressions: [
          { key: "example.com/pool", operator: "In", values: [pool] },
          { key: "nvidia.com/device-plugin.config", operator: "DoesNotExist" },
        ],
      })),
    );
  });

  it("tells nothing of what only its owner knows", async () => {
    const { result } = await deploy(() => aCluster());

    assert.equal(result.enforcesNetworkPolicy, undefined);
    assert.equal(result.diskStorageClass, undefined);
    assert.deepEqual(result.namespaceLabels, {});
  });
});

describe("what a stack tells of its cluster", () => {
  it("is what another stack knows of it, and tells again", async () => {
    const { result, find } = await deploy(() => ofStack({ identity: "arn:prod" }));

    assert.deepEqual(shared(result), told);
    assert.equal(await valueOf(result.identity), "arn:prod");
    const { clusterIdentifier } = find("pulumi:providers:kubernetes", "cluster").inputs;
    assert.equal(clusterIdentifier, "arn:prod");
  });

  it("has no load balancer that the cluster cannot make", async () => {
    const { result } = await deploy(() => [
      ofStack({ loadBalancers: { public: {} } }),
      aCluster({ pools: { l4 } }, "other"),
    ]);

    for (const [at, where] of [" in its own stack", ""].entries()) {
      const cluster = result[at];
      assert.ok(cluster);
      assert.throws(
        () => cluster.loadBalancer("internal"),
        new RegExp(`cluster\\.loadBalancer\\.internal must say${where} how`),
      );
      assert.deepEqual(shared(cluster).loadBalancers, { public: {} });
    }
  });
});
