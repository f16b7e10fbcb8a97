import assert from "node:assert/strict";
import { defaultZones } from "../../../../components/clouds/eks/zones";
import { eksRules } from "../../../../components/clouds/eks/rules";
import type { ManagedPool } from "../../../../components/clouds/managed";
import type { PreflightCluster } from "../../../../components/clouds/rules/rule";
import {
  eks,
  machineOf,
  nodes,
  onDemand,
  slices,
  spot,
  testRules,
  type Case,
} from "../rules/cases";

const nodeGroups = { mode: "nodeGroups" } as const;
const id = { reservation: "cr-0123456789abcdef0", zone: "us-east-1b" };
const reserved = { kind: "reserved", ...id } as const;
const block = { kind: "block", ...id } as const;
const on = "p5.48xlarge";

const cases: Record<string, Case[]> = {
  "EKS-02": [
    [eks({ access: ["203.0.113.7/32", "172.15.0.0/16"] })],
    [eks({ access: ["172.31.0.0/16"] }), "cluster.access.0: a private range"],
  ],
  "EKS-04": [
    [eks()],
    [eks({ region: "mx-central-1", ...nodeGroups })],
    [eks({ region: "mx-central-1" }), "cluster.mode: no Auto Mode in mx-central-1"],
  ],
  "EKS-05": [
    [eks()],
    [eks({ zones: ["us-east-1a", "us-east-1f"] })],
    [eks({ zones: ["us-east-1a"] }), "cluster.zones: fewer than two zones"],
    [eks({ region: "us-west-1" }), "cluster.zones: fewer than two zones"],
  ],
  "EKS-06": [
    [eks({ zones: ["eu-west-1g"] })],
    [eks({ zones: ["us-east-1f"] }, { zones: ["us-east-1a"], capacity: [block, onDemand] })],
    [eks({ zones: ["us-east-1a", "us-east-1g"] }), "cluster.zones.1: no addresses are kept"],
    [eks({}, { zones: ["us-east-1g"] }), "pools.l4.zones.0: no addresses are kept"],
    [
      eks({}, { capacity: [onDemand, { ...reserved, zone: "us-east-1g" }] }),
      "pools.l4.capacity.1.zone: no addresses are kept",
    ],
  ],
  "EKS-07": [
    [eks({}, { on: "g6e.xlarge" })],
    [eks({}, { machine: machineOf("gke", "g2-standard-4") })],
    [eks({}, { on: "g7.2xlarge" }), "pools.l4.machine: no image of EKS Auto Mode"],
    [eks(nodeGroups, { on: "g6f.xlarge" }), "pools.l4.machine: no image of EKS node groups"],
  ],
  "EKS-08": [
    [eks(nodeGroups, { sharing: slices })],
    [eks()],
    [eks({}, { sharing: slices }), "pools.l4.sharing: Auto Mode cannot share a GPU"],
  ],
  "EKS-11": [
    [eks({}, { capacity: [reserved, block, onDemand] })],
    [
      eks({}, { capacity: [{ ...block, reservation: "block-1" }] }),
      "pools.l4.capacity.0.block: not the id of a capacity reservation",
    ],
    [
      eks({}, { capacity: [{ ...reserved, reservation: "cr-0" }] }),
      "pools.l4.capacity.0.reserved: not the id of a capacity reservation",
    ],
  ],
  "EKS-16": [
    [eks({}, { ...nodes(1, 4), capacity: [onDemand, block] })],
    [eks({}, { ...nodes(0, 4), capacity: [block] })],
    [
      eks({}, { ...nodes(1, 4), capacity: [block, onDemand] }),
      "pools.l4.nodes.min: nodes that always run, from a capacity block",
    ],
  ],
  "EKS-17": [
    [eks({}, { capacity: [reserved] })],
    [eks({}, { capacity: [block, onDemand], network: "compact" })],
    [
      eks({}, { capacity: [onDemand, reserved], network: "compact" }),
      "remark pools.l4.capacity.1: nodes are as close to each other as the reservation",
    ],
  ],
  "EKS-18": [
    [eks({}, { network: "compact" })],
    [eks(nodeGroups, { on, network: "fast" })],
    [eks({}, { on, network: "fast" }), "pools.l4.network: no EFA on Auto Mode"],
    [eks(nodeGroups, { network: "fast" }), "pools.l4.network: g6.2xlarge has no EFA"],
    [
      eks({ ...nodeGroups, region: "cn-north-1" }, { on, network: "fast" }),
      "pools.l4.network: no EFA in cn-north-1",
    ],
    [
      eks(nodeGroups, { on, network: "fast", sharing: slices }),
      "pools.l4.network: a network for training, where pods share GPUs",
    ],
  ],
  "EKS-20": [
    [eks()],
    [eks({ cidr: "172.31.0.0/16" })],
    ...["10.0.0.0/8", "10.0.1.0/16", "172.32.0.0/16", "11.0.0.0/16"].map((cidr): Case => [
      eks({ cidr }),
      "cidr: not a private range of /16",
    ]),
  ],
  "EKS-22": [
    [both({ capacity: [reserved] }, "l4-block")],
    [both({ capacity: [onDemand] }, "l4-reserved")],
    [both({ ...nodes(0, 4), capacity: [reserved] }, "l4-min")],
    [both({ ...nodes(2, 2), capacity: [reserved] }, "l4-reserved")],
    [both({ capacity: [reserved] }, "l4-reserved", nodeGroups)],
    [both({ capacity: [spot, reserved] }, "l4-reserved"), "pools.l4-reserved: a name that pool l4"],
    [both({ capacity: [block] }, "l4-block"), "pools.l4-block: a name that pool l4"],
    [
      both({ capacity: [reserved, { ...reserved, zone: "us-east-1a" }] }, "l4-reserved-2"),
      "pools.l4-reserved-2: a name that pool l4",
    ],
    [both({ ...nodes(1, 4), capacity: [reserved] }, "l4-min"), "pools.l4-min: a name that pool l4"],
  ],
  "EKS-23": [
    [eks({ admins: [role("platform")], viewers: [role("ci/preview"), role("eve")] })],
    [eks({ admins: [role("ci/deploy")], viewers: [role("deploy")] })],
    [eks({ admins: [role("deploy"), role("deploy")] }), "cluster.admins.1: given twice"],
    [
      eks({ admins: [role("deploy")], viewers: [role("eve"), role("deploy")] }),
      "cluster.viewers.1: given twice",
    ],
    [
      eks({ viewers: [role("ci/deploy"), role("deploy")] }),
      "cluster.viewers.1: the name of cluster.viewers[0]",
    ],
  ],
};

function role(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

/** A pool l4 with this, and another pool of that name. */
function both(pool: Partial<ManagedPool>, other: string, cluster: Partial<PreflightCluster> = {}) {
  const { pools, ...given } = eks(cluster, pool);
  return { ...given, pools: { ...eks({}, {}, other).pools, ...pools } };
}

describe("the rules of EKS", () => {
  testRules(eksRules, cases);

  it("know the zones of a region, where every account has the same", () => {
    assert.deepEqual(defaultZones("eu-west-1"), ["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    assert.deepEqual(defaultZones("ca-central-1")[2], "ca-central-1d");
    assert.deepEqual(defaultZones("us-west-1"), []);
  });
});
