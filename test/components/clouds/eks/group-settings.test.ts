import assert from "node:assert/strict";
import {
  gpuGroups,
  sharingLabels,
  systemGroups,
} from "../../../../components/clouds/eks/group-settings";
import type { EksPool } from "../../../../components/clouds/eks/schema";
import { eksMachine, eksPool } from "../../../support/eks";

const zones = ["us-east-1a", "us-east-1b"];
const reservation = "cr-0123456789abcdef0";

/** The groups of a pool in the first of its zones, one for each capacity type. */
function groups(pool: Partial<EksPool> = {}) {
  return gpuGroups("l4", eksPool({ zones: ["us-east-1a"], ...pool }), zones).flat();
}

/** Keys and sizes of all groups of a pool in two zones. */
function sizes(pool: Partial<EksPool>) {
  return gpuGroups("l4", eksPool(pool), zones).map((rung) =>
    rung.map(({ key, zone, group: { scalingConfig: size } }) => [
      ...[key, zone, size.minSize, size.maxSize, size.desiredSize],
    ]),
  );
}

describe("GPU node groups", () => {
  it("are one for each capacity type, with the image that brings the driver", () => {
    const capacity = [{ kind: "spot" }, { kind: "on-demand" }] as const;

    assert.deepEqual(
      groups({ capacity: [...capacity] }).map(({ key, group }) => [
        key,
        group.capacityType,
        group.amiType,
        group.instanceTypes,
      ]),
      [
        ["l4-spot-us-east-1a", "SPOT", "AL2023_x86_64_NVIDIA", ["g6.2xlarge"]],
        ["l4-on-demand-us-east-1a", "ON_DEMAND", "AL2023_x86_64_NVIDIA", ["g6.2xlarge"]],
      ],
    );
  });

  it("take the image for ARM on ARM", () => {
    assert.equal(
      groups({ machine: { ...eksMachine("g6.2xlarge"), arch: "arm64" } })[0]?.group.amiType,
      "AL2023_ARM_64_NVIDIA",
    );
  });

  it("are labelled for pods and the device plugin, and tainted", () => {
    const [first] = groups();

    assert.deepEqual(first?.group.labels, {
      "k8s.amazonaws.com/accelerator": "nvidia-l4",
      "nvidia.com/gpu.present": "true",
      "gpu-serving/pool": "l4",
    });
    assert.deepEqual(first?.group.taints, [
      { key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" },
    ]);
  });

  it("are one in each zone, of which the autoscaler knows each", () => {
    const capacity: EksPool["capacity"] = [{ kind: "on-demand" }, { kind: "spot" }];

    assert.deepEqual(sizes({ nodes: { min: 0, max: 5 }, capacity }), [
      [
        ["l4-on-demand-us-east-1a", "us-east-1a", 0, 5, 0],
        ["l4-on-demand-us-east-1b", "us-east-1b", 0, 5, 0],
      ],
      [
        ["l4-spot-us-east-1a", "us-east-1a", 0, 5, 0],
        ["l4-spot-us-east-1b", "us-east-1b", 0, 5, 0],
      ],
    ]);
  });

  it("share out what always runs over the zones of the first capacity type, and may grow beside it to the pool's maximum", () => {
    const capacity: EksPool["capacity"] = [{ kind: "on-demand" }, { kind: "spot" }];
    const sizesOf = (min: number, max: number) =>
      sizes({ nodes: { min, max }, capacity }).map((rung) =>
        rung.map(([, , ...size]) => size.join()),
      );

    assert.deepEqual(sizesOf(3, 5), [
      ["2,4,2", "1,3,1"],
      ["0,5,0", "0,5,0"],
    ]);
    // Where all nodes always run, a zone without one has no group that could grow.
    assert.deepEqual(sizesOf(1, 1)[0], ["1,1,1"]);
  });

  it("update without a second node, because quota and reservations do not double", () => {
    assert.deepEqual(groups()[0]?.group.updateConfig, {
      maxUnavailable: 1,
      updateStrategy: "MINIMAL",
    });
  });

  it("have an encrypted gp3 disk for images and weights in the launch template", () => {
    const disk = (diskGiB?: number) => groups({ diskGiB })[0]?.template.blockDeviceMappings;
    const expected = (volumeSize: number) => [
      {
        deviceName: "/dev/xvda",
        ebs: {
          volumeType: "gp3",
          volumeSize,
          iops: 6000,
          throughput: 500,
          encrypted: "true",
          deleteOnTermination: "true",
        },
      },
    ];

    assert.deepEqual(disk(), expected(200));
    assert.deepEqual(disk(400), expected(400));
  });

  it("take a reservation by its id, in its zone, as on-demand nodes", () => {
    const [first] = groups({ capacity: [{ kind: "reserved", reservation, zone: "us-east-1b" }] });

    assert.equal(first?.group.capacityType, "ON_DEMAND");
    assert.equal(first?.zone, "us-east-1b");
    assert.deepEqual(first?.template.capacityReservationSpecification, {
      capacityReservationTarget: { capacityReservationId: reservation },
    });
    assert.equal(first?.template.instanceMarketOptions, undefined);
  });

  it("take a capacity block by a launch template that names the machine, in its one zone", () => {
    const [first] = groups({ capacity: [{ kind: "block", reservation, zone: "us-east-1b" }] });

    assert.equal(first?.group.capacityType, "CAPACITY_BLOCK");
    assert.equal(first?.group.instanceTypes, undefined);
    assert.equal(first?.zone, "us-east-1b");
    assert.deepEqual(first?.template.instanceMarketOptions, { marketType: "capacity-block" });
    assert.equal(first?.template.instanceType, "g6.2xlarge");
    assert.deepEqual(first?.template.capacityReservationSpecification, {
      capacityReservationTarget: { capacityReservationId: reservation },
    });
  });

  it("have another name exactly when EKS replaces them", () => {
    const name = (pool?: Partial<EksPool>) => groups(pool)[0]?.groupName;

    assert.match(name() ?? "", /^l4-on-demand-us-east-1a-[0-9a-f]{8}$/);
    assert.equal(name({ nodes: { min: 1, max: 2 }, diskGiB: 500 }), name());
    assert.notEqual(name({ machine: eksMachine("g6.4xlarge") }), name());
    assert.notEqual(name({ zones: ["us-east-1b"] }), name());
  });

  it("are told to the device plugin where they share GPUs, by one label on both sides", () => {
    const sharing = { kind: "time-slicing", clients: 4 } as const;
    const pools = { l4: eksPool({ sharing }), t4: eksPool() };

    assert.deepEqual(sharingLabels(pools), { "time-slicing-4": sharing });
    assert.deepEqual(groups({ sharing })[0]?.group.labels, {
      "k8s.amazonaws.com/accelerator": "nvidia-l4",
      "nvidia.com/gpu.present": "true",
      "gpu-serving/pool": "l4",
      "nvidia.com/device-plugin.config": "time-slicing-4",
    });
  });
});

describe("what the autoscaler is told of a node", () => {
  const template = "k8s.io/cluster-autoscaler/node-template/resources";

  it("is how many pods share its GPUs, for a group that has no node yet", () => {
    const machine = eksMachine("g6.12xlarge");
    const sharing = { kind: "time-slicing", clients: 3 } as const;

    assert.deepEqual(groups({ machine, sharing })[0]?.offer, {
      [`${template}/nvidia.com/gpu`]: "12",
    });
  });

  it("is nothing that its machine tells already", () => {
    assert.deepEqual(groups()[0]?.offer, {});
  });
});

describe("the system node groups", () => {
  it("are on-demand, one in each zone, without GPU or taint", () => {
    const system = systemGroups({ machine: "m7i.large", nodes: { min: 3, max: 10 } }, zones);
    const group = {
      amiType: "AL2023_x86_64_STANDARD",
      capacityType: "ON_DEMAND",
      instanceTypes: ["m7i.large"],
      labels: { "gpu-serving/pool": "system" },
      updateConfig: { maxUnavailable: 1, updateStrategy: "DEFAULT" },
    };

    assert.deepEqual(
      system.map(({ key, zone, group }) => ({ key, zone, group })),
      [
        {
          ...{ key: "system-us-east-1a", zone: "us-east-1a" },
          group: { ...group, scalingConfig: { minSize: 2, maxSize: 9, desiredSize: 2 } },
        },
        {
          ...{ key: "system-us-east-1b", zone: "us-east-1b" },
          group: { ...group, scalingConfig: { minSize: 1, maxSize: 8, desiredSize: 1 } },
        },
      ],
    );
  });

  it("take the image for ARM on Graviton", () => {
    const nodes = { min: 2, max: 2 };

    assert.equal(
      systemGroups({ machine: "m8g.large", nodes }, zones)[0]?.group.amiType,
      "AL2023_ARM_64_STANDARD",
    );
  });
});
