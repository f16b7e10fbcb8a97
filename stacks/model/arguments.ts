import type { ModelShape } from "../../catalog/model";
import type { Weights } from "../../components/serving/engines/engine";
import type { ModelArgs } from "../../components/serving/model-server";
import type { ServiceEntry } from "../schema";

/** Where a model of a volume is in its container. */
export const modelFolder = "/model";

/** What an entry says of its model, as its component takes it. */
export function argumentsOf(fields: ServiceEntry, shape: ModelShape): ModelArgs {
  const { engine, contextTokens, concurrency, cacheType, adapters, engineArgs } = fields;
  const { nodesPerReplica, token, apiKey } = fields;
  const { from, revision, file } = fields.model ?? {};
  const at = from?.startsWith("/") ? from : modelFolder;
  const weights: Weights =
    from === undefined
      ? { kind: "hub", ...(revision !== undefined && { revision }) }
      : { kind: "folder", path: file === undefined ? at : `${at}/${file}` };
  return {
    ...{ model: shape, engine, contextTokens, concurrency, cacheType, weights, adapters },
    ...{ nodesPerReplica, engineArgs, token, apiKey },
  };
}
