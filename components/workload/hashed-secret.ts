import { scryptSync } from "node:crypto";
import { Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { objectLabels } from "./labels";

/** Arguments for {@link hashedSecret}. */
export interface HashedSecretArgs {
  /** Entry that the Secret belongs to. */
  entry: string;
  /** What the Secret is for; the Secret is called `<entry>-<role>-<hash>`. */
  role: string;
  /** Namespace of the Secret. */
  namespace: pulumi.Input<string>;
  /** Values by key, in plain text. */
  values: Record<string, pulumi.Input<string>>;
  /** Kubernetes type of the Secret. @default "Opaque" */
  type?: string;
}

/** An immutable Secret whose name changes with its content, so that pods which use it roll when a value changes. */
export function hashedSecret(
  { entry, role, namespace, values, type = "Opaque" }: HashedSecretArgs,
  opts: pulumi.CustomResourceOptions,
): Secret {
  const content = pulumi.all(values);
  // Names are public: the hash of a value is, too, and must be slow to guess at.
  const hash = pulumi.unsecret(
    pulumi.all([content, namespace]).apply(([data, salt]) => contentHash(data, salt)),
  );
  return new Secret(
    `${entry}-${role}`,
    {
      metadata: {
        name: pulumi.interpolate`${entry}-${role}-${hash}`,
        namespace,
        labels: objectLabels(entry),
      },
      type,
      immutable: true,
      data: content.apply((data) =>
        Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
        ),
      ),
    },
    opts,
  );
}

/** Ten hex digits that stand for the values; the same values give the same digits in every run. */
export function contentHash(values: Record<string, string>, salt: string): string {
  const sorted = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  return scryptSync(JSON.stringify(sorted), salt, 5).toString("hex");
}
