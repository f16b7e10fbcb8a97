import assert from "node:assert/strict";
import { systemMachines } from "../../../../catalog/cpu-nodes";
import { groupPlan, sharingLabels } from "../../../../components/clouds/eks/group-settings";
import type { EksPool } from "../../../../components/clouds/eks/schema";
import { eksCpu, eksMachine, eksPool } from "../../../support/eks";

const zones = ["us-east-1a", "us-east-1b"];
const reservation = "cr-0123456789abcdef0";
const onDemand = { kind: "on-demand" } as const;
const spot = { kind: "spot" } as const;
const sharing = { kind: "time-slicing", clients: 4 } as const;
const resources = "k8s.io/cluster-autoscaler/node-template/resources";

function plan(
  pools: Record<string, EksPool> = {},
  system = { machine: systemMachines.eks, nodes: { min: 2, max: 10 } },
) {
  return groupPlan({ system, zones, pools });
}

/** The group of a pool's first capacity type in the first of its zones. */
function group(pool: Partial<EksPool> = {}) {
  const [first] = plan({ l4: eksPool({ zones: ["us-east-1a"], ...pool }) }).others;
  assert.ok(first);
  return first;
}

/** Sizes of all groups of a pool in two zones. */
function sizes(min: number, max: number) {
  const l4 = eksPool({ nodes: { min, max }, capacity: [onDemand, spot] });
  return plan({ l4 }).others.map(({ key, zone, group: { scalingConfig } }) =>
    [key, zone, ...(JSON.stringify(scalingConfig).match(/\d+/g) ?? [])].join(" "),
  );
}

describe("the plan of node groups", () => {
  it("has no group with GPUs where there is no pool", () => {
    const { system, ...others } = plan();

    assert.equal(system.length, 2);
    assert.deepEqual(others, {
      ...{ others: [], gpus: false, efa: false },
      ...{ order: [[".*"]], maxNodes: 10 },
    });
  });

  it("tries the first capacity types of all pools in all zones before the second ones, and counts all nodes", () => {
    const { others, order, maxNodes } = plan({
      l4: eksPool({ nodes: { min: 0, max: 4 }, capacity: [spot, onDemand] }),
      t4: eksPool({ nodes: { min: 0, max: 3 }, zones: ["us-east-1c"] }),
    });
    const named = (...keys: string[]) =>
      others
        .filter(({ key }) => keys.some((its) => key.startsWith(its)))
        .map(({ groupName }) => `^eks-${groupName}-[0-9a-f-]+$`);

    assert.deepEqual(
      others.map(({ key }) => key),
      [
        ...["l4-spot-us-east-1a", "l4-spot-us-east-1b"],
        ...["l4-on-demand-us-east-1a", "l4-on-demand-us-east-1b", "t4-on-demand-us-east-1c"],
      ],
    );
    assert.deepEqual(order, [named("l4-spot", "t4"), named("l4-on-demand"), [".*"]]);
    assert.equal(maxNodes, 17);
  });

  it("has EFA where a pool with it has a fast network", () => {
    const machine = eksMachine("p5.48xlarge");
    const efa = (network?: "fast" | "compact") =>
      plan({ a: eksPool(), b: eksPool({ machine, network }) }).efa;

    assert.deepEqual([efa("fast"), efa("compact"), efa()], [true, false, false]);
  });
});

