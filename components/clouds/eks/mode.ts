import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../problem";
import { sentence } from "../../refuse";

/** Who makes the nodes: EKS Auto Mode, or node groups with an autoscaler and drivers of ours. */
export type EksMode = "auto" | "nodeGroups";

/** What a cluster was made with. States of earlier programs keep the mode alone. */
type Made = EksMode | { mode: EksMode; creator: string };

/**
 * What must not be touched where a living cluster would change its mode, or would be told of its creator again, depends on this,
 * which then fails, in a preview too. The state keeps what the cluster was made with, whatever a later program says.
 */
export function asMade(
  name: string,
  { mode, known }: { mode: EksMode; known: readonly string[] },
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<pulumi.Resource> {
  const creator = getCallerIdentityOutput({}, { parent: opts.parent }).arn;
  const kept = new pulumi.Stash(
    name,
    { input: { mode, creator } },
    { ...opts, ignoreChanges: ["input"] },
  );
  // Mocks without a state answer nothing.
  const made: pulumi.Output<Made | undefined> = kept.output;
  return made.apply((was = mode) => {
    const first = typeof was === "string" ? { mode: was, creator: undefined } : was;
    const refused = modeSwitch(first.mode, mode) ?? knownTwice(first.creator, known);
    // Only the engine knows how the cluster was made, so only here can it be refused.
    if (!refused) return kept;
    const error = new pulumi.RunError(sentence(refused));
    // Node 20 takes a quarter of a minute and gigabytes to colour a stack that leads through the SDK, which then is not printed.
    error.stack = undefined;
    throw error;
  });
}

/** Why a living cluster must not go from one mode to the other; undefined: it stays. */
export function modeSwitch(was: EksMode, wanted: EksMode): Problem | undefined {
  if (was === wanted) return undefined;
  return {
    path: ["cluster", "mode"],
    problem: "a living cluster keeps its mode; nothing was changed",
    found: `${wanted}, on a cluster made with ${was}`,
    allowed: was,
    fix: `set cluster.mode back to ${was}. AWS moves neither load balancers (their addresses) nor volumes (their data) to the other mode, and all GPU nodes would be replaced: make a second cluster in a stack of its own, move the traffic, then destroy this one`,
  };
}

/** Why no administrator or viewer may be who made the cluster; undefined: none is, or nobody knows who it was. */
export function knownTwice(
  creator: string | undefined,
  known: readonly string[],
): Problem | undefined {
  const twice = known.find((one) => creator !== undefined && identity(one) === identity(creator));
  if (twice === undefined) return undefined;
  return {
    path: ["cluster", "admins or viewers"],
    problem:
      "whoever makes the cluster administrates it, and EKS refuses the same identity twice; nothing was changed",
    found: `${twice}, and the cluster is made by ${creator}`,
    allowed: "ARNs of other IAM roles",
    fix: "remove it: it may do everything in the cluster all the same",
  };
}

/** Account, kind and name of a role or user; a session has the name of its role, without the path. */
function identity(arn: string): string {
  const [, , , , account, rest = ""] = arn.split(":");
  const [kind, ...path] = rest.split("/");
  const name = kind === "assumed-role" ? path[0] : path.at(-1);
  return [account, kind === "assumed-role" ? "role" : kind, name].join(" ");
}
