import { createHash } from "node:crypto";
import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "./labels";

/** Arguments for {@link hashedConfigMap}. */
export interface HashedConfigMapArgs {
  /** Entry that the ConfigMap belongs to. */
  entry: string;
  /** What the ConfigMap is for; it is called `<entry>-<role>-<hash>`. */
  role: string;
  /** Namespace of the ConfigMap. */
  namespace: pulumi.Input<string>;
  /** Texts by the names of their files. */
  files: Readonly<Record<string, string>>;
}

/** An immutable ConfigMap whose name changes with its content, so that pods which use it roll when a file changes. */
export function hashedConfigMap(
  { entry, role, namespace, files }: HashedConfigMapArgs,
  opts: pulumi.CustomResourceOptions,
): ConfigMap {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 10);
  return new ConfigMap(
    `${entry}-${role}`,
    {
      metadata: { name: `${entry}-${role}-${hash}`, namespace, labels: objectLabels(entry) },
      immutable: true,
      data: { ...files },
    },
    opts,
  );
}
