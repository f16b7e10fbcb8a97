import type * as pulumi from "@pulumi/pulumi";
import { InferenceService } from "../inference-service";
import { containerArgs, type ContainerArgs, type ModelServiceArgs } from "../model-service";
import { MultiNodeService } from "./multi-node-service";

/** Makes a service, of the kind that its replicas take: on one node each, or each on several. */
export function serviceOf(
  name: string,
  given: ContainerArgs | ModelServiceArgs,
  opts?: pulumi.ComponentResourceOptions,
): InferenceService | MultiNodeService {
  const isSpread = containerArgs(given).args.nodeGroup !== undefined;
  return isSpread
    ? new MultiNodeService(name, given, opts)
    : new InferenceService(name, given, opts);
}
