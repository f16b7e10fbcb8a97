import type { core } from "@pulumi/kubernetes/types/input";
import type { Secret } from "@pulumi/kubernetes/core/v1";
import type * as pulumi from "@pulumi/pulumi";

/** A value that must not show in the pod's spec. */
export interface SecretValue {
  /** The value itself. */
  secret: pulumi.Input<string>;
}

/** Environment variables of a container, by name. */
export type Environment = Record<string, pulumi.Input<string> | SecretValue>;

function isSecret(value: pulumi.Input<string> | SecretValue): value is SecretValue {
  return typeof value === "object" && "secret" in value;
}

/** The variables whose values belong in a Secret. */
export function secretVariables(env: Environment): Record<string, pulumi.Input<string>> {
  const secrets: Record<string, pulumi.Input<string>> = {};
  for (const [name, value] of Object.entries(env)) {
    if (isSecret(value)) secrets[name] = value.secret;
  }
  return secrets;
}

/** The container's variables; secret ones are read from the given Secret under their own name. */
export function containerVariables(env: Environment, secret?: Secret): core.v1.EnvVar[] {
  return Object.entries(env).map(([name, value]) =>
    isSecret(value)
      ? { name, valueFrom: { secretKeyRef: { name: secret?.metadata.name, key: name } } }
      : { name, value },
  );
}
