import * as pulumi from "@pulumi/pulumi";

/** A resource as it was registered. */
export interface Recorded {
  /** Type token, such as `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Name given to the constructor. */
  name: string;
  /** Inputs by value. */
  inputs: Record<string, unknown>;
  /** Reference of the provider it is handed to; empty for the default provider. */
  provider: string;
  /** Options that the engine gets and mocks do not show. */
  options: pulumi.CustomResourceOptions;
}

/** What a run registered, exported and warned of. */
export interface Run<Result> {
  /** What the function returned. */
  result: Result;
  /** All resources but component resources' own records, in the order of registration. */
  resources: Recorded[];
  /** Texts of warnings. */
  warnings: string[];
  /** The one resource of this type and name. */
  find(type: string, name: string): Recorded;
}

/** Fields that the cluster fills in. */
function observed(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
  return type === "kubernetes:core/v1:Service"
    ? { ...inputs, status: { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } } }
    : inputs;
}

/** Runs a program against mocks, waits until every registration is through, and returns what was registered. */
export async function deploy<Result extends object>(program: () => Result): Promise<Run<Result>> {
  const resources: Recorded[] = [];
  const warnings: string[] = [];
  const options = new Map<string, pulumi.CustomResourceOptions>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, provider = "", id }) => {
        const recorded = inputs as Record<string, unknown>;
        resources.push({
          type,
          name,
          inputs: recorded,
          provider,
          options: options.get(`${type} ${name}`) ?? {},
        });
        return { id: id || `${name}-id`, state: observed(type, recorded) };
      },
      call: ({ token }) => {
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
      pulumi.runtime.registerStackTransformation(({ type, name, opts, props }) => {
        options.set(`${type} ${name}`, opts);
        return { props: props as pulumi.Inputs, opts };
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

/** The value of an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value as T)));
}
