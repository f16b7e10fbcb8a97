import { createHash, scryptSync } from "node:crypto";
import { ConfigMap, Secret } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { metadataOf, type Owner } from "./labels";

/**
 * An immutable ConfigMap with texts by the names of their files. Its name, `<entry>-<role>-<hash>`, changes with its content,
 * so that pods which use it roll when a file changes.
 */
export function hashedConfigMap(
  owner: Owner,
  role: string,
  files: Readonly<Record<string, string>>,
): ConfigMap {
  const name = `${owner.entry}-${role}`;
  const hash = createHash("sha256").update(inOrder(files)).digest("hex").slice(0, 10);
  return new ConfigMap(
    name,
    { metadata: metadataOf(owner, `${name}-${hash}`), immutable: true, data: { ...files } },
    owner.child,
  );
}

/** An immutable Secret with values by key, in plain text; its name changes with them as that of {@link hashedConfigMap}. */
export function hashedSecret(
  owner: Owner,
  role: string,
  values: Readonly<Record<string, pulumi.Input<string>>>,
  type = "Opaque",
): Secret {
  const name = `${owner.entry}-${role}`;
  const content = pulumi.all(values);
  // Names are public: the hash of a value is, too, and must be slow to guess at.
  const hash = pulumi.unsecret(
    pulumi.all([content, owner.namespace]).apply(([data, salt]) => contentHash(data, salt)),
  );
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return new Secret(
    name,
    {
      metadata: metadataOf(owner, pulumi.interpolate`${name}-${hash}`),
      type,
      immutable: true,
      data: content.apply((data) =>
        Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
      ),
    },
    owner.child,
  );
}

/** Ten hex digits that stand for the values; the same values give the same digits in every run. */
export function contentHash(values: Readonly<Record<string, string>>, salt: string): string {
  return scryptSync(inOrder(values), salt, 5).toString("hex");
}

function inOrder(values: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
