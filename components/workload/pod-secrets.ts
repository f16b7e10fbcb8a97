import type { Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "./environment-variables";
import { secretVariables } from "./environment-variables";
import { hashedSecret } from "./hashed-secret";

/** Arguments for {@link podSecrets}. */
export interface PodSecretsArgs {
  /** Entry that the pods belong to. */
  entry: string;
  /** Namespace of the pods. */
  namespace: pulumi.Input<string>;
  /** Environment variables, of which only secret ones are taken. */
  env: Environment;
  /** Docker configurations (JSON) with the credentials to pull images. */
  pullSecrets: pulumi.Input<string>[];
}

/** The Secrets that an entry's pods refer to. */
export interface PodSecrets {
  /** Values of secret environment variables; none where there are no such variables. */
  variables?: Secret;
  /** Credentials to pull images, one Secret for each configuration. */
  pull: Secret[];
}

/** Makes the Secrets that an entry's pods refer to. */
export function podSecrets(
  { entry, namespace, env, pullSecrets }: PodSecretsArgs,
  opts: pulumi.CustomResourceOptions,
): PodSecrets {
  const values = secretVariables(env);
  const type = "kubernetes.io/dockerconfigjson";
  return {
    variables:
      Object.keys(values).length > 0
        ? hashedSecret({ entry, role: "env", namespace, values }, opts)
        : undefined,
    pull: pullSecrets.map((config, at) =>
      hashedSecret(
        { entry, role: `pull-${at}`, namespace, type, values: { ".dockerconfigjson": config } },
        opts,
      ),
    ),
  };
}