describe("GPU node groups", () => {
  it("have the image that brings the driver, labels and a taint, and one node less while they are updated", () => {
    const arm = { ...eksMachine("g6.2xlarge"), arch: "arm64" } as const;

    assert.deepEqual(group({ capacity: [spot], nodes: { min: 1, max: 2 } }).group, {
      amiType: "AL2023_x86_64_NVIDIA",
      capacityType: "SPOT",
      instanceTypes: ["g6.2xlarge"],
      labels: {
        "k8s.amazonaws.com/accelerator": "nvidia-l4",
        "nvidia.com/gpu.present": "true",
        "gpu-serving/pool": "l4",
      },
      taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" }],
      updateConfig: { maxUnavailable: 1, updateStrategy: "MINIMAL" },
      scalingConfig: { minSize: 1, maxSize: 2, desiredSize: 1 },
    });
    assert.equal(group({ machine: arm }).group.amiType, "AL2023_ARM_64_NVIDIA");
  });

  it("are one in each zone, share out what always runs, and may grow beside it to the pool's maximum", () => {
    assert.deepEqual(sizes(3, 5), [
      "l4-on-demand-us-east-1a us-east-1a 2 4 2",
      "l4-on-demand-us-east-1b us-east-1b 1 3 1",
      "l4-spot-us-east-1a us-east-1a 0 5 0",
      "l4-spot-us-east-1b us-east-1b 0 5 0",
    ]);
    // Where all nodes always run, a zone without one has no group that could grow.
    assert.equal(sizes(1, 1)[0], "l4-on-demand-us-east-1a us-east-1a 1 1 1");
    assert.match(sizes(1, 1)[1] ?? "", /^l4-spot/);
  });

  for (const [kind, capacityType, instanceTypes, named] of [
    ["on-demand", "ON_DEMAND", ["g6.2xlarge"], {}],
    ["reserved", "ON_DEMAND", ["g6.2xlarge"], {}],
    [
      ...(["block", "CAPACITY_BLOCK", undefined] as const),
      { instanceMarketOptions: { marketType: "capacity-block" }, instanceType: "g6.2xlarge" },
    ],
  ] as const) {
    it(`take capacity of kind ${kind}, a reservation by its id and in its zone, with an encrypted gp3 disk`, () => {
      const target = { capacityReservationTarget: { capacityReservationId: reservation } };
      const isReserved = kind !== "on-demand";
      const type = isReserved ? { kind, reservation, zone: "us-east-1b" } : { kind };
      const its = group({ capacity: [type], diskGiB: isReserved ? 400 : undefined });
      const disk = { volumeType: "gp3", volumeSize: isReserved ? 400 : 200, iops: 6000 };
      const safe = { throughput: 500, encrypted: "true", deleteOnTermination: "true" };

      assert.deepEqual(
        [its.zone, its.group.capacityType, its.group.instanceTypes],
        [isReserved ? "us-east-1b" : "us-east-1a", capacityType, instanceTypes],
      );
      assert.deepEqual(its.template, {
        blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { ...disk, ...safe } }],
        capacityReservationSpecification: isReserved ? target : undefined,
        ...named,
      });
    });
  }

  it("have another name exactly when EKS replaces them", () => {
    const name = (pool?: Partial<EksPool>) => group(pool).groupName;

    assert.match(name(), /^l4-on-demand-us-east-1a-[0-9a-f]{8}$/);
    assert.equal(name({ nodes: { min: 1, max: 2 }, diskGiB: 500 }), name());
    assert.notEqual(name({ machine: eksMachine("g6.4xlarge") }), name());
    assert.notEqual(
      name({ capacity: [{ kind: "reserved", reservation, zone: "us-east-1a" }] }),
      name({ capacity: [{ kind: "reserved", reservation: "cr-00000002", zone: "us-east-1a" }] }),
    );
  });

  it("tell device plugin and autoscaler how many pods share a GPU, before there is a node", () => {
    const shared = group({ machine: eksMachine("g6.12xlarge"), sharing });

    assert.deepEqual(sharingLabels({ l4: eksPool({ sharing }), t4: eksPool() }), {
      "time-slicing-4": sharing,
    });
    assert.equal(
      Object.entries(shared.group.labels ?? {})
        .find(([key]) => key.includes("config"))
        ?.join(),
      "nvidia.com/device-plugin.config,time-slicing-4",
    );
    assert.deepEqual(shared.offer, { [`${resources}/nvidia.com/gpu`]: "16" });
    assert.deepEqual(group().offer, {});
  });
});

describe("the system node groups", () => {
  it("are on-demand, one in each zone, without GPU or taint, with the image for ARM on Graviton", () => {
    const nodes = { min: 3, max: 10 };
    const { system } = plan({}, { machine: systemMachines.eks, nodes });
    const [arm] = plan({}, { machine: eksCpu("m8g.large"), nodes }).system;

    assert.deepEqual(
      system.map(({ key, zone, group: { scalingConfig } }) => [key, zone, scalingConfig]),
      [
        ["system-us-east-1a", "us-east-1a", { minSize: 2, maxSize: 9, desiredSize: 2 }],
        ["system-us-east-1b", "us-east-1b", { minSize: 1, maxSize: 8, desiredSize: 1 }],
      ],
    );
    assert.deepEqual(system[0]?.group, {
      amiType: "AL2023_x86_64_STANDARD",
      capacityType: "ON_DEMAND",
      instanceTypes: ["m7i.large"],
      labels: { "gpu-serving/pool": "system" },
      updateConfig: { maxUnavailable: 1, updateStrategy: "DEFAULT" },
      scalingConfig: { minSize: 2, maxSize: 9, desiredSize: 2 },
    });
    assert.equal(arm?.group.amiType, "AL2023_ARM_64_STANDARD");
    const disk = { volumeType: "gp3", volumeSize: 80, iops: 3000, throughput: 125 };
    const safe = { encrypted: "true", deleteOnTermination: "true" };
    assert.deepEqual(system[0]?.template, {
      blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { ...disk, ...safe } }],
    });
  });
});
