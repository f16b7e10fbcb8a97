import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import debuggable = require("@pulumi/pulumi/runtime/debuggable");
import { awsAdditions, awsAnswers } from "./aws-additions";
import { azureAdditions, azureAnswers } from "./azure-additions";
import { gcpAdditions } from "./gcp-additions";

/** A resource as it was registered. */
export interface Recorded {
  /** Type token, such as `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Name given to the constructor. */
  name: string;
  /** Inputs by value, secret ones included. */
  inputs: Record<string, unknown>;
  /** Paths of the inputs that were handed over as secrets, such as `data` or `spec.template`. */
  secrets: string[];
  /** Reference of the provider it is handed to; empty for the default provider. */
  provider: string;
  /** Options that the engine gets and mocks do not show. */
  options: pulumi.CustomResourceOptions;
  /** The resource itself. */
  resource?: pulumi.Resource;
}

/** What a run registered, exported and warned of. */
export interface Run<Result> {
  /** What the function returned. */
  result: Result;
  /** Everything that a provider makes, and the providers, in the order of registration. */
  resources: Recorded[];
  /** Component resources, which group the others. */
  components: Recorded[];
  /** Functions of clouds that it called, by token, and the provider that they were asked of; empty for the default provider. */
  calls: { token: string; provider: string }[];
  /** Texts of warnings. */
  warnings: string[];
  /** The one resource of this type and name. */
  find: (type: string, name: string) => Recorded;
}

/** Part of the SDK that its types leave out. */
const internals = debuggable as unknown as {
  debuggablePromise: (promise: Promise<unknown>, context: unknown) => Promise<unknown>;
};

// The SDK notes where each of its promises was made, for a report of leaks that nothing here reads: with source maps that
// takes longer than all the rest of a deployment on mocks.
const { debuggablePromise } = internals;
internals.debuggablePromise = (...args) => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return debuggablePromise(...args);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};

/** Mocks do not show what components register as their outputs. */
const registered = new WeakMap<object, unknown>();
const component = pulumi.ComponentResource.prototype as unknown as {
  registerOutputs: (outputs?: unknown) => void;
};
const { registerOutputs } = component;
component.registerOutputs = function (this: object, outputs) {
  // The SDK calls it once more, for components that never do.
  if (!registered.has(this)) registered.set(this, outputs);
  registerOutputs.call(this, outputs);
};

/** How the SDK marks a value as secret on its way to the engine. */
const secretMarker = "4dabf18193072939515e22adb298388d";

/** The value without the marks of secrets; their paths are added to the list. */
function unwrapped(value: unknown, path: string, secrets: string[]): unknown {
  if (Array.isArray(value)) {
    return value.map((item, at) => unwrapped(item, `${path}[${at}]`, secrets));
  }
  if (typeof value !== "object" || value === null) return value;
  if (secretMarker in value && "value" in value) {
    secrets.push(path);
    return unwrapped(value.value, path, []);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      unwrapped(item, path === "" ? key : `${path}.${key}`, secrets),
    ]),
  );
}

/** What the cluster or cloud adds to a resource's inputs, by type. */
const additions: Readonly<Record<string, object>> = {
  "kubernetes:core/v1:Service": { status: { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } } },
  "docker-build:index:Image": { digest: "sha256:0123", ref: "" },
  ...gcpAdditions,
};

/** What clouds answer: how the builder of images is let in, and what a project is, by token of their functions. */
const registryTokens: Readonly<Record<string, object>> = {
  "gcp:organizations/getClientConfig:getClientConfig": { accessToken: "google's token" },
  "gcp:organizations/getProject:getProject": { projectId: "acme-ml", number: "1234" },
};

/** Inputs and what the cluster or cloud adds to them. */
function observed(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  const { metadata } = inputs;
  return {
    ...inputs,
    ...(typeof metadata === "object" && { metadata: { ...metadata, uid: "0123" } }),
    ...additions[type],
    ...azureAdditions[type]?.(inputs),
    ...awsAdditions[type]?.(inputs),
  };
}

