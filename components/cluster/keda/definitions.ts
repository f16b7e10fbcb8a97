import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1";
import type { CustomResourceDefinitionArgs } from "@pulumi/kubernetes/apiextensions/v1/customResourceDefinition";
import type * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

/**
 * The kind that we make objects of, as KEDA 2.20.1 publishes it in `config/crd/bases`, byte for byte. Fields of the triggers are texts of
 * KEDA's own that no definition checks.
 */
const scaledObjects = readFileSync(join(__dirname, "scaledobjects.yaml"), "utf8");

/** Kinds that KEDA's operator watches and no object of ours is of; it does not start without them (docs/facts.md 20). */
const others = [
  { kind: "ScaledJob", group: "keda.sh", scope: "Namespaced" },
  { kind: "TriggerAuthentication", group: "keda.sh", scope: "Namespaced" },
  { kind: "ClusterTriggerAuthentication", group: "keda.sh", scope: "Cluster" },
  { kind: "CloudEventSource", group: "eventing.keda.sh", scope: "Namespaced" },
  { kind: "ClusterCloudEventSource", group: "eventing.keda.sh", scope: "Cluster" },
];

/** Makes the kinds of objects that KEDA knows; those that we do not use take any field, because their definitions are as large as a pod's. */
export function definitions(name: string, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const own: unknown = parse(scaledObjects);
  if (!isDefinition(own)) throw new Error("scaledobjects.yaml is no definition");
  return [
    new CustomResourceDefinition(
      `${name}-scaledobjects`,
      { metadata: own.metadata, spec: own.spec },
      opts,
    ),
    ...others.map(({ kind, group, scope }) => {
      const singular = kind.toLowerCase();
      const plural = `${singular}s`;
      // As the API calls it, which every version of the provider hands on.
      const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
      return new CustomResourceDefinition(
        `${name}-${plural}`,
        {
          metadata: { name: `${plural}.${group}` },
          spec: {
            ...{ group, scope, names: { kind, plural, singular, listKind: `${kind}List` } },
            versions: [
              {
                ...{ name: "v1alpha1", served: true, storage: true },
                schema: { openAPIV3Schema: anything },
                subresources: { status: {} },
              },
            ],
          },
        },
        opts,
      );
    }),
  ];
}

function isDefinition(of: unknown): of is CustomResourceDefinitionArgs {
  return typeof of === "object" && of !== null && "metadata" in of && "spec" in of;
}
