import type { Problem } from "../../problem";
import { numberProblems, type Bounds } from "../../workload/bounds";
import type { Figures } from "./figures";
import {
  needsKeda,
  needsPrometheus,
  wakes,
  type LoadSignal,
  type ReplicaRange,
  type Schedule,
  type ScaleOn,
} from "./scale-on";
import { paceBounds } from "./windows";

/** Percent of a cache or of the CPU that replicas are kept at. */
export const percentBounds: Bounds = [1, 100];

/** Targets that KEDA hands on: it writes them in thousandths, and the autoscaler reads those into 64 bits (docs/facts.md 20.21). */
export const targetBounds: Bounds = [0.001, 9e15];

/** What there is on the cluster for a service that is scaled. */
export interface Surroundings {
  /** Figures of its engine. @default it has no engine, or nobody knows yet which */
  figures?: Figures;
  /** Whether KEDA is there. */
  keda: boolean;
  /** Whether somebody says where Prometheus is. */
  prometheus: boolean;
}

/** What is wrong with the range of a service's replicas. */
export function rangeProblems(
  { min, max, spare = 0, scaleUp = {}, scaleDown = {} }: ReplicaRange,
  bounds: Bounds,
): Problem[] {
  const at = (key: string) => ["replicas", key];
  const [, most] = bounds;
  const paces = Object.entries({ scaleUp, scaleDown }).flatMap(([key, pace]) =>
    (["window", "every"] as const).flatMap((part) => {
      const value = pace[part];
      return value === undefined ? [] : numberProblems([...at(key), part], value, paceBounds[part]);
    }),
  );
  const numbers = [
    ...numberProblems(at("min"), min, bounds),
    ...numberProblems(at("max"), max, [1, most]),
    ...numberProblems(at("spare"), spare, [0, most]),
    ...paces,
  ];
  if (numbers.length > 0 || min <= max) return numbers;
  return [
    {
      ...{ path: at("max"), found: String(max) },
      problem: "less than min",
      allowed: `${min} or more; ${min} itself holds the number while the autoscaler stays`,
      fix: `raise it, or write replicas: ${min} for a fixed number`,
    },
  ];
}

/** What is wrong with what a range of replicas follows. */
export function scaleOnProblems(
  { min, max }: Pick<ReplicaRange, "min" | "max">,
  scaleOn: readonly ScaleOn[],
  { figures, keda, prometheus }: Surroundings,
): Problem[] {
  const path = ["scaleOn"];
  if (scaleOn.length === 0) {
    return [
      {
        ...{ path, found: "nothing", problem: "missing: replicas is a range that nothing changes" },
        allowed: "what replicas follow: { query, target }, { cpu: PERCENT } or a schedule",
        fix: "add it, for example scaleOn: { cpu: 70 }, or write one number for replicas",
      },
    ];
  }
  const problems = scaleOn.flatMap((one): Problem[] => {
    if ("cpu" in one) return numberProblems(path, one.cpu, percentBounds);
    if ("schedule" in one) return scheduleProblems(path, one.schedule, { min, max });
    const signal = "signal" in one ? one.signal : undefined;
    if (signal && figures && !figures[signal]) return [unknownSignal(path, signal, figures)];
    return targetProblems(path, one.target, signal === "cache" ? [0.1, 100] : targetBounds);
  });
  if (min === 0 && !wakes(scaleOn)) problems.push(neverWoken);
  if (needsKeda(scaleOn) && !keda) problems.push(noKeda(scaleOn, prometheus));
  else if (needsPrometheus(scaleOn) && !prometheus) problems.push(noPrometheus);
  return problems;
}

const neverWoken: Problem = {
  ...{ path: ["replicas", "min"], found: "0" },
  problem:
    "nothing brings the first replica back: without one the engine has no metrics and no CPU is used",
  allowed: "1 or more; 0 beside scaleOn with a query of what is asked before them, or a schedule",
  fix: "write min: 1, or add what wakes it, for example scaleOn: [{ query: 'sum(rate(router_requests_total{model=\"chat\"}[2m]))', target: 5 }]",
};

function noKeda(scaleOn: readonly ScaleOn[], prometheus: boolean): Problem {
  const figures = needsPrometheus(scaleOn) && !prometheus;
  const keda = "autoscaling: { keda: install }";
  return {
    ...{ path: ["scaleOn"], found: words(scaleOn) },
    problem: `needs KEDA${figures ? " and Prometheus" : ""}, and the stack file has no autoscaling`,
    allowed: "{ cpu: PERCENT } alone, or any beside autoscaling in the stack file",
    fix: `add ${figures ? `observability: true and ${keda}` : keda} to the stack file; keda: existing where the cluster has it${figures ? `; ${ownPrometheus}` : ""}`,
  };
}

/** What to write where the cluster has a Prometheus. */
const ownPrometheus =
  "where the cluster has a Prometheus, write its address in place of observability: autoscaling: { prometheus: http://prometheus.monitoring:9090 }";

const noPrometheus: Problem = {
  ...{ path: ["scaleOn"], found: "a metric of Prometheus" },
  problem: "the stack file does not say which Prometheus has it",
  allowed:
    "{ cpu: PERCENT }, a schedule, or any beside observability or autoscaling.prometheus in the stack file",
  fix: `add observability: true to the stack file, which installs one; ${ownPrometheus}`,
};

function unknownSignal(path: Problem["path"], signal: LoadSignal, figures: Figures): Problem {
  const known = Object.keys(figures).filter((key) => key !== "tokens");
  return {
    ...{ path, found: signal, problem: `${signal} is a metric that the engine does not have` },
    allowed: [...known, "query", "cpu", "schedule"].join(", "),
    fix: known[0] ? `write ${known[0]}, or a query of your own` : "write a query of your own",
  };
}

function targetProblems(path: Problem["path"], target: number, [least, most]: Bounds): Problem[] {
  if (target >= least && target <= most) return [];
  return [
    {
      ...{ path: [...path, "target"], found: String(target), problem: "out of range" },
      allowed: `a number from ${least} to ${most}`,
      fix: "choose a number in this range",
    },
  ];
}

function scheduleProblems(
  path: Problem["path"],
  { start, end, replicas }: Schedule,
  { min, max }: Pick<ReplicaRange, "min" | "max">,
): Problem[] {
  const problems: Problem[] = [];
  if (!Number.isInteger(replicas) || replicas <= min || replicas > max) {
    problems.push({
      ...{ path, found: `${replicas} replicas` },
      problem: `a schedule with ${replicas} replicas, which changes nothing or cannot be`,
      allowed: `from ${min + 1} to ${max} replicas, as min and max say`,
      fix: "choose a number in this range",
    });
  }
  if (start === end) {
    problems.push({
      ...{ path, found: JSON.stringify(end) },
      problem: "a schedule that ends when it starts, which KEDA refuses",
      allowed: "a cron line of another time",
      fix: 'write when the replicas may end, for example end: "0 20 * * 1-5"',
    });
  }
  return problems;
}

function words(scaleOn: readonly ScaleOn[]): string {
  const word = (one: ScaleOn) => ("signal" in one ? one.signal : (Object.keys(one)[0] ?? ""));
  return scaleOn.map(word).join(", ");
}
