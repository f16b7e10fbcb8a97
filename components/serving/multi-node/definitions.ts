import type { apiextensions } from "@pulumi/kubernetes/types/input";

type Definition = apiextensions.v1.CustomResourceDefinition & { metadata: { name: string } };

/** Whatever the controller reads there. Its own schema repeats that of a pod, in 1.3 MB: more than client-side apply takes (docs/facts.md 21.8). */
const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true } as const;

function definition(
  group: string,
  kind: string,
  shortNames: string[],
  subresources: apiextensions.v1.CustomResourceSubresources,
): Definition {
  const plural = `${kind.toLowerCase()}s`;
  const properties = {
    ...{ apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" } },
    ...{ spec: anything, status: anything },
  };
  return {
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames },
      versions: [
        {
          ...{ name: "v1", served: true, storage: true, subresources },
          // At the top, too: from an object of which it knows some fields the provider 2.0.0 makes a patch that ends it (docs/facts.md 21.11).
          schema: { openAPIV3Schema: { ...anything, properties } },
        },
      ],
    },
  };
}

/** Definitions of what the controller looks after: LeaderWorkerSets, and what it does not start without. */
export const definitions: readonly Definition[] = [
  definition("leaderworkerset.x-k8s.io", "LeaderWorkerSet", ["lws"], {
    status: {},
    scale: {
      specReplicasPath: ".spec.replicas",
      statusReplicasPath: ".status.replicas",
      labelSelectorPath: ".status.hpaPodSelector",
    },
  }),
  definition("disaggregatedset.x-k8s.io", "DisaggregatedSet", [], { status: {} }),
];
