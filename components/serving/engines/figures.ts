import type { Query } from "./engine";

/** Time over which rates are taken: several scrapes of 15 or 30 seconds each. */
const over = "2m";

/** The sum of a gauge over all pods. */
export function sumOf(metric: string): Query {
  return { metric, promql: (selector) => `sum(${metric}{${selector}})` };
}

/** The mean of a gauge over all pods. */
export function meanOf(metric: string): Query {
  return { metric, promql: (selector) => `avg(${metric}{${selector}})` };
}

/** What a counter grows by in a second, over all pods. */
export function rateOf(metric: string): Query {
  return { metric, promql: (selector) => `sum(rate(${metric}{${selector}}[${over}]))` };
}

/** The time in seconds that 95 of 100 requests stay below, from a histogram. */
export function p95Of(metric: string): Query {
  return {
    metric,
    promql: (selector) =>
      `histogram_quantile(0.95, sum by (le) (rate(${metric}_bucket{${selector}}[${over}])))`,
  };
}
