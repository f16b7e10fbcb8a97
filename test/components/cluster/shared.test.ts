import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  clusterOfStack,
  shared,
  type ClusterOfStackArgs,
} from "../../../components/cluster/shared";
import type { SharedCluster } from "../../../components/cluster/existing";
import { aCluster, aPool, l4 } from "../../support/clusters";
import { deploy, outputsOf, valueOf } from "../../support/deploy";

const told: SharedCluster = {
  pools: { l4: aPool() },
  loadBalancers: { public: {}, internal: { class: "example.com/ilb" } },
  enforcesNetworkPolicy: true,
  namespaceLabels: { "example.com/inject": "enabled" },
  diskStorageClass: "fast",
};

const deployTold = (args: Partial<ClusterOfStackArgs> = {}) =>
  deploy(() => clusterOfStack("cluster", { ...told, ...args, kubeconfig: "text" }));

describe("the cluster of another stack", () => {
  it("is one Kubernetes provider, its kubeconfig a secret, and nothing else", async () => {
    const { resources, result } = await deployTold();

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
    assert.equal(await valueOf(result.kubeconfig), "text");
    assert.equal(await pulumi.isSecret(result.kubeconfig), true);
  });

  it("is known by what that stack tells, which is no secret, else by its name in the kubeconfig", async () => {
    const { find, result } = await deployTold({ identity: "arn:prod" });

    const { clusterIdentifier } = find("pulumi:providers:kubernetes", "cluster").inputs;
    assert.equal(clusterIdentifier, "arn:prod");
    assert.equal(await valueOf(result.identity), "arn:prod");
    const { result: silent } = await deployTold();
    assert.equal(await valueOf(silent.identity), "cluster");
    assert.equal(await pulumi.isSecret(silent.identity), false);
  });

  it("keeps in the state what tells it from others of its name", async () => {
    const { result } = await deployTold({ uid: "218fc5a9" });

    assert.deepEqual(outputsOf(result), { uid: "218fc5a9" });
  });

  it("is the parent of its provider", async () => {
    const { find, result } = await deployTold();

    assert.equal(find("pulumi:providers:kubernetes", "cluster").options.parent, result);
  });

  it("is what that stack tells of it, and tells the same again", async () => {
    assert.deepEqual(shared((await deployTold()).result), told);
  });

  it("makes no load balancer that the other stack does not know to make", async () => {
    const { result } = await deployTold({ loadBalancers: { public: {} } });

    assert.throws(
      () => result.loadBalancer("internal"),
      /cluster\.loadBalancer\.internal must say in its own stack how/,
    );
    assert.deepEqual(shared(result).loadBalancers, { public: {} });
  });

  it("gives no access to buckets", async () => {
    const { result } = await deployTold();

    assert.throws(() => result.bucketAccess(), /gives no access to buckets/);
  });

  it("is usable twice in one program", async () => {
    const { resources } = await deploy(() =>
      ["one", "two"].map((name) => clusterOfStack(name, { ...told, kubeconfig: "text" })),
    );

    assert.deepEqual(
      resources.map(({ name }) => name),
      ["one", "two"],
    );
  });
});

describe("what a stack tells of its cluster", () => {
  it("has no load balancer that the cluster cannot make", async () => {
    const { result } = await deploy(() => aCluster({ pools: { l4 } }));

    assert.deepEqual(shared(result), {
      pools: result.pools,
      loadBalancers: { public: {} },
      enforcesNetworkPolicy: undefined,
      namespaceLabels: {},
      diskStorageClass: undefined,
    });
  });
});
