import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { aCluster, h100, l4 } from "../../support/clusters";
import { at, deploy, outputsOf, valueOf } from "../../support/deploy";

const daemonSet = "kubernetes:apps/v1:DaemonSet";

describe("an existing cluster", () => {
  it("is one Kubernetes provider, its kubeconfig a secret, and nothing else", async () => {
    const { resources } = await deploy(() => aCluster({ kubeconfig: "text", pools: { l4 } }));

    assert.deepEqual(
      resources.map(({ type, name, inputs, secrets }) => ({ type, name, inputs, secrets })),
      [
        {
          type: "pulumi:providers:kubernetes",
          name: "cluster",
          inputs: { kubeconfig: "text", clusterIdentifier: "cluster", enablePatchForce: "true" },
          secrets: ["kubeconfig"],
        },
      ],
    );
  });

  it("hands out its kubeconfig as a secret", async () => {
    const { result } = await deploy(() => aCluster({ kubeconfig: "text" }));

    assert.equal(await valueOf(result.kubeconfig), "text");
    assert.equal(await pulumi.isSecret(result.kubeconfig), true);
  });

  it("keeps in the state what tells it from others of its name", async () => {
    const { result } = await deploy(() => aCluster({ uid: "218fc5a9" }));

    assert.deepEqual(outputsOf(result), { uid: "218fc5a9" });
  });

  it("is the parent of its provider", async () => {
    const { find, result } = await deploy(() => aCluster());

    assert.equal(find("pulumi:providers:kubernetes", "cluster").options.parent, result);
  });

  it("is usable twice in one program", async () => {
    const { resources } = await deploy(() => [aCluster({}, "one"), aCluster({}, "two")]);

    assert.deepEqual(
      resources.map(({ name }) => name),
      ["one", "two"],
    );
  });

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
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
        rungs: [{ capacity: "on-demand", notice: 0, provisionTime: 900, maxNodes: 4 }],
      },
    });
  });

  it("waits for no node where all of a pool always run", async () => {
    const { result } = await deploy(() => aCluster({ pools: { h100 } }));

    assert.deepEqual(result.pools.h100?.rungs, [
      { capacity: "on-demand", notice: 0, provisionTime: 0, maxNodes: 2 },
    ]);
  });

  it("takes a pool without a lowest size for one that starts empty", async () => {
    const { result } = await deploy(() =>
      aCluster({ pools: { l4: { ...l4, nodes: { max: 1 } } } }),
    );

    assert.equal(result.pools.l4?.rungs[0]?.provisionTime, 900);
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

  it("rejects access to buckets, which its cloud's owner gives", async () => {
    const { result } = await deploy(() => aCluster());

    assert.throws(
      () => result.bucketAccess(),
      (error: Error) => {
        assert.ok(pulumi.ResourceError.isInstance(error));
        assert.equal(
          error.message,
          "bucket: a cluster that exists already gives no access to buckets, because its cloud's permissions are its owner's; keep the data on a claim or a disk, or let the image bring its own credentials",
        );
        return true;
      },
    );
  });
});
