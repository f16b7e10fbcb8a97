import assert from "node:assert/strict";
import { machine, type ManagedCloud } from "../../../../catalog/machines";
import { aksDraws, eksDraws, gkeDraws } from "../../../../components/clouds/quota/draws";
import { quotaProblems, quotaNeeds, type Draws } from "../../../../components/clouds/quota/need";
import type { CapacityType, ManagedPool } from "../../../../components/clouds/managed";

const onDemand: CapacityType = { kind: "on-demand" };
const spot: CapacityType = { kind: "spot" };
const flexStart: CapacityType = { kind: "flex-start" };
const reserved: CapacityType = { kind: "reserved", reservation: "r", zone: "z" };
const block: CapacityType = { kind: "block", reservation: "cr-1", zone: "us-east-1a" };

function pool(cloud: ManagedCloud, name: string, max: number, ...capacity: CapacityType[]) {
  const found = machine(cloud, name);
  if (!found) throw new Error(`the catalog has no machine ${name}`);
  return { machine: found, nodes: { min: 0, max }, capacity } satisfies ManagedPool;
}

/** Amount by quota. */
function amounts(pools: Record<string, ManagedPool>, draws: Draws): Record<string, number> {
  return Object.fromEntries(quotaNeeds(pools, draws).map(({ quota, amount }) => [quota, amount]));
}

describe("what pools take from quotas", () => {
  it("is GPUs on Google Cloud: spot apart, and all GPUs of the project once a pool", () =>
    assert.deepEqual(
      amounts({ large: pool("gke", "a2-ultragpu-2g", 3, spot, onDemand) }, gkeDraws),
      { PREEMPTIBLE_NVIDIA_A100_80GB_GPUS: 6, GPUS_ALL_REGIONS: 6, NVIDIA_A100_80GB_GPUS: 6 },
    ));

  it("counts capacity types of one pool on the same quota once", () =>
    assert.deepEqual(
      amounts({ large: pool("gke", "a3-highgpu-4g", 2, flexStart, spot) }, gkeDraws),
      { PREEMPTIBLE_NVIDIA_H100_GPUS: 8, GPUS_ALL_REGIONS: 8 },
    ));

  it("adds up pools on the same quota, and tells each one's part", () =>
    assert.deepEqual(
      quotaNeeds(
        {
          small: pool("gke", "g2-standard-4", 4, onDemand),
          wide: pool("gke", "g2-standard-24", 3, onDemand),
        },
        gkeDraws,
      )[0],
      {
        quota: "NVIDIA_L4_GPUS",
        unit: "GPUs",
        amount: 10,
        parts: [
          { pool: "small", amount: 4, capacity: ["on-demand"] },
          { pool: "wide", amount: 6, capacity: ["on-demand"] },
        ],
      },
    ));

  it("names the family of the newer GPUs on Google Cloud", () =>
    assert.deepEqual(amounts({ h: pool("gke", "a3-megagpu-8g", 2, onDemand) }, gkeDraws), {
      "GPUS-PER-GPU-FAMILY-per-project-region[NVIDIA_H100_MEGA]": 16,
      GPUS_ALL_REGIONS: 16,
    }));

  it("is vCPUs of a class on AWS, where spot P5 has a quota apart from older P", () =>
    assert.deepEqual(
      amounts(
        {
          g: pool("eks", "g6.xlarge", 4, spot, onDemand),
          gr: pool("eks", "gr6.4xlarge", 1, onDemand),
          p4: pool("eks", "p4d.24xlarge", 2, spot),
          p5: pool("eks", "p5.4xlarge", 3, spot, onDemand),
        },
        eksDraws,
      ),
      {
        "L-3819A6DF (All G and VT Spot Instance Requests)": 16,
        "L-DB2E81BA (Running On-Demand G and VT instances)": 32,
        "L-7212CCBC (All P4, P3 and P2 Spot Instance Requests)": 192,
        "L-C4BD4855 (All P5 Spot Instance Requests)": 48,
        "L-417A185B (Running On-Demand P instances)": 48,
      },
    ));

  it("is vCPUs of the family and of the region on Azure, and of the spot quota alone", () =>
    assert.deepEqual(
      amounts(
        { small: pool("aks", "Standard_NC4as_T4_v3", 4, spot, onDemand) },
        aksDraws(new Map([["Standard_NC4as_T4_v3", "Standard NCASv3_T4 Family"]])),
      ),
      { lowPriorityCores: 16, "Standard NCASv3_T4 Family": 16, cores: 16 },
    ));

  it("is nothing where it was reserved: that was taken when it was reserved", () => {
    assert.deepEqual(amounts({ a: pool("gke", "g2-standard-4", 4, reserved) }, gkeDraws), {});
    assert.deepEqual(amounts({ a: pool("eks", "p5.48xlarge", 4, reserved, block) }, eksDraws), {});
    assert.deepEqual(
      amounts({ a: pool("aks", "Standard_NC4as_T4_v3", 4, reserved) }, aksDraws(new Map())),
      {},
    );
  });
});

describe("a quota", () => {
  const needs = quotaNeeds(
    {
      small: pool("eks", "g6.xlarge", 4, onDemand),
      wide: pool("eks", "g6.12xlarge", 2, onDemand),
    },
    eksDraws,
  );

  it("that is too small is a problem at the pool's nodes.max, with each pool's part", () =>
    assert.deepEqual(
      quotaProblems(needs, () => ({ limit: 111, used: 5 })),
      [
        {
          path: ["pools", "small", "nodes", "max"],
          problem:
            "quota L-DB2E81BA (Running On-Demand G and VT instances) is too small for on-demand nodes",
          found: "111 vCPUs, 5 in use",
          allowed: "at least 112 vCPUs: 16 for small, 96 for wide",
          fix: "ask the cloud for 112 vCPUs of L-DB2E81BA (Running On-Demand G and VT instances), or lower nodes.max",
          warning: false,
        },
      ],
    ));

  it("that is just enough is none", () =>
    assert.deepEqual(
      quotaProblems(needs, () => ({ limit: 112 })),
      [],
    ));

  it("that is enough but in use is only remarked on: the nodes may be this stack's own", () =>
    assert.deepEqual(
      quotaProblems(needs, () => ({ limit: 120, used: 20 })).map(({ problem, warning }) => [
        problem,
        warning,
      ]),
      [
        [
          "quota L-DB2E81BA (Running On-Demand G and VT instances) is enough only if 12 of what is in use are this stack's",
          true,
        ],
      ],
    ));

  it("that the cloud does not know grants nothing", () =>
    assert.deepEqual(
      quotaProblems(needs, () => "none").map(({ found }) => found),
      ["nothing granted"],
    ));

  it("that could not be asked, or has no limit, is not missing", () => {
    assert.deepEqual(
      quotaProblems(needs, () => "unasked"),
      [],
    );
    assert.deepEqual(
      quotaProblems(needs, () => ({ limit: Infinity })),
      [],
    );
  });
});
