import assert from "node:assert/strict";
import { gkeRules } from "../../../../components/clouds/gke/rules";
import { problemsOf } from "../../../../components/clouds/rules/rule";
import { cpuOf, flexStart, gke, nodes, onDemand, spot, testRules, type Case } from "../rules/cases";

const reserved = { kind: "reserved", reservation: "r1", zone: "us-central1-a" } as const;
const path = "projects/shared/reservations/r1/reservationBlocks/b1";
const inOneZone = { zones: ["us-central1-a"] };

const cases: Record<string, Case[]> = {
  "GKE-01": [
    [gke({ region: "us-central1" })],
    [gke({ region: "us-central1-a" }), "cluster.region: not a region"],
  ],
  "GKE-07": [
    [gke({}, { capacity: [flexStart], ...nodes(0, 4) })],
    [gke({}, { capacity: [], ...nodes(1, 4) })],
    [gke({}, { capacity: [flexStart, onDemand], ...nodes(3, 4) })],
    [gke({}, { capacity: [flexStart], ...nodes(3, 4) }), "pools.l4.nodes.min: nodes that always"],
  ],
  "GKE-08": [
    [gke({}, nodes(3, 3))],
    [gke({}, { capacity: [spot, onDemand], ...nodes(2, 3) })],
    [gke({}, { capacity: [spot, onDemand], ...nodes(3, 3) }), "pools.l4.nodes: a fixed number"],
  ],
  "GKE-09": [
    [gke({}, nodes(1, 3))],
    [gke({}, { ...nodes(1, 1), ...inOneZone })],
    [gke(inOneZone, nodes(1, 1))],
    [gke({}, { ...nodes(1, 1), capacity: [reserved] })],
    [gke({}, nodes(4, 3))],
    ...[nodes(1, 2), nodes(2, 2), { ...nodes(1, 2), capacity: [onDemand, reserved] }].map(
      (pool): Case => [gke({}, pool), "pools.l4.nodes.min: does not fit the zones"],
    ),
  ],
  "GKE-13": [
    [gke({}, inOneZone)],
    [gke(inOneZone)],
    [gke({}, { capacity: [reserved] })],
    [gke({}, { capacity: [spot] }), "remark pools.l4.zones: no zones: GKE chooses some"],
  ],
  "GKE-14": [
    [gke({}, { network: "compact" })],
    [gke({}, { on: "a3-megagpu-8g", network: "compact" })],
    [gke({}, { on: "a4-highgpu-8g" })],
    [gke({}, { on: "a4-highgpu-8g", network: "compact" }), "pools.l4.network: GKE places nodes"],
  ],
  "GKE-16": [
    [gke({}, { network: "compact", capacity: [spot, onDemand] })],
    [gke({}, { capacity: [flexStart, reserved] })],
    [gke({}, { on: "a4-highgpu-8g", network: "compact", capacity: [reserved] })],
    [
      gke({}, { network: "compact", capacity: [spot, flexStart] }),
      "pools.l4.capacity.1: GKE places flex-start nodes of no machine",
    ],
    [
      gke({}, { network: "compact", capacity: [reserved] }),
      "pools.l4.capacity.0: a reservation takes nodes of its own placement policy",
    ],
  ],
  "GKE-17": [
    [gke({}, { capacity: [reserved] })],
    [gke({}, { capacity: [{ ...reserved, project: "shared", reservationBlock: "r1-block-1" }] })],
    [
      gke({}, { capacity: [spot, { ...reserved, reservation: path }] }),
      "pools.l4.capacity.1: not the name of a reservation",
    ],
    [
      gke({}, { capacity: [{ ...reserved, reservationBlock: "r1/block" }] }),
      "pools.l4.capacity.0.reservationBlock: not the name of a block",
    ],
  ],
  "GKE-18": [
    [gke()],
    [gke({}, { on: "a4-highgpu-8g", capacity: [spot, flexStart] })],
    [
      gke({}, { on: "a3-ultragpu-8g", capacity: [spot, onDemand] }),
      "remark pools.l4.capacity.1: Google lists reservations",
    ],
  ],
  "GKE-19": [
    [gke(inOneZone, { zones: ["us-central1-ai1a"] })],
    [gke({ zones: ["us-central1-a", "us-central1-ai1a"] }), "remark cluster.zones.1: an AI zone"],
  ],
  "GKE-20": [
    [gke()],
    [gke({ system: { machine: cpuOf("gke", "c3-standard-8") } })],
    [
      gke({ system: { machine: cpuOf("gke", "n4-standard-4") } }),
      "cluster.system.machine: nodes that take Hyperdisks alone",
    ],
  ],
};

describe("the rules of GKE", () => {
  testRules(gkeRules, cases);

  it("say how the parts of a reservation's path are written", () => {
    const { cluster, pools } = gke({}, { capacity: [{ ...reserved, reservation: path }] });

    assert.equal(
      problemsOf(gkeRules, cluster, pools)[0]?.fix,
      "write { reserved: r1, project: shared, reservationBlock: b1, zone: us-central1-a }",
    );
  });
});
