import type { SuitableGpus } from "../../catalog/suitable-gpus";
import type { SuitableMachines } from "../../catalog/choice";
import type { FitDemand } from "../../catalog/fit";
import type { Misfit } from "../../catalog/fit-result";
import { modelBounds } from "./model-problems";

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

/** Says why a model fits on none of the pools; `gpus` are some that would do. */
export function misfitText(
  demand: FitDemand,
  misfits: readonly NamedMisfit[],
  gpus: readonly SuitableGpus[] = [],
): MisfitText {
  const said = misfits.map(({ pool, misfit }) => {
    const where = pool === "" ? "" : `${pool}: `;
    return `${where}${misfitReason(misfit, demand)}`;
  });
  const longest = misfits
    .map(({ misfit }) => (misfit.reason === "memory" ? misfit.largestContext : 0))
    .reduce((most, one) => Math.max(most, one), 0);
  const [leastTokens] = modelBounds.contextTokens;
  // Fewer tokens are of no use to anybody: there it is their number that is too large.
  const closest = longest >= leastTokens ? longest : 0;
  const crowded = longest > closest && (demand.concurrency ?? 1) > 1;
  const [only] = misfits;
  const isAlike = misfits.every(({ misfit }) => misfit.reason === only?.misfit.reason);
  const own = isAlike && only ? ownRemedy(only.misfit, gpus) : undefined;
  return {
    key: crowded ? "concurrency" : keyOf(only?.misfit, demand, closest),
    problem: `does not fit: ${said.join("; ")}`,
    ...(own ?? remedy(demand, { closest, crowded }, gpus)),
  };
}

/** What to do about memory, or about GPUs that lack something. */
function remedy(
  { concurrency = 1 }: FitDemand,
  { closest, crowded }: { closest: number; crowded: boolean },
  gpus: readonly SuitableGpus[],
): Pick<MisfitText, "allowed" | "fix"> {
  const other = `use another pool${suchText(gpus)}`;
  if (crowded) {
    return {
      allowed: "fewer at once on these pools, or a pool with more GPU memory",
      fix: `write a lower concurrency, or ${other}`,
    };
  }
  if (closest === 0) return { allowed: "a pool on which the model fits", fix: other };
  const fewer = concurrency > 1 ? " or a lower concurrency" : "";
  return {
    allowed: `contextTokens up to ${closest} on these pools, or a pool with more GPU memory`,
    fix: `write contextTokens: ${closest}${fewer}, or ${other}`,
  };
}

/** GPUs that would do, behind a pool. */
function suchText(gpus: readonly SuitableGpus[]): string {
  const named = gpus.map(({ gpu, count }) => `${count} x ${gpu}`).join(" or ");
  return named === "" ? "" : `, such as one with ${named} on a node`;
}

/** What to do about a misfit that is not one of memory. */
function ownRemedy(
  misfit: Misfit,
  gpus: readonly SuitableGpus[],
): Pick<MisfitText, "allowed" | "fix"> | undefined {
  switch (misfit.reason) {
    case "slow-on-cpus":
      return {
        allowed: "a pool with GPUs, or gpus: 0 for a model on CPUs",
        fix: `write gpus: 0 if it may be slow, or declare a pool with GPUs${suchText(gpus)}`,
      };
    case "context":
      return {
        allowed: `contextTokens up to ${misfit.maxContext}`,
        fix: `write contextTokens: ${misfit.maxContext} or less`,
      };
    case "no-formula":
      return { allowed: "contextTokens beside this model", fix: "write contextTokens" };
    case "one-gpu":
      return { allowed: "1", fix: "remove gpus" };
    case "unknown-shares":
      return {
        allowed: "a pool with sharesPerGpu, or one of whole GPUs or of slices",
        fix: "write sharesPerGpu in the pool, the shares that one GPU has; remove gpusPerPod if its GPUs are whole",
      };
    case "resource":
      return {
        allowed: "a pool with NVIDIA's GPUs, or the engine's image for these",
        fix: "use another pool, or write image: with a build of the engine for these GPUs",
      };
    default:
      return undefined;
  }
}

function keyOf(misfit: Misfit | undefined, demand: FitDemand, closest: number): string {
  switch (misfit?.reason) {
    case "context":
    case "no-formula":
      return "contextTokens";
    case "cache-type":
      return "cacheType";
    case "resource":
    case "unknown-shares":
      return "pool";
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
      return `${inGiB(misfit.weightsGiB)} of weights are too slow on CPUs, where gpus: 0 runs it all the same`;
    case "gpus":
      return `a pod has ${misfit.gpusPerPod} GPU${misfit.gpusPerPod === 1 ? "" : "s"} at most`;
    case "division":
      return `its ${misfit.heads} attention heads cannot be divided among ${misfit.gpus} GPUs`;
    case "unknown-shares":
      return "pods share its GPUs, and nothing says how many share one";
    case "resource":
      return `its GPUs are of ${misfit.resource}, and the engine's image is for NVIDIA's`;
    case "one-gpu":
      return "its engine runs it on one GPU alone";
  }
}

function wantedText({ contextTokens, concurrency = 1 }: FitDemand): string {
  if (contextTokens === undefined) {
    return concurrency === 1 ? "" : ` for ${concurrency} sequences at once`;
  }
  return concurrency === 1
    ? ` for ${contextTokens} tokens`
    : ` for ${concurrency} x ${contextTokens} tokens`;
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
