import {
  placeModel,
  wantedOf,
  type ModelPlacement,
} from "../../components/serving/model-placement";
import { usesHub } from "../../components/serving/engines/weights";
import {
  modelServer,
  secretVariables,
  type ModelArgs,
} from "../../components/serving/model-server";
import { argumentProblems, demandOf, isService, type Entry, type Service } from "../entry";
import type { ModelShape } from "../../catalog/model";
import { defaultEngine, engines } from "../../components/serving/engines/engines";
import type { ParsedStack } from "../parse";
import type { PoolSizes } from "../pool/placement";
import type { FileProblem } from "../problems";
import type { ServiceEntry } from "../schema";
import { besideModelProblems } from "./beside";
import { argumentsOf } from "./arguments";
import { cacheProblems } from "./cache-problems";
import { diskProblems } from "./disk-problems";
import { mountedFor, mountsOf, takenProblems } from "./mounts";
import { shapeOf } from "./shapes";
import { streamedFrom } from "./streamed";

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
    const { model } = entry.fields;
    if (model === undefined) return entry;
    const { shape, problems: unknown = [] } = shapeOf(entry, model, folder);
    problems.push(...unknown);
    if (!shape) return entry;
    problems.push(...cacheProblems(entry, shape, parsed));
    const found = sizes ? server({ ...entry, shape }, parsed, sizes) : unplaced(entry, shape);
    problems.push(...found.problems);
    if (found.placement) placements[entry.name] = found.placement;
    return found.entry ?? entry;
  });
  return { entries: served, placements, problems };
}

/** What came of a model: its entry with everything that follows, its place, what is wrong. */
interface Served {
  entry?: Service;
  placement?: Placements[string];
  problems: FileProblem[];
}

function server(
  entry: Service & { shape: ModelShape },
  parsed: Pick<ParsedStack, "cluster" | "volumes">,
  sizes: PoolSizes,
): Served {
  const { fields, said, shape } = entry;
  const known = Object.entries(sizes).flatMap(([name, size]) =>
    size ? [[name, size] as const] : [],
  );
  // A pool without a size has a problem of its own; it may be the one that is meant.
  if (known.length < Object.keys(sizes).length) return { problems: [] };
  const gpus = said.has("gpus") ? fields.gpus : undefined;
  const ownImage = fields.image !== undefined || fields.build !== undefined;
  const wanted = wantedOf(shape, { ...fields, gpus, ownImage });
  const { kind } = parsed.cluster;
  const cloud = kind === "existing" ? undefined : kind;
  const placement = placeModel(wanted, Object.fromEntries(known), cloud);
  if (!placement.placed) return { problems: argumentProblems(entry, placement.problems) };
  const streamed = streamedFrom(fields, placement.placed.engine, parsed);
  const args = argumentsOf(fields, shape, streamed);
  const { cpu: cpuSaid } = fields;
  const drain = said.has("drain") ? fields.drain : undefined;
  const { container, env, secrets, server, kept, problems } = modelServer(placement.placed, args, {
    drain,
    cpu: cpuSaid,
    memory: fields.memory,
    variables: Object.keys(fields.env),
  });
  const { name } = placement.placed;
  const { cpu = container.cpu, memory = container.memory } = fields;
  // One that is built here is the engine's, too.
  const { image = fields.build ? undefined : container.image } = fields;
  const { user = container.user } = fields;
  const mounts = mountsOf(fields, kept, streamed);
  const complete: ServiceEntry = {
    ...{ ...fields, ...container, image, cpu, memory, user, pool: placement.placed.name },
    // The schema has defaults for containers of others.
    startup: said.has("startup") ? fields.startup : container.startup,
    env: { ...env, ...streamed?.env, ...secretVariables(fields, secrets), ...fields.env },
    mounts: { ...fields.mounts, ...mounts },
    egress: fields.egress ?? egressOf(args),
  };
  const followed: Service = {
    ...{ ...entry, fields: complete, server, demand: demandOf(complete, parsed) },
    count: entry.count * placement.placed.fit.nodes,
    ...(streamed && { streams: streamed.volume }),
    mountedFor: mountedFor(mounts),
  };
  const onDisk = diskProblems(followed, shape, sizes[name ?? ""], parsed);
  return {
    entry: followed,
    placement,
    problems: [...argumentProblems(entry, problems), ...onDisk, ...takenProblems(entry, mounts)],
  };
}

/** A model whose pools are another stack's: its component finds its place, and here its folders are mounted. */
function unplaced(entry: Service, shape: ModelShape): Served {
  const { fields, said } = entry;
  const { engine = defaultEngine(shape, !said.has("gpus") || fields.gpus > 0) } = fields;
  const mounts = mountsOf(fields, engines[engine].folders);
  const { egress = egressOf(argumentsOf(fields, shape)) } = fields;
  return {
    entry: {
      ...entry,
      shape,
      fields: { ...fields, engine, mounts: { ...fields.mounts, ...mounts }, egress },
      mountedFor: mountedFor(mounts),
      own: {
        ...(said.has("gpus") && { gpus: fields.gpus }),
        ...(said.has("startup") && { startup: fields.startup }),
        ...(said.has("drain") && { drain: fields.drain }),
      },
    },
    problems: takenProblems(entry, mounts),
  };
}

/** Ranges that a model or its adapters are downloaded from; the hub has no addresses of its own. */
function egressOf(args: ModelArgs): string[] | undefined {
  return usesHub(args) ? ["0.0.0.0/0", "::/0"] : undefined;
}