/** Runs a program against mocks, waits until every registration is through, and returns what was registered. */
export async function deploy<Result extends object>(program: () => Result): Promise<Run<Result>> {
  const resources: Recorded[] = [];
  const components: Recorded[] = [];
  const calls: { token: string; provider: string }[] = [];
  const warnings: string[] = [];
  const options = new Map<string, pulumi.CustomResourceOptions>();
  const objects = new Map<string, pulumi.Resource>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, provider = "", id, custom }) => {
        const secrets: string[] = [];
        const recorded = inputs as Record<string, unknown>;
        (custom ? resources : components).push({
          type,
          name,
          inputs: unwrapped(recorded, "", secrets) as Record<string, unknown>,
          secrets,
          provider,
          options: options.get(`${type} ${name}`) ?? {},
          resource: objects.get(`${type} ${name}`),
        });
        const state = observed(type, recorded);
        return { id: id || (typeof state.id === "string" ? state.id : `${name}-id`), state };
      },
      call: ({ token, inputs, provider = "" }) => {
        calls.push({ token, provider });
        const asked = inputs as Record<string, unknown>;
        const answer =
          azureAnswers[token]?.(asked) ?? awsAnswers[token]?.(asked) ?? registryTokens[token];
        if (answer) return answer;
        throw new Error(`the program called ${token}, which it should not`);
      },
    },
    "gpu-serving",
    "test",
  );
  let result: Result | undefined;
  const { warn } = console;
  // Without an engine the SDK prints warnings here.
  console.warn = (text: string) => warnings.push(text.replace("warning: [runtime] ", ""));
  try {
    await pulumi.runtime.runInPulumiStack(() => {
      pulumi.runtime.registerStackTransformation(({ resource, type, name, opts, props }) => {
        options.set(`${type} ${name}`, opts);
        objects.set(`${type} ${name}`, resource);
        // Azure's SDK gives each resource the names of a hundred API versions, and each of them takes promises.
        return { props, opts: type.startsWith("azure-native:") ? { ...opts, aliases: [] } : opts };
      });
      result = program();
      return Promise.resolve({});
    });
    await pulumi.runtime.disconnect();
  } finally {
    console.warn = warn;
  }
  if (result === undefined) throw new Error("the program returned nothing");
  return {
    result,
    resources,
    components: components.filter(({ type }) => type !== "pulumi:pulumi:Stack"),
    calls,
    warnings,
    find(type, name) {
      const found = resources.filter((it) => it.type === type && it.name === name);
      const [only] = found;
      if (!only || found.length > 1) {
        const all = resources.map((it) => `${it.type} ${it.name}`).join("\n");
        throw new Error(`${found.length} resources ${type} ${name} among\n${all}`);
      }
      return only;
    },
  };
}

/** What a component hands over to the state as its outputs. */
export function outputsOf(of: pulumi.ComponentResource): unknown {
  return registered.get(of);
}

/** The value of an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value)));
}

/** Resources that an output waits for. */
export async function dependenciesOf(output: pulumi.Output<unknown>) {
  return (
    output as unknown as { allResources: () => Promise<Set<pulumi.Resource | undefined>> }
  ).allResources();
}

/** The value at a path of a resource's inputs, such as `spec.template.spec.containers[0].image`. */
export function at({ inputs }: Pick<Recorded, "inputs">, path: string): unknown {
  return path.split(/[.[\]]+/).reduce<unknown>((value, step) => {
    if (step === "") return value;
    return typeof value === "object" && value !== null
      ? Object.entries(value).find(([key]) => key === step)?.[1]
      : undefined;
  }, inputs);
}

/** Asserts the values at some paths of a resource's inputs; undefined: nothing is there. */
export function assertInputs(of: Pick<Recorded, "inputs" | "name">, values: object): void {
  const found = Object.fromEntries(Object.keys(values).map((path) => [path, at(of, path)]));
  assert.deepEqual(found, values, of.name);
}

/** Names of the clusters whose providers the objects of a run were handed to. */
export function homesOf({ resources }: Pick<Run<object>, "resources">): string[] {
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
  return [
    ...new Set(objects.map(({ provider }) => /kubernetes::(\w+)::/.exec(provider)?.[1] ?? "")),
  ];
}

/** Asserts that a component is refused, with these problems up to what would be right: `chat: port: out of range, got 0`. */
export function refusedWith(run: Promise<unknown>, ...problems: string[]): Promise<void> {
  return assert.rejects(run, (error) => {
    assert.ok(pulumi.ResourceError.isInstance(error) && error.hideStack, "shown without a stack");
    assert.deepEqual(
      error.message.split("\n").map((line) => line.replace(/; allowed: .* To fix it, .*/, "")),
      problems,
    );
    return true;
  });
}
