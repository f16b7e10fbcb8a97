import { aksRules } from "../../../../components/clouds/aks/rules";
import { reservationGroup } from "../../../support/aks";
import { aks, nodes, onDemand, spot, testRules, type Case } from "../rules/cases";

const reserved = (reservation = reservationGroup, zone?: string) => ({
  capacity: [{ kind: "reserved" as const, reservation, zone }],
});
/** As many pools, each with two capacity types. */
const pools = (many: number) =>
  Object.fromEntries(
    Array.from({ length: many }, (_, at) =>
      Object.entries(aks({}, { capacity: [spot, onDemand] }, `pool-${at}`).pools),
    ).flat(),
  );
/** Two pools of these names. */
const two = (one: string, other: string) => ({
  ...aks(),
  pools: { ...aks({}, {}, one).pools, ...aks({}, {}, other).pools },
});
const zoneless = "cluster.zones: westus has no availability zones";

const cases: Record<string, Case[]> = {
  "AKS-02": [
    [aks({ region: "westus2", zones: ["1"] }, { zones: ["1"], ...reserved(undefined, "1") })],
    [aks({ region: "westus" }, reserved())],
    [aks({ region: "westus", zones: ["1"] }), zoneless],
    [aks({ region: "westus" }, { zones: ["1"] }), "pools.l4.zones: westus has no availability"],
    [
      aks({ region: "westus" }, reserved(undefined, "1")),
      "pools.l4.capacity.0.zone: westus has no availability zones",
    ],
  ],
  "AKS-04": [
    [aks({}, reserved())],
    [aks({}, reserved(reservationGroup.toLowerCase()))],
    ...["t4-reservation", `${reservationGroup}/capacityReservations/one`].map((name): Case => [
      aks({}, reserved(name)),
      "pools.l4.capacity.0.reserved: not the id of a capacity reservation group",
    ]),
  ],
  "AKS-07": [
    [aks({}, nodes(0, 1000))],
    [aks({}, nodes(0, 1001)), "pools.l4.nodes.max: more nodes than an agent pool can have"],
  ],
  "AKS-08": [
    [{ ...aks(), pools: pools(49) }],
    [
      { ...aks(), pools: { ...pools(49), ...aks().pools } },
      "pools: more agent pools than a cluster can have",
    ],
  ],
  "AKS-09": [
    // Found by trying numbers: these two have the same hash.
    [two("vision-8522", "vision-18961"), "pools.vision-18961.capacity.0: AKS's 12 letters"],
    [two("vision-8522", "vision-18962")],
  ],
  "AKS-11": [
    [aks({}, reserved(undefined, "2"))],
    [aks({ zones: ["1"] }, reserved())],
    [aks({}, { ...reserved(), zones: ["3"] })],
    [aks({ region: "westus" }, reserved())],
    [
      aks({}, { capacity: [spot, ...reserved().capacity] }),
      "remark pools.l4.capacity.1.zone: a reservation for nodes without a zone",
    ],
  ],
  "AKS-12": [
    [aks({}, { network: "compact" })],
    [aks({}, reserved())],
    [
      aks({}, { ...reserved(), network: "compact" }),
      "pools.l4.capacity.0: no reservation takes nodes of a proximity placement group",
    ],
  ],
};

describe("the rules of AKS", () => {
  testRules(aksRules, cases);
});
