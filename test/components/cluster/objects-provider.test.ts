import assert from "node:assert/strict";
import { clusterOfStack } from "../../../components/cluster/shared";
import { aksMachine, anAksCluster, t4Pool } from "../../support/aks";
import { aCluster, aPool } from "../../support/clusters";
import { deploy } from "../../support/deploy";
import { anEksCluster, eksPool } from "../../support/eks";
import { aGkeCluster, l4Pool } from "../../support/gke";

/** A kubeconfig whose one context leads to the cluster `prod`, with an address and an authority that may change. */
const kubeconfig = (server: string, authority: string) => `
apiVersion: v1
kind: Config
clusters: [{ name: prod, cluster: { server: "${server}", certificate-authority-data: ${authority} } }]
contexts: [{ name: ann@prod, context: { cluster: prod, user: ann } }]
users: [{ name: ann, user: {} }]
current-context: ann@prod
`;
const before = kubeconfig("https://203.0.113.5", "b2xk");
const after = kubeconfig("https://prod.example:6443", "bmV3");

const ofStack = (text: string) =>
  clusterOfStack("cluster", {
    ...{ pools: { l4: aPool() }, loadBalancers: {}, namespaceLabels: {}, kubeconfig: text },
  });

/** The inputs of all Kubernetes providers that a program makes. */
async function providers(program: () => object) {
  const { resources } = await deploy(program);
  return resources
    .filter(({ type }) => type === "pulumi:providers:kubernetes")
    .map(({ inputs, secrets }) => ({ inputs, secrets }));
}

describe("the Kubernetes providers of a cluster", () => {
  for (const [kind, count, program, identity] of [
    ["an existing cluster", 1, () => aCluster({ kubeconfig: before }), /^prod$/],
    ["the cluster of another stack", 1, () => ofStack(before), /^prod$/],
    ["GKE", 2, () => aGkeCluster({ pools: { l4: l4Pool() } }), /^cluster-id$/],
    ["EKS with Auto Mode", 2, () => anEksCluster({ pools: { l4: eksPool() } }), /^arn:aws:eks:/],
    [
      "EKS with node groups",
      2,
      () => anEksCluster({ mode: "nodeGroups", pools: { l4: eksPool() } }),
      /^arn:aws:eks:/,
    ],
    [
      "AKS",
      2,
      () =>
        anAksCluster({ pools: { t4: t4Pool({ machine: aksMachine("Standard_NC4as_T4_v3") }) } }),
      /cluster/,
    ],
  ] as const) {
    it(`${kind}: know the cluster by what stays when its address or authority changes`, async () => {
      const made = await providers(program);

      assert.equal(made.length, count);
      for (const { inputs, secrets } of made) {
        assert.match(String(inputs.clusterIdentifier), identity);
        assert.deepEqual(secrets, ["kubeconfig"]);
      }
    });

    it(`${kind}: take fields back that others have set`, async () => {
      for (const { inputs } of await providers(program)) {
        assert.equal(inputs.enablePatchForce, "true");
      }
    });
  }

  for (const [kind, program] of [
    ["an existing cluster", (text: string) => aCluster({ kubeconfig: text })],
    ["the cluster of another stack", ofStack],
  ] as const) {
    it(`${kind}: are the same for another address and authority`, async () => {
      const [old] = await providers(() => program(before));
      const [now] = await providers(() => program(after));

      assert.notEqual(now?.inputs.kubeconfig, old?.inputs.kubeconfig);
      assert.equal(now?.inputs.clusterIdentifier, old?.inputs.clusterIdentifier);
    });
  }

  it("know an existing cluster by its identity where one is given", async () => {
    const [made] = await providers(() => aCluster({ kubeconfig: before, identity: "first" }));

    assert.equal(made?.inputs.clusterIdentifier, "first");
  });
});
