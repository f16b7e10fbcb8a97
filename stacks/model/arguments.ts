import type { ModelShape } from "../../catalog/model";
import type { Weights } from "../../components/serving/engines/engine";
import type { ModelArgs } from "../../components/serving/model-server";
import type { ServiceEntry } from "../schema";
import { modelFolder } from "./folder";
import type { Streamed } from "./streamed";

/** What an entry says of its model, as its component takes it. */
export function argumentsOf(
  fields: ServiceEntry,
  shape: ModelShape,
  streamed?: Pick<Streamed, "url">,
): ModelArgs {
  const { engine, contextTokens, concurrency, cacheType, adapters, engineArgs } = fields;
  const { nodesPerReplica, token, apiKey } = fields;
  const weights: Weights = streamed
    ? { kind: "bucket", url: streamed.url }
    : weightsOf(fields.model ?? {});
  return {
    ...{ model: shape, engine, contextTokens, concurrency, cacheType, weights, adapters },
    ...{ nodesPerReplica, engineArgs, token, apiKey },
  };
}

/** Weights of the hub or of a folder of the pod. */
function weightsOf({ from, revision, file }: Partial<NonNullable<ServiceEntry["model"]>>): Weights {
  if (from === undefined) return { kind: "hub", ...(revision !== undefined && { revision }) };
  const at = from.startsWith("/") ? from : modelFolder;
  return { kind: "folder", path: file === undefined ? at : `${at}/${file}` };
}
