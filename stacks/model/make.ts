import type { ModelServiceArgs } from "../../components/serving/inference-service";
import { secretOf } from "../secret/values";
import type { ServiceConfig, Stack } from "../stack";
import { argumentsOf } from "./arguments";

/** The arguments of a service that come from its model: what follows from it, or where the cluster's pools are another stack's, the model itself. */
export function modelOf(
  entry: ServiceConfig,
  stack: Pick<Stack, "secrets">,
): Partial<ModelServiceArgs> {
  const { shape, server, own = {}, token, apiKey } = entry;
  if (!shape || server) return { ...server, model: undefined };
  return {
    ...argumentsOf(entry, shape),
    ...(bringsImage(entry) && { image: undefined }),
    ...{ gpus: own.gpus, startup: own.startup, drain: own.drain },
    token: token === undefined ? undefined : secretOf(stack, token),
    apiKey: apiKey === undefined ? undefined : secretOf(stack, apiKey),
  };
}

/** Whether the engine of a model brings the image: where pools are another stack's, the component alone knows which one that is. */
export function bringsImage({ shape, server, image, build }: ServiceConfig): boolean {
  return shape !== undefined && !server && image === undefined && build === undefined;
}
