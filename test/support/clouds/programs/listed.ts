import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** A resource of a test, in the order that the test gives. */
export interface Listed {
  type: string;
  name: string;
  /** A text `@name.property` is an output of an earlier resource. */
  inputs: Record<string, unknown>;
  /** Names of earlier resources. */
  dependsOn?: string[];
  /** Inputs that keep their first value. */
  ignoreChanges?: string[];
}

const settings = JSON.parse(
  readFileSync(join(process.env.SANDBOX ?? "", "settings.json"), "utf8"),
) as { resources?: Listed[] };

const properties = ["arn", "selfLink", "email", "principalId", "oidcIssuerProfile", "name"];
const made = new Map<string, pulumi.CustomResource>();

class AnyResource extends pulumi.CustomResource {
  constructor({ type, name, inputs, dependsOn = [], ignoreChanges }: Listed) {
    const outputs = Object.fromEntries(properties.map((property) => [property, undefined]));
    const opts = { dependsOn: dependsOn.map(find), ignoreChanges };
    super(type, name, { ...outputs, ...inputsOf(inputs) }, opts);
  }
}

function find(name: string): pulumi.CustomResource {
  const resource = made.get(name);
  if (!resource) throw new Error(`there is no resource ${name} before this one`);
  return resource;
}

function inputsOf(values: Record<string, unknown>): pulumi.Inputs {
  return Object.fromEntries(Object.entries(values).map(([key, item]) => [key, resolved(item)]));
}

function resolved<T>(value: T): pulumi.Input<T> | pulumi.Output<unknown> {
  if (typeof value === "string" && value.startsWith("@")) {
    const [name = "", property = "id", ...rest] = value.slice(1).split(".");
    const output = Reflect.get(find(name), property) as pulumi.Output<unknown>;
    return rest.reduce(
      (inner, step) => inner.apply((it) => (it as Record<string, unknown> | undefined)?.[step]),
      output,
    );
  }
  if (Array.isArray(value)) return value.map(resolved) as pulumi.Input<T>;
  if (typeof value !== "object" || value === null) return value;
  return inputsOf(value as Record<string, unknown>) as pulumi.Input<T>;
}

for (const listed of settings.resources ?? []) made.set(listed.name, new AnyResource(listed));
