import assert from "node:assert/strict";
import { otherCluster } from "../../stacks/cluster-before";
import { stateBefore } from "../../stacks/state-before";

const kubeconfig = (cluster: string, server: string, authority = "b2xk") => `
clusters: [{ name: ${cluster}, cluster: { server: "${server}", certificate-authority-data: ${authority} } }]
contexts: [{ name: it, context: { cluster: ${cluster}, user: ann } }]
users: [{ name: ann, user: { token: t0ken } }]
current-context: it
`;
const old = kubeconfig("prod", "https://203.0.113.5");

/** A state with the provider of a cluster of this kind. */
const state = (provider: object, kind = "ExistingCluster") =>
  stateBefore({
    name: "prod",
    outputs: {
      [`urn:pulumi:prod::gpu-serving::gpu-serving:index:${kind}$pulumi:providers:kubernetes::cluster`]:
        { type: "pulumi:providers:kubernetes", outputs: { kubeconfig: old, ...provider } },
    },
  });

describe("the cluster of the last up", () => {
  it("is no matter where nothing was made yet", () => {
    const empty = stateBefore({ name: "prod", outputs: {} });

    assert.equal(otherCluster(empty, { kubeconfig: old }), undefined);
  });

  it("may have another address and another authority", () => {
    const moved = kubeconfig("prod", "https://prod.example", "bmV3");

    assert.equal(
      otherCluster(state({ clusterIdentifier: "prod" }), { kubeconfig: moved }),
      undefined,
    );
  });

  for (const kind of ["ExistingCluster", "ClusterOfStack"]) {
    it(`is not exchanged for one of another name: ${kind}`, () => {
      const staging = kubeconfig("staging", "https://203.0.113.5");

      assert.equal(
        otherCluster(state({ clusterIdentifier: "prod" }, kind), { kubeconfig: staging }),
        [
          "cluster: not the cluster that the objects of this stack are on: every object would be made anew and the former ones deleted; nothing was created or changed.",
          "    found:   staging",
          "    allowed: prod",
          "    do:      where it is the same cluster under another name, set cluster.identity to prod; for another cluster, make a stack of its own (pulumi stack init) and destroy this one",
        ].join("\n"),
      );
    });
  }

  it("may get another name in the kubeconfig where the stack file says what it is known by", () => {
    const renamed = kubeconfig("production", "https://203.0.113.5");

    assert.equal(
      otherCluster(state({ clusterIdentifier: "prod" }), { kubeconfig: renamed, identity: "prod" }),
      undefined,
    );
  });

  for (const [what, changed] of [
    ["address", kubeconfig("prod", "https://prod.example")],
    ["authority", kubeconfig("prod", "https://203.0.113.5", "bmV3")],
  ] as const) {
    it(`keeps its ${what} until the state knows it by more than that`, () => {
      const reason = otherCluster(state({}), { kubeconfig: changed });

      assert.match(reason ?? "", /changed before its identity was kept/);
      assert.match(reason ?? "", /the state was made at https:\/\/203\.0\.113\.5/);
      assert.match(reason ?? "", /do: +put the former kubeconfig back and run pulumi up/);
    });
  }

  it("becomes known by its name in an up with the kubeconfig of the last one, whoever asks", () => {
    const bob = old.replaceAll("ann", "bob").replace("t0ken", "an0ther");

    assert.equal(otherCluster(state({}), { kubeconfig: bob }), undefined);
  });
});
