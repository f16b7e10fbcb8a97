import { placeModel, type ModelPlacement } from "../../components/serving/model-placement";
import { modelServer, type ModelArgs } from "../../components/serving/model-server";
import { argumentProblems, demandOf, isService, type Entry, type Service } from "../entry";
import type { ModelShape } from "../../catalog/model";
import type { Weights } from "../../components/serving/engines/engine";
import type { ParsedStack } from "../parse";
import type { PoolSizes } from "../pool/placement";
import type { FileProblem } from "../problems";
import type { ServiceEntry } from "../schema";
import { besideModelProblems } from "./beside";
import { shapeOf } from "./shapes";

/** Where a model of a volume or a bucket is in its container. */
const modelFolder = "/model";

/** Where models went, and why nowhere else, by service. */
export type Placements = Record<string, Exclude<ModelPlacement, { problems: unknown }>>;

/**
 * The entries with everything that follows from their models, and what is wrong with these. Where pools are another stack's, a
 * model is placed when they are known.
 */
export function withServers(
  entries: readonly Entry[],
  parsed: Pick<ParsedStack, "cluster" | "volumes">,
  sizes: PoolSizes | undefined,
  folder: string,
): { entries: Entry[]; placements: Placements; problems: FileProblem[] } {
  const problems: FileProblem[] = [];
  const placements: Placements = {};
  const served = entries.map((entry): Entry => {
    if (!isService(entry)) return entry;
    problems.push(...besideModelProblems(entry));
    if (entry.fields.model === undefined || !sizes) return entry;
    const found = server(entry, parsed, sizes, folder);
    problems.push(...found.problems);
    if (found.placement) placements[entry.name] = found.placement;
    return found.entry ?? entry;
  });
  return { entries: served, placements, problems };
}

function server(
  entry: Service,
  parsed: Pick<ParsedStack, "cluster" | "volumes">,
  sizes: PoolSizes,
  folder: string,
): { entry?: Service; placement?: Placements[string]; problems: FileProblem[] } {
  const { fields, said } = entry;
  const { model, engine, contextTokens, concurrency, cacheType, pool } = fields;
  const known = Object.entries(sizes).flatMap(([name, size]) =>
    size ? [[name, size] as const] : [],
  );
  // A pool without a size has a problem of its own; it may be the one that is meant.
  if (model === undefined || known.length < Object.keys(sizes).length) return { problems: [] };
  const { shape, problems: unknown } = shapeOf(entry, model, folder);
  if (!shape) return { problems: unknown };
  const gpus = said.has("gpus") ? fields.gpus : undefined;
  const wanted = { shape, engine, contextTokens, concurrency, cacheType, gpus, pool };
  const { kind } = parsed.cluster;
  const cloud = kind === "existing" ? undefined : kind;
  const placement = placeModel(wanted, Object.fromEntries(known), cloud);
  if (!placement.placed) return { problems: argumentProblems(entry, placement.problems) };
  const args = argumentsOf(fields, shape);
  const drain = said.has("drain") ? fields.drain : undefined;
  const { container, env, secrets, server, kept, problems } = modelServer(
    placement.placed,
    args,
    drain,
  );
  const { image = container.image, cpu = container.cpu, memory = container.memory } = fields;
  const { user = container.user } = fields;
  const complete: ServiceEntry = {
    ...{ ...fields, ...container, image, cpu, memory, user, pool: placement.placed.name },
    // The schema has defaults for containers of others.
    startup: said.has("startup") ? fields.startup : container.startup,
    env: { ...env, ...secretVariables(fields, secrets), ...fields.env },
    mounts: { ...fields.mounts, ...mountsOf(fields, kept) },
  };
  return {
    entry: { ...entry, fields: complete, server, demand: demandOf(complete, parsed) },
    placement,
    problems: argumentProblems(entry, problems),
  };
}

/** What an entry says of its model, as its component takes it. */
export function argumentsOf(fields: ServiceEntry, shape: ModelShape): ModelArgs {
  const { engine, contextTokens, concurrency, cacheType, adapters, engineArgs, token, apiKey } =
    fields;
  const { from, revision, file } = fields.model ?? {};
  const at = from?.startsWith("/") ? from : modelFolder;
  const weights: Weights =
    from === undefined
      ? { kind: "hub", ...(revision !== undefined && { revision }) }
      : { kind: "folder", path: file === undefined ? at : `${at}/${file}` };
  return {
    ...{ model: shape, engine, contextTokens, concurrency, cacheType, weights, adapters },
    ...{ engineArgs, token, apiKey },
  };
}

/** The variables of an engine whose values are secrets. */
function secretVariables(
  { token, apiKey }: ServiceEntry,
  names: { token: string; apiKey: string },
): ServiceEntry["env"] {
  return {
    ...(token !== undefined && { [names.token]: { secret: token } }),
    ...(apiKey !== undefined && { [names.apiKey]: { secret: apiKey } }),
  };
}

/** What a model is loaded from, and what is kept between its starts. */
function mountsOf(
  { model, cache }: ServiceEntry,
  kept: { weights: string; compiled?: string },
): ServiceEntry["mounts"] {
  const from = model?.from;
  return {
    ...(from !== undefined && !from.startsWith("/") && { [modelFolder]: { volume: from } }),
    ...(cache !== undefined && {
      [kept.weights]: { volume: `${cache}/weights`, write: true },
      ...(kept.compiled !== undefined && {
        [kept.compiled]: { volume: `${cache}/compiled`, write: true },
      }),
    }),
  };
}
