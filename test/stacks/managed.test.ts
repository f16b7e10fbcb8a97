import assert from "node:assert/strict";
import { machine, type ManagedCloud } from "../../catalog/machines";
import { fromFile, fromProgram, type Files } from "./stack-files";

const gke: Files = {
  "Pulumi.prod.yaml": `
    config:
      gcp:project: acme-ml
      cluster:
        kind: gke
        region: us-central1
        zones: [us-central1-a, us-central1-b]
        version: "1.35"
        access: [203.0.113.0/24]
        deletionProtection: false
        groupsDomain: acme.example
      namespaces:
        models: { operators: [vision-ops@acme.example], viewers: ["user:ada@acme.example"] }
      tags: { cost-centre: ml-42 }
      pools:
        l4:
          gpu: L4
          gpusPerNode: 2
          nodes: { min: 1, max: 4 }
          zones: [us-central1-a]
          disk: 1Ti
          capacity: [{ reserved: mine, zone: us-central1-a }, spot, on-demand, flex-start]
          sharing: { timeSlicing: 4 }
        a100: { machine: a2-highgpu-1g, nodes: { max: 2 }, sharing: { mig: 3g.20gb }, zones: [us-central1-a], network: compact }
        plain: { gpu: T4, nodes: { max: 1 }, zones: [us-central1-a] }
      services:
        chat: { image: "chat:v1", gpus: 1, replicas: 32, pool: l4 }
        draw: { image: "draw:v1", gpus: 1, replicas: 4, pool: a100 }`,
};

function found(cloud: ManagedCloud, name: string) {
  return machine(cloud, name) ?? assert.fail(`the catalog has no machine ${name}`);
}

const readers = { "a file": fromFile, "a running program": fromProgram };

for (const [source, read] of Object.entries(readers)) {
  describe(`a stack with a cluster that we make, read from ${source}`, () => {
    it("has the cluster with its tags and pools, their machines from the catalog, and room for a replica on each share", () => {
      assert.deepEqual(read(gke).cluster, {
        kind: "gke",
        region: "us-central1",
        zones: ["us-central1-a", "us-central1-b"],
        version: "1.35",
        access: ["203.0.113.0/24"],
        deletionProtection: false,
        groupsDomain: "acme.example",
        tags: { "cost-centre": "ml-42" },
        pools: {
          l4: {
            machine: found("gke", "g2-standard-24"),
            nodes: { min: 1, max: 4 },
            zones: ["us-central1-a"],
            diskGiB: 1024,
            capacity: [
              { kind: "reserved", reservation: "mine", zone: "us-central1-a" },
              { kind: "spot" },
              { kind: "on-demand" },
              { kind: "flex-start" },
            ],
            sharing: { kind: "time-slicing", clients: 4 },
          },
          a100: {
            machine: found("gke", "a2-highgpu-1g"),
            nodes: { min: 0, max: 2 },
            zones: ["us-central1-a"],
            capacity: [{ kind: "on-demand" }],
            sharing: { kind: "mig", profile: "3g.20gb" },
            network: "compact",
          },
          plain: {
            machine: found("gke", "n1-standard-4"),
            nodes: { min: 0, max: 1 },
            zones: ["us-central1-a"],
            capacity: [{ kind: "on-demand" }],
          },
        },
      });
    });

    it("puts a service on the one pool whose machine has enough GPUs", () => {
      const { services } = read({
        "Pulumi.prod.yaml": `
          config:
            cluster: { kind: eks, region: us-east-1, mode: nodeGroups, access: [203.0.113.0/24] }
            pools:
              small: { gpu: L4, nodes: { max: 1 } }
              shared: { gpu: L4, gpusPerNode: 8, nodes: { max: 1 }, sharing: { timeSlicing: 2 } }
              large: { gpu: L4, gpusPerNode: 4, nodes: { max: 1 } }
            services: { chat: { image: "chat:v1", gpus: 2 } }`,
      });
      assert.equal(services.chat?.pool, "large");
    });

    it("takes a block of AWS, and the mode of the cluster", () => {
      const { cluster } = read({
        "Pulumi.prod.yaml": `
          config:
            cluster: { kind: eks, region: us-east-1, mode: nodeGroups, access: [203.0.113.0/24] }
            pools:
              h100:
                machine: p5.48xlarge
                nodes: { max: 2 }
                capacity: [{ block: cr-0123456789abcdef0, zone: us-east-1a }]`,
      });
      assert.ok(cluster.kind === "eks");
      assert.equal(cluster.mode, "nodeGroups");
      assert.deepEqual(cluster.pools.h100?.capacity, [
        { kind: "block", reservation: "cr-0123456789abcdef0", zone: "us-east-1a" },
      ]);
    });

    it("tells what the cloud takes all the same, and refuses nothing for it", () => {
      const { warnings } = read({
        "Pulumi.prod.yaml": `
          config:
            cluster: { kind: eks, region: us-east-1, version: "1.34", access: [203.0.113.0/24] }`,
      });
      assert.deepEqual(warnings, [
        'Pulumi.prod.yaml, cluster.version: standard support ends on 2026-12-02 ("1.34"); raise it by one minor version at a time',
      ]);
    });

    it("may take the cluster of another stack, whose pools it does not know yet", () => {
      const { cluster, services } = read({
        "Pulumi.team.yaml": `
          config:
            cluster: { kind: existing, stack: acme/gpu-serving/prod }
            services:
              chat: { image: "chat:v1", gpus: 8, pool: l4, expose: { scope: internal } }
              draw: { image: "draw:v1", gpus: 1 }`,
      });
      const stack = "acme/gpu-serving/prod";
      assert.deepEqual(cluster, { kind: "existing", stack, loadBalancer: {}, pools: {} });
      assert.deepEqual([services.chat?.pool, services.draw?.pool], ["l4", undefined]);
    });
  });
}
