import { CryptoKey } from "@pulumi/gcp/kms/cryptoKey";
import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember";
import { KeyRing } from "@pulumi/gcp/kms/keyRing";
import type * as pulumi from "@pulumi/pulumi";

/** What {@link secretsKey} takes. */
export interface SecretsKeyArgs {
  project: string;
  region: string;
  /** Labels of the key. */
  labels: Record<string, string>;
  /** GKE itself, which encrypts with the key, as a member of roles; there once {@link SecretsKeyArgs.gke} is. */
  member: pulumi.Input<string>;
  /** What makes GKE's own account. */
  gke: pulumi.Resource;
  /** Whether Pulumi refuses to delete the key, without which the cluster's secrets are lost. */
  protect: boolean;
}

/** The key that encrypts a cluster's Secrets in its database, and GKE's right to use it. */
export function secretsKey(
  name: string,
  { project, region, labels, member, gke, protect }: SecretsKeyArgs,
  opts: pulumi.CustomResourceOptions,
) {
  // Without a name of its own: Google Cloud never deletes a key ring, so a fixed one could be made only once.
  const ring = new KeyRing(`${name}-secrets-ring`, { project, location: region }, opts);
  const key = new CryptoKey(
    `${name}-secrets`,
    { name: "secrets", keyRing: ring.id, labels, rotationPeriod: "7776000s" },
    { ...opts, protect },
  );
  const use = new CryptoKeyIAMMember(
    `${name}-secrets-use`,
    {
      cryptoKeyId: key.id,
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member,
    },
    // Its e-mail address Google may leave out, so it is waited for and not read.
    { ...opts, dependsOn: [gke] },
  );
  return { key, use };
}
