import type * as pulumi from "@pulumi/pulumi";
import type { ModelShape } from "../../catalog/model";
import { knownModel, models } from "../../catalog/models";
import type { Problem } from "../problem";
import { meantOr } from "../spelling";
import { placeModel, wantedOf } from "./model-placement";
import { boundProblems } from "./model-problems";
import { modelServer, secretVariables, type ModelArgs } from "./model-server";
import type { NodeGroup } from "./multi-node/group";
import type { InferenceServiceArgs } from "./service-plan";

/** Arguments for an inference service whose container follows from a model. */
export interface ModelServiceArgs
  extends
    Omit<
      InferenceServiceArgs,
      "image" | "command" | "args" | "port" | "health" | "firstAnswer" | "modelUpdates"
    >,
    ModelArgs {
  /** Container image of the engine. @default the engine's own, pinned */
  image?: InferenceServiceArgs["image"];
}

/** Arguments of a service whose container is known, and of each replica the nodes where it takes several. */
export type ContainerArgs = InferenceServiceArgs & { nodeGroup?: NodeGroup };

/** The arguments of a container, and what keeps a model from one. */
export function containerArgs(given: ContainerArgs | ModelServiceArgs): {
  args: ContainerArgs;
  problems: Problem[];
} {
  if (!hasModel(given)) return { args: given, problems: [] };
  const { model, contextTokens, concurrency, weights, token, apiKey, ...said } = given;
  const refused = (problems: Problem[]) => ({ args: { image: "", ...said }, problems });
  const shape = typeof model === "string" ? knownModel(model) : model;
  if (!shape) return refused([unknownProblem(model)]);
  const outside = boundProblems({ contextTokens, concurrency });
  if (outside.length > 0) return refused(outside);
  const wanted = wantedOf(shape, { ...given, ownImage: said.image !== undefined });
  const { placed, problems: unplaced } = placeModel(wanted, said.cluster.pools);
  if (!placed) return refused(unplaced);
  const of = { ...wanted, model: shape, weights, token, apiKey };
  const { drain, cpu: cpuSaid, memory: memorySaid } = said;
  const { container, env, secrets, server, problems } = modelServer(placed, of, {
    drain,
    // Of what is known later, nothing can be counted.
    cpu: typeof cpuSaid === "string" ? cpuSaid : undefined,
    memory: typeof memorySaid === "string" ? memorySaid : undefined,
    variables: Object.keys(said.env ?? {}),
  });
  const { image = container.image, cpu = container.cpu, memory = container.memory } = said;
  const { startup = container.startup, user = container.user } = said;
  return {
    args: {
      ...{ ...said, ...container, ...server },
      ...{ image, cpu, memory, startup, user, pool: placed.name },
      env: { ...env, ...secretVariables({ token, apiKey }, secrets), ...said.env },
    },
    problems,
  };
}

/**
 * Options of a service on one node for each replica, or on several. The other kind is an alias: an entry that becomes the other one
 * keeps its account, policy, budget and Service, which have the same names in the cluster.
 */
export function kindOptions(
  { provider }: InferenceServiceArgs["cluster"],
  other: "InferenceService" | "MultiNodeService",
  opts?: pulumi.ComponentResourceOptions,
): pulumi.ComponentResourceOptions {
  const aliases = [...(opts?.aliases ?? []), { type: `gpu-serving:index:${other}` }];
  return { ...opts, aliases, provider };
}

function hasModel(given: ContainerArgs | ModelServiceArgs): given is ModelServiceArgs {
  return "model" in given && given.model !== undefined;
}

function unknownProblem(model: string | ModelShape): Problem {
  const name = typeof model === "string" ? model : model.name;
  const known = models.map((one) => one.name);
  return {
    ...{ path: ["model"], found: JSON.stringify(name) },
    problem: "in no table of models, so nobody knows where it fits",
    allowed: "a model of the catalog, or the shape of another one",
    fix: meantOr(name, known, "pass its shape in place of its name"),
  };
}
