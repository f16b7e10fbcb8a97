import assert from "node:assert/strict";
import { adopt, found, leftBehind, notReplaced, previewed, withObjects } from "../../cli/adopt";
import { exportedState } from "../../cli/adoption";
import type { Run } from "../../cli/engine";

/** A resource of this type, as a preview has it. */
const of = (type: string, name: string, more: object = {}) => ({
  ...{ urn: `urn:pulumi:prod::gpu-serving::${type}::${name}`, type, ...more },
});
const root = of("pulumi:pulumi:Stack", "gpu-serving-prod");
const cluster = of("gpu-serving:index:ExistingCluster", "cluster", { parent: root.urn });
const provider = of("pulumi:providers:kubernetes", "cluster", { parent: cluster.urn });
const disk = of("gpu-serving:index:Disk", "models", { parent: root.urn });
const deployment = of("kubernetes:apps/v1:Deployment", "chat", {
  inputs: { metadata: { name: "chat" } },
});

const labels = { "gpu-serving/stack": "prod" };
const annotations = { "gpu-serving/keep": "models" };
const metadata = { name: "models", namespace: "chat", labels, annotations };
const limits = of("kubernetes:core/v1:LimitRange", "chat-limits").urn;
const claim = of("kubernetes:core/v1:PersistentVolumeClaim", "models-disk", {
  ...{ custom: true, id: "", parent: disk.urn, retainOnDelete: true },
  inputs: { metadata, spec: { resources: { requests: { storage: "50Gi" } } } },
  provider: `${provider.urn}::04da6b54-80e4-46f7-96ec-b56ff0331ba9`,
  ...{ dependencies: [limits], propertyDependencies: { metadata: [limits] } },
});
/** The claim as the state has it. */
const there = { ...claim, id: "chat/models" };

const creating = (resources: object[], op = "create") =>
  previewed.parse({ steps: resources.map((newState) => ({ op, newState })) });
const afterDestroy = leftBehind(creating([root, cluster, provider, disk, claim, deployment]));

/** A state with the provider in it, and more. */
const state = (...more: object[]) =>
  exportedState.parse({
    ...{ version: 3, deployment: { resources: [{ ...provider, id: "real" }, ...more] } },
  });

describe("what a destroy left", () => {
  it("is what is kept and would be made, after its provider and what it is a part of", () =>
    assert.deepEqual(afterDestroy, { objects: [claim], before: [disk, root, provider, cluster] }));

  it("is nothing where the state has it, nor on a cluster that goes with its stack, where the disk is protected instead", () => {
    const namespace = of("kubernetes:core/v1:Namespace", "chat", {
      ...{ retainOnDelete: true, inputs: { metadata: { name: "chat", annotations } } },
    });
    const unmarked = { ...claim, inputs: { metadata: { name: "models" } } };
    for (const nothing of [
      creating([claim], "same"),
      creating([disk, namespace, { ...claim, retainOnDelete: false }]),
      creating([unmarked]),
    ]) {
      assert.deepEqual(leftBehind(nothing), { objects: [], before: [] });
    }
  });

  it("comes into the state with its id, the provider that is there, and nothing that is not", () => {
    const { objects } = afterDestroy;
    const added = { provider: `${provider.urn}::real`, dependencies: [], propertyDependencies: {} };
    assert.deepEqual(withObjects(state(), objects), state({ ...there, ...added }));
  });

  for (const [what, live, isOurs] of [
    ["stays in the state where a refresh finds it marked as kept for this stack", metadata, true],
    [
      "goes out of it again where it is another stack's",
      { ...metadata, labels: { "gpu-serving/stack": "dev" } },
      false,
    ],
    [
      "goes out of it again where it is not kept",
      { name: "models", namespace: "chat", labels },
      false,
    ],
  ] as const) {
    it(what, () => {
      const looked = state({ ...there, outputs: { metadata: live } });
      const name = "PersistentVolumeClaim chat/models";
      const [taken, others] = isOurs ? [[name], []] : [[], [name]];
      const left = { state: isOurs ? looked : state(), taken, others };
      assert.deepEqual(found(looked, [claim], "prod"), left);
      assert.deepEqual(found(state(), [claim], "prod").taken, []);
    });
  }

  it("by a replacement that failed is in the state as before; others are still to be replaced", () => {
    const pending = { pendingReplacement: true };
    const job = of("kubernetes:batch/v1:Job", "train", pending);
    assert.deepEqual(notReplaced(state({ ...there, ...pending }, job)), {
      state: state(there, job),
      taken: ["PersistentVolumeClaim chat/models"],
    });
  });
});

