import { CryptoKey } from "@pulumi/gcp/kms/cryptoKey";
import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember";
import { KeyRing } from "@pulumi/gcp/kms/keyRing";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity";
import type * as pulumi from "@pulumi/pulumi";
import { gkeMember } from "./apis";

/** What {@link secretsKey} takes. */
export interface SecretsKeyArgs {
  project: string;
  region: string;
  /** Labels of the key. */
  labels: Record<string, string>;
  /** Number of the project. */
  number: pulumi.Output<string>;
  /** Whether Pulumi refuses to delete the key, without which the cluster's secrets are lost. */
  protect: boolean;
}

/** The key that encrypts a cluster's Secrets in its database, and GKE's right to use it. */
export function secretsKey(
  name: string,
  { project, region, labels, number, protect }: SecretsKeyArgs,
  opts: pulumi.CustomResourceOptions,
) {
  // The account of GKE itself, which encrypts with the key.
  const gke = new ServiceIdentity(
    `${name}-gke`,
    { project, service: "container.googleapis.com" },
    opts,
  );
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
      member: gkeMember(number),
    },
    // Its e-mail address Google may leave out, so it is waited for and not read.
    { ...opts, dependsOn: [gke] },
  );
  return { key, use };
}
