import { stateBefore, type StateBefore } from "../../../stacks/before/state";

/** A stack's state as the engine tells it: outputs of resources by the end of their URN, below `gpu-serving:index:`. */
export function state(resources: Record<string, object> = {}): StateBefore {
  const urn = "urn:pulumi:prod::gpu-serving::gpu-serving:index:";
  const told = Object.entries(resources).map(([end, outputs]) => [urn + end, { outputs }] as const);
  return stateBefore({ name: "prod", outputs: Object.fromEntries(told) });
}
