import { choose, type CandidatePool } from "../catalog/choice";
import { machines } from "../catalog/machines";
import { models } from "../catalog/models";

/** Pairs of a service and a pool that are fitted, and the seconds that they may take. */
const [pairs, goal] = [10_000, 1];

/** Chooses a pool for services with all models of the catalog among pools of all its machines. */
export function fitAndChoice(): string[] {
  const pools: CandidatePool[] = machines.map((machine, at) => ({
    ...machine,
    name: `pool-${at}`,
  }));
  const services = Math.ceil(pairs / pools.length);
  const start = performance.now();
  let placed = 0;
  for (let at = 0; at < services; at++) {
    const model = models[at % models.length];
    const demand = { contextTokens: 4096, concurrency: 1 + (at % 8) };
    if (model && choose(model, demand, pools).placement) placed++;
  }
  const seconds = (performance.now() - start) / 1000;
  const verdict = seconds <= goal ? "within" : "above";
  return [
    `fit and choice of ${services * pools.length} pairs: ${seconds.toFixed(2)} s, ${verdict} ${goal} s; ${placed} of ${services} services placed`,
  ];
}

if (require.main === module) console.log(fitAndChoice().join("\n"));
