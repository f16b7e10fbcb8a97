/** Who makes the nodes: EKS Auto Mode, or node groups with an autoscaler and drivers of ours. */
export type EksMode = "auto" | "nodeGroups";

/** The part of a cluster's inputs that tells its mode, as the engine keeps it. */
export interface ModeInputs {
  computeConfig?: { enabled?: boolean };
}

/** Mode of a cluster that was made with these inputs. */
export function modeOf({ computeConfig }: ModeInputs): EksMode {
  return computeConfig?.enabled ? "auto" : "nodeGroups";
}

/** Why a living cluster must not be updated so; undefined: it may. */
export function modeSwitch(before: ModeInputs, after: ModeInputs): string | undefined {
  const [was, wanted] = [modeOf(before), modeOf(after)];
  if (was === wanted) return undefined;
  return [
    `cluster.mode: a living cluster keeps its mode; nothing was changed.`,
    `    found:   ${wanted}, on a cluster made with ${was}`,
    `    allowed: ${was}`,
    `    do:      set cluster.mode back to ${was}. AWS moves neither load balancers (their addresses) nor volumes (their data) to the other mode, and all GPU nodes would be replaced: make a second cluster in a stack of its own, move the traffic, then destroy this one.`,
  ].join("\n");
}
