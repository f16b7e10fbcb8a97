import * as pulumi from "@pulumi/pulumi";

/** Labels that pods of an entry are selected by; they can never change on a living Deployment. */
export function selectorLabels(entry: string): Record<string, string> {
  return { app: entry };
}

/** Annotation of what outlives its stack, a disk and the namespace it is in, with its name. */
export const keptAnnotation = "gpu-serving/keep";

/** Labels of every object made for an entry. */
export function objectLabels(entry: string): Record<string, string> {
  return {
    ...selectorLabels(entry),
    "app.kubernetes.io/name": entry,
    "app.kubernetes.io/managed-by": "pulumi",
    "app.kubernetes.io/part-of": pulumi.getProject(),
    "gpu-serving/stack": pulumi.getStack(),
  };
}
