import { stateBefore, type StateBefore } from "../../../stacks/before/state";

/** A stack's state as the engine tells it: outputs of resources by the end of their URN, below `gpu-serving:index:`. */
export function state(resources: Record<string, object> = {}): StateBefore {
  const outputs = Object.entries(resources).map(([end, outputs]) => [
    `urn:pulumi:prod::gpu-serving::gpu-serving:index:${end}`,
    { outputs },
  ]);
  return stateBefore({ name: "prod", outputs: Object.fromEntries(outputs) });
}
