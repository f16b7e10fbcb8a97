import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "../../components/workload/container";
import type { ServiceConfig, Stack } from "../stack";

type Secrets = Pick<Stack, "secrets">;

/** The value of a secret that an entry refers to. */
export function secretOf({ secrets }: Secrets, key: string): pulumi.Output<string> {
  const value = secrets[key];
  if (!value) throw new Error(`the secret ${key} passed the checks but is not there`);
  return value;
}

/** Environment variables with the values of the secrets that they refer to. */
export function variablesOf({ env }: Pick<ServiceConfig, "env">, stack: Secrets): Environment {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      typeof value === "object" && "secret" in value
        ? { secret: secretOf(stack, value.secret) }
        : value,
    ]),
  );
}
