import * as pulumi from "@pulumi/pulumi";

/** Annotation of what outlives its stack, a disk and the namespace it is in, with its name. */
export const keptAnnotation = "gpu-serving/keep";

/** Labels that pods of an entry are selected by; they can never change on a living Deployment. */
export function selectorLabels(entry: string): Record<string, string> {
  return { app: entry };
}

/** Labels of the pods of an entry that may take its requests: all but those that others have renamed. */
export function servingLabels(entry: string): Record<string, string> {
  return { ...selectorLabels(entry), "app.kubernetes.io/name": entry };
}

/** Labels of every object made for an entry. */
export function objectLabels(entry: string): Record<string, string> {
  return {
    ...servingLabels(entry),
    "app.kubernetes.io/managed-by": "pulumi",
    "app.kubernetes.io/part-of": pulumi.getProject(),
    "gpu-serving/stack": pulumi.getStack(),
  };
}

/** The entry that objects are made for. */
export interface Owner {
  /** Name of the entry. */
  entry: string;
  /** Namespace of its objects. */
  namespace: pulumi.Input<string>;
  /** Options of its objects. */
  child: pulumi.CustomResourceOptions;
  /** Labels that it gives its objects besides ours. @default {} */
  labels?: Readonly<Record<string, string>>;
}

/** Labels of an object of an entry, the entry's own and ours. */
export function labelsOf({ entry, labels }: Pick<Owner, "entry" | "labels">) {
  return { ...labels, ...objectLabels(entry) };
}

/** Metadata of an object of an entry, which has the entry's name unless it says another. */
export function metadataOf(
  owner: Pick<Owner, "entry" | "namespace" | "labels">,
  name: pulumi.Input<string> = owner.entry,
) {
  return { name, namespace: owner.namespace, labels: labelsOf(owner) };
}
