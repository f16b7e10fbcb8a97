import assert from "node:assert/strict";
import {
  gpuGroups,
  sharingLabels,
  systemGroup,
} from "../../../../components/cluster/eks/group-settings";
import type { ManagedPool } from "../../../../components/cluster/managed";
import { eksMachine, eksPool } from "../../../support/eks";

const zones = ["us-east-1a", "us-east-1b"];
const reservation = "cr-0123456789abcdef0";

function groups(pool: Partial<ManagedPool> = {}) {
  return gpuGroups("l4", eksPool(pool), zones);
}

describe("GPU node groups", () => {
  it("are one for each rung, with the image that brings the driver", () => {
    const capacity = [{ kind: "spot" }, { kind: "on-demand" }] as const;

    assert.deepEqual(
      groups({ capacity: [...capacity] }).map(({ key, group }) => [
        key,
        group.capacityType,
        group.amiType,
        group.instanceTypes,
      ]),
      [
        ["l4-spot", "SPOT", "AL2023_x86_64_NVIDIA", ["g6.2xlarge"]],
        ["l4-on-demand", "ON_DEMAND", "AL2023_x86_64_NVIDIA", ["g6.2xlarge"]],
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

  it("may each grow to the pool's maximum; what always runs is in the first", () => {
    const capacity = [{ kind: "on-demand" }, { kind: "spot" }] as const;

    assert.deepEqual(
      groups({ nodes: { min: 2, max: 5 }, capacity: [...capacity] }).map(
        ({ group }) => group.scalingConfig,
      ),
      [
        { minSize: 2, maxSize: 5, desiredSize: 2 },
        { minSize: 0, maxSize: 5, desiredSize: 0 },
      ],
    );
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
    assert.deepEqual(first?.zones, ["us-east-1b"]);
    assert.deepEqual(first?.template.capacityReservationSpecification, {
      capacityReservationTarget: { capacityReservationId: reservation },
    });
    assert.equal(first?.template.instanceMarketOptions, undefined);
  });

  it("take a capacity block by a launch template that names the machine, in its one zone", () => {
    const [first] = groups({ capacity: [{ kind: "block", reservation, zone: "us-east-1b" }] });

    assert.equal(first?.group.capacityType, "CAPACITY_BLOCK");
    assert.equal(first?.group.instanceTypes, undefined);
    assert.deepEqual(first?.zones, ["us-east-1b"]);
    assert.deepEqual(first?.template.instanceMarketOptions, { marketType: "capacity-block" });
    assert.equal(first?.template.instanceType, "g6.2xlarge");
    assert.deepEqual(first?.template.capacityReservationSpecification, {
      capacityReservationTarget: { capacityReservationId: reservation },
    });
  });

  it("have another name exactly when EKS replaces them", () => {
    const name = (pool?: Partial<ManagedPool>) => groups(pool)[0]?.groupName;

    assert.match(name() ?? "", /^l4-on-demand-[0-9a-f]{8}$/);
    assert.equal(name({ nodes: { min: 1, max: 2 }, diskGiB: 500 }), name());
    assert.notEqual(name({ machine: eksMachine("g6.4xlarge") }), name());
    assert.notEqual(name({ zones: ["us-east-1a"] }), name());
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

describe("the system node group", () => {
  it("is on-demand, over all zones, without GPU or taint", () => {
    const system = systemGroup({ machine: "m7i.large", nodes: { min: 2, max: 10 } }, zones);

    assert.deepEqual(system.zones, zones);
    assert.deepEqual(system.group, {
      amiType: "AL2023_x86_64_STANDARD",
      capacityType: "ON_DEMAND",
      instanceTypes: ["m7i.large"],
      labels: { "gpu-serving/pool": "system" },
      updateConfig: { maxUnavailable: 1, updateStrategy: "DEFAULT" },
      scalingConfig: { minSize: 2, maxSize: 10, desiredSize: 2 },
    });
  });

  it("takes the image for ARM on Graviton", () => {
    const nodes = { min: 2, max: 2 };

    assert.equal(
      systemGroup({ machine: "m8g.large", nodes }, zones).group.amiType,
      "AL2023_ARM_64_STANDARD",
    );
  });
});