describe("npm run adopt", () => {
  const gateway = of("aws:ec2/natGateway:NatGateway", "cluster-nat", { custom: true, inputs: {} });
  const network = of("kubernetes:core/v1:Namespace", "chat", {
    ...{ custom: true, inputs: { metadata: { name: "chat" } } },
  });
  const begun = (...resources: object[]) => ({
    pending_operations: resources.map((resource) => ({ type: "creating", resource })),
  });

  /** Adopts with an engine that has a state and previews; says what was printed, and what the engine was asked. */
  async function adopted(
    deployment: object,
    { steps = [] as object[], given = {}, seen = {} } = {},
  ) {
    let state: unknown = { version: 3, deployment };
    const asked: string[] = [];
    const engine: Run = (args, { input } = {}) => {
      assert.deepEqual(args.slice(-2), ["--stack", "prod"]);
      asked.push(
        args
          .slice(0, -2)
          .filter((word) => !word.startsWith("--"))
          .join(" "),
      );
      if (input !== undefined) state = JSON.parse(input);
      if (args[0] === "refresh") state = withOutputs(state, seen);
      const stdout = args[0] === "preview" ? { steps } : state;
      return Promise.resolve({ code: 0, stdout: JSON.stringify(stdout), stderr: "" });
    };
    const said: string[] = [];
    const to = { log: (text: string) => said.push(text), error: (text: string) => said.push(text) };
    const code = await adopt("prod", given, engine, to);
    return { code, said, asked, state: exportedState.parse(state).deployment };
  }

  /** A state after a refresh that found these outputs, by URN. */
  function withOutputs(state: unknown, seen: Record<string, object>) {
    const { deployment, ...rest } = exportedState.parse(state);
    const resources = deployment.resources.map((one) => ({ ...one, outputs: seen[one.urn] }));
    return { ...rest, deployment: { ...deployment, resources } };
  }

  it("takes in what a killed update had begun to make, and lets the engine look whether it is there", async () => {
    const { code, said, asked, state: after } = await adopted(begun(network));
    assert.equal(code, 0);
    assert.deepEqual(asked, ["stack export", "stack import", `refresh ${network.urn}`]);
    assert.deepEqual(
      after.resources.map(({ urn, id }) => [urn, id]),
      [[network.urn, "chat"]],
    );
    assert.equal(after.pending_operations, undefined);
    assert.deepEqual(said, [
      "kubernetes:core/v1:Namespace chat: chat",
      "The state has what was begun, as far as it is there. Now run pulumi up.",
    ]);
  });

  it("reads back what a killed update may have changed: the state has what was before", async () => {
    const resource = { ...deployment, id: "chat" };
    const killed = {
      resources: [resource],
      pending_operations: [{ type: "updating", resource }],
    };
    const { code, asked, state: after } = await adopted(killed);
    assert.equal(code, 0);
    assert.deepEqual(asked, ["stack export", "stack import", `refresh ${deployment.urn}`]);
    assert.equal(after.pending_operations, undefined);
  });

  it("says what is left to do where that fails, because nothing is pending any more", async () => {
    const resource = { ...deployment, urn: `${deployment.urn}$x`, id: "chat" };
    const state = {
      version: 3,
      deployment: { resources: [resource], pending_operations: [{ type: "updating", resource }] },
    };
    const engine: Run = ([command]) =>
      Promise.resolve(
        command === "refresh"
          ? { code: 1, stdout: "", stderr: "error: no cluster\n" }
          : { code: 0, stdout: JSON.stringify(state), stderr: "" },
      );
    await assert.rejects(adopt("prod", {}, engine), {
      name: "Fault",
      message: [
        "pulumi refresh --yes failed: no cluster",
        "    The state has what was begun, but nobody looked at what is there. Before pulumi up,",
        `    do:  pulumi refresh --yes --skip-preview --target '${resource.urn}' --stack prod`,
      ].join("\n"),
    });
  });

  it("changes nothing where a cloud's id is not known, and prints the command that gives it", async () => {
    const { code, said, asked, state: after } = await adopted(begun(network, gateway));
    assert.equal(code, 2);
    assert.deepEqual(asked, ["stack export"]);
    assert.equal(after.pending_operations?.length, 2);
    assert.match(
      said.join("\n"),
      /^Nothing was changed: .*\n.*\n {2}npm run adopt -- prod cluster-nat=<id>$/,
    );
  });

  it("takes the ids that it is given", async () => {
    const given = { "cluster-nat": "nat-0a1b2c3d" };
    const { code, state: after } = await adopted(begun(gateway), { given });
    assert.deepEqual([code, after.resources.map(({ id }) => id)], [0, ["nat-0a1b2c3d"]]);
  });

  it("takes a kept disk that a destroy left back, once its provider is made", async () => {
    const {
      code,
      said,
      asked,
      state: after,
    } = await adopted(
      { resources: [] },
      {
        steps: [root, cluster, provider, disk, claim].map((newState) => ({
          op: "create",
          newState,
        })),
        seen: { [claim.urn]: { metadata } },
      },
    );
    assert.equal(code, 0);
    assert.deepEqual(
      asked.map((words) => words.split(" urn:")[0]),
      [
        "stack export",
        "stack export",
        "preview",
        "up",
        "stack export",
        "stack import",
        "refresh",
        "stack export",
      ],
    );
    assert.deepEqual(
      after.resources.map(({ id }) => id),
      ["chat/models"],
    );
    assert.deepEqual(said, [
      "PersistentVolumeClaim chat/models: left where it was, and in the state again",
      "Now run pulumi up.",
    ]);
  });

  it("leaves what is another stack's, and says so", async () => {
    const others = { ...metadata, labels: { "gpu-serving/stack": "dev" } };
    const {
      code,
      said,
      state: after,
    } = await adopted(
      { resources: [] },
      { steps: [{ op: "create", newState: claim }], seen: { [claim.urn]: { metadata: others } } },
    );
    assert.deepEqual([code, after.resources], [2, []]);
    assert.equal(
      said[0],
      "PersistentVolumeClaim chat/models: left as it is: it is there, and not this stack's",
    );
  });

  it("says that nothing is missing where nothing is", async () => {
    const { code, said } = await adopted({ resources: [] });
    assert.equal(code, 0);
    assert.match(said.join(""), /^Nothing is pending/);
  });

  it("says what to do about a stack that the backend does not have", async () => {
    const stderr = "error: no stack named 'prod' found\n";
    const engine: Run = () => Promise.resolve({ code: 6, stdout: "", stderr });
    await assert.rejects(adopt("prod", {}, engine), {
      name: "Fault",
      message:
        /^pulumi stack export failed: no stack named 'prod' found\n +do: .* pulumi login [^]*init prod\./,
    });
  });
});
