import type { SuitableMachines } from "../../catalog/choice";
import type { FitDemand } from "../../catalog/fit";
import type { Misfit } from "../../catalog/fit-result";

/** Why a model does not fit a pool; `""`: nodes of no pool. */
interface NamedMisfit {
  pool: string;
  misfit: Misfit;
}

/** What is said of a model that fits nowhere: the key that is about it, and words. */
interface MisfitText {
  key: string;
  problem: string;
  allowed: string;
  fix: string;
}

/** Says why a model fits on none of the pools. */
export function misfitText(demand: FitDemand, misfits: readonly NamedMisfit[]): MisfitText {
  const said = misfits.map(({ pool, misfit }) => {
    const where = pool === "" ? "" : `${pool}: `;
    return `${where}${misfitReason(misfit, demand)}`;
  });
  const closest = misfits
    .map(({ misfit }) => (misfit.reason === "memory" ? misfit.largestContext : 0))
    .reduce((most, one) => Math.max(most, one), 0);
  const [only] = misfits;
  const key = keyOf(only?.misfit, demand, closest);
  return {
    key,
    problem: `does not fit: ${said.join("; ")}`,
    allowed:
      closest > 0
        ? `contextTokens up to ${closest} on these pools, or a pool with more GPU memory`
        : "a pool on which the model fits",
    fix: closest > 0 ? `write contextTokens: ${closest}, or use another pool` : "use another pool",
  };
}

function keyOf(misfit: Misfit | undefined, demand: FitDemand, closest: number): string {
  switch (misfit?.reason) {
    case "context":
    case "no-formula":
      return "contextTokens";
    case "cache-type":
      return "cacheType";
    case "gpus":
    case "one-gpu":
      return "gpus";
    default:
      return closest > 0 && demand.contextTokens !== undefined ? "contextTokens" : "model";
  }
}

/** Why a model does not fit, in a few words. */
export function misfitReason(misfit: Misfit, demand: FitDemand = {}): string {
  switch (misfit.reason) {
    case "memory": {
      const { gpus, nodes, missingGiB, largestContext } = misfit;
      const on =
        gpus === 0
          ? ""
          : ` on ${gpus} GPU${gpus > 1 ? "s" : ""}${nodes > 1 ? ` of ${nodes} nodes each` : ""}`;
      const most = largestContext > 0 ? `, ${largestContext} tokens would fit` : "";
      return `${inGiB(missingGiB)} are missing${on}${wantedText(demand)}${most}`;
    }
    case "context":
      return `it takes ${misfit.maxContext} tokens at most`;
    case "no-formula":
      return "no formula tells the size of its cache: write contextTokens";
    case "weight-type":
      return `its GPUs do not run weights in ${misfit.weightType}`;
    case "cache-type":
      return "its GPUs have no cache in fp8";
    case "attention":
      return `its GPUs do not run ${misfit.kind} attention`;
    case "slow-on-cpus":
      return `${inGiB(misfit.weightsGiB)} of weights are too slow on CPUs: write gpus: 0 to run it there all the same`;
    case "gpus":
      return `a pod has ${misfit.gpusPerPod} GPUs at most`;
    case "division":
      return `its ${misfit.heads} attention heads cannot be divided among ${misfit.gpus} GPUs`;
    case "one-gpu":
      return "its engine runs it on one GPU alone";
  }
}

function wantedText({ contextTokens, concurrency }: FitDemand): string {
  if (contextTokens === undefined && concurrency === undefined) return "";
  const times = concurrency === undefined ? "" : `${concurrency} x `;
  return ` for ${times}${contextTokens ?? "the"} tokens`;
}

function inGiB(amount: number): string {
  return `${amount < 10 ? amount.toFixed(1) : Math.ceil(amount)} GiB`;
}

/** Machines that would do, as the end of an advice; nothing where none are known. */
export function machinesText(machines: readonly SuitableMachines[]): string {
  if (machines.length === 0) return "";
  const each = machines.map(({ machine, count, usdPerHour }) => {
    const times = count > 1 ? `${count} x ` : "";
    const gpus = machine.gpusPerNode > 0 ? ` (${machine.gpusPerNode} ${machine.gpu})` : "";
    const price = usdPerHour === undefined ? "no list price" : `$${usdPerHour.toFixed(2)}/h`;
    return `${times}${machine.name}${gpus}, ${price}`;
  });
  return `; the cheapest machines that hold it: ${each.join("; ")}`;
}
