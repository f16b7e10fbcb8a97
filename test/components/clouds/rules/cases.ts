import assert from "node:assert/strict";
import { cpuMachine, machine, type ManagedCloud } from "../../../../catalog/machines";
import type { ManagedPool } from "../../../../components/clouds/managed";
import {
  problemsOf,
  type PreflightCluster,
  type Rule,
} from "../../../../components/clouds/rules/rule";

/** What a rule is asked about. */
interface Given {
  cluster: PreflightCluster;
  pools: Record<string, ManagedPool>;
}

/** What is given, and what the rule says: `remark` for what it only remarks on, path and beginning of the problem; nothing to accept it. */
export type Case = [given: Given, says?: string];

/** A machine of the catalog. */
export function machineOf(cloud: ManagedCloud, name: string) {
  return machine(cloud, name) ?? cpuOf(cloud, name);
}

/** A machine without GPUs of the catalog. */
export function cpuOf(cloud: ManagedCloud, name: string) {
  return cpuMachine(cloud, name) ?? assert.fail(`the catalog has no machine ${name}`);
}

function onCloud(kind: ManagedCloud, region: string, usual: string) {
  return (
    cluster: Partial<PreflightCluster> = {},
    { on = usual, ...pool }: Partial<ManagedPool> & { on?: string } = {},
    name = "l4",
  ): Given => ({
    cluster: { kind, region, today: "2026-11-22", ...cluster },
    pools: {
      [name]: {
        machine: machineOf(kind, on),
        nodes: { min: 0, max: 12 },
        capacity: [{ kind: "on-demand" }],
        ...pool,
      },
    },
  });
}

/** A cluster with one pool on each cloud, with what matters to a case; `on` is a machine of the pool by its name. */
export const gke = onCloud("gke", "us-central1", "g2-standard-4");
export const eks = onCloud("eks", "us-east-1", "g6.2xlarge");
export const aks = onCloud("aks", "eastus", "Standard_NC16as_T4_v3");

export const onDemand = { kind: "on-demand" } as const;
export const spot = { kind: "spot" } as const;
export const flexStart = { kind: "flex-start" } as const;
export const slices = { kind: "time-slicing", clients: 2 } as const;
export const nodes = (min: number, max: number) => ({ nodes: { min, max } });

/** One test for each rule, with cases that it accepts and cases that it does not. */
export function testRules(rules: readonly Rule[], cases: Record<string, Case[]>): void {
  it("are all asked below", () => {
    assert.deepEqual(Object.keys(cases).sort(), rules.map(({ id }) => id).sort());
  });

  for (const { id, about, ...rule } of rules) {
    it(`${id}: ${about}`, () => {
      const own = cases[id] ?? [];
      for (const [{ cluster, pools }, says] of own) {
        const found = problemsOf([{ id, about, ...rule }], cluster, pools);
        const said = found.map(({ path, problem, warning }) =>
          `${warning ? "remark " : ""}${path.join(".")}: ${problem}`.slice(0, says?.length),
        );
        assert.deepEqual(said, says === undefined ? [] : [says]);
        assert.ok(found.every((one) => one.found !== "" && one.allowed !== "" && one.fix !== ""));
      }
      assert.ok(own.some(([, says]) => says) && own.some(([, says]) => !says));
    });
  }
}
