import * as pulumi from "@pulumi/pulumi";

/** Who makes the nodes: EKS Auto Mode, or node groups with an autoscaler and drivers of ours. */
export type EksMode = "auto" | "nodeGroups";

/**
 * What must not be touched where a living cluster would change its mode depends on this, which then fails, in a preview too.
 * The state keeps the mode that the cluster was made with, whatever a later program says.
 */
export function keptMode(
  name: string,
  mode: EksMode,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<pulumi.Resource> {
  const kept = new pulumi.Stash(name, { input: mode }, { ...opts, ignoreChanges: ["input"] });
  // Mocks without a state answer nothing.
  const made: pulumi.Output<EksMode | undefined> = kept.output;
  return made.apply((was = mode) => {
    const refused = modeSwitch(was, mode);
    // Only the engine knows how the cluster was made, so only here can it be refused.
    if (refused) throw withoutStack(new pulumi.RunError(refused));
    return kept;
  });
}

/** Node 20 takes a quarter of a minute and gigabytes to colour a stack that leads through the SDK, which then is not printed. */
function withoutStack(error: Error): Error {
  error.stack = undefined;
  return error;
}

/** Why a living cluster must not go from one mode to the other; undefined: it stays. */
export function modeSwitch(was: EksMode, wanted: EksMode): string | undefined {
  if (was === wanted) return undefined;
  return [
    `cluster.mode: a living cluster keeps its mode; nothing was changed.`,
    `    found:   ${wanted}, on a cluster made with ${was}`,
    `    allowed: ${was}`,
    `    do:      set cluster.mode back to ${was}. AWS moves neither load balancers (their addresses) nor volumes (their data) to the other mode, and all GPU nodes would be replaced: make a second cluster in a stack of its own, move the traffic, then destroy this one.`,
  ].join("\n");
}
