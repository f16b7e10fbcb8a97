import type { Declined } from "../../catalog/choice";
import { misfitReason } from "../../components/serving/misfit-text";
import type { Placements } from "./serve";

/** Says of each model where it goes, and why not elsewhere: one line for each service. */
export function placementLines(placements: Placements): string[] {
  return Object.entries(placements).map(([service, { placed, declined }]) => {
    const { shape, fit, pool, name } = placed;
    const ofNode = `${fit.gpus} x ${pool?.gpu ?? "GPU"}`;
    const gpus = fit.nodes > 1 ? `${fit.nodes} nodes with ${ofNode} each` : ofNode;
    const where =
      fit.gpus === 0
        ? `CPUs${name === undefined ? "" : ` of pool ${name}`}`
        : `pool ${name}, ${gpus}`;
    const holds = `${fit.contextTokens} tokens, ${fit.concurrency} at once`;
    const others = declined.map((one) => `not on ${one.pool}: ${declinedText(one)}`);
    return [`${service}: ${shape.name} on ${where}, ${placed.engine}; ${holds}`, ...others].join(
      "; ",
    );
  });
}

function declinedText(declined: Declined): string {
  if ("misfit" in declined) return misfitReason(declined.misfit);
  const { usdPerHour } = declined.dearer;
  return usdPerHour === undefined
    ? "its price is not known, or it takes more GPU memory"
    : `$${usdPerHour.toFixed(2)}/h, which is more`;
}
