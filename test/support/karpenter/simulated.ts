import type { Machine } from "../../../catalog/machines";
import { nodePoolObject, type AutoPool } from "../../../components/clouds/eks/auto-pools";

/** Part of the price on demand that a machine costs, by capacity type; about what AWS asks for spot. */
const share: Readonly<Record<string, number>> = { spot: 0.4 };

/** What the provider of simulated nodes has to give: one machine, in each zone as each capacity type. */
export function instanceTypes(machine: Machine, zones: string[], capacityTypes: string[]) {
  return [
    {
      name: machine.name,
      architecture: machine.arch,
      operatingSystems: ["linux"],
      resources: {
        cpu: `${machine.vcpus}`,
        memory: `${machine.memoryGiB}Gi`,
        "ephemeral-storage": "200Gi",
        "nvidia.com/gpu": `${machine.gpusPerNode}`,
      },
      offerings: zones.flatMap((zone) =>
        capacityTypes.map((type) => ({
          Price: (machine.usdPerHour ?? 1) * (share[type] ?? 1),
          Requirements: [
            { key: "karpenter.sh/capacity-type", operator: "In", values: [type] },
            { key: "topology.kubernetes.io/zone", operator: "In", values: [zone] },
          ],
        })),
      ),
    },
  ];
}

/** NodeClass of simulated nodes: they register at once. */
export const nodeClass = {
  apiVersion: "karpenter.kwok.sh/v1alpha1",
  kind: "KWOKNodeClass",
  metadata: { name: "e2e-simulated" },
  spec: {},
};

/** A NodePool as EKS gets it, but for the class of its nodes, labelled with the test it is of. */
export function onSimulatedNodes(pool: Pick<AutoPool, "name" | "spec">, test: string) {
  const nodeClassRef = {
    group: "karpenter.kwok.sh",
    kind: nodeClass.kind,
    name: nodeClass.metadata.name,
  };
  const { metadata, spec, ...rest } = nodePoolObject(pool);
  const template = { ...spec.template, spec: { ...spec.template.spec, nodeClassRef } };
  return {
    ...rest,
    metadata: { ...metadata, labels: { "gpu-serving/test": test } },
    spec: { ...spec, template },
  };
}
