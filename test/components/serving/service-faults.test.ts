import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { InferenceService } from "../../../components/serving/inference-service";
import type { InferenceServiceArgs } from "../../../components/serving/inference-service";
import { aCluster, deployChat, h100, l4 } from "../../support/clusters";
import { deploy } from "../../support/deploy";

interface Case {
  rejects: string;
  args: Partial<InferenceServiceArgs>;
  message: string;
}

const cases: Case[] = [
  {
    rejects: "port 0",
    args: { port: 0 },
    message: "chat: port must be a whole number from 1 to 65535, got 0",
  },
  {
    rejects: "a port beyond the last one",
    args: { port: 65536 },
    message: "chat: port must be a whole number from 1 to 65535, got 65536",
  },
  {
    rejects: "half a GPU",
    args: { gpus: 0.5 },
    message: "chat: gpus must be a whole number from 0 to 16, got 0.5",
  },
  {
    rejects: "more GPUs than any machine has",
    args: { gpus: 17, pool: "h100" },
    message: "chat: gpus must be a whole number from 0 to 16, got 17",
  },
  {
    rejects: "no replicas",
    args: { replicas: 0 },
    message: "chat: replicas must be a whole number from 1 to 5000, got 0",
  },
  {
    rejects: "more replicas than a cluster has nodes",
    args: { replicas: 5001 },
    message: "chat: replicas must be a whole number from 1 to 5000, got 5001",
  },
  {
    rejects: "no time to start",
    args: { startup: 0 },
    message: "chat: startup must be a whole number from 1 to 43200, got 0",
  },
  {
    rejects: "more than twelve hours to start",
    args: { startup: 43201 },
    message: "chat: startup must be a whole number from 1 to 43200, got 43201",
  },
  {
    rejects: "a negative drain",
    args: { drain: -1 },
    message: "chat: drain must be a whole number from 0 to 3600, got -1",
  },
  {
    rejects: "a drain of more than an hour",
    args: { drain: 3601 },
    message: "chat: drain must be a whole number from 0 to 3600, got 3601",
  },
  {
    rejects: "a public service that says nothing of who may connect",
    args: { expose: { scope: "public" } },
    message:
      'chat: expose.allow must list who may connect to a public service, such as "203.0.113.0/24", got nothing',
  },
  {
    rejects: "a public service for every IPv4 address",
    args: { expose: { scope: "public", allow: ["203.0.113.0/24", "0.0.0.0/0"] } },
    message:
      'chat: expose.allow must list who may connect to a public service, such as "203.0.113.0/24", got 0.0.0.0/0',
  },
  {
    rejects: "a public service for every IPv6 address",
    args: { expose: { scope: "public", allow: ["::/0"] } },
    message:
      'chat: expose.allow must list who may connect to a public service, such as "203.0.113.0/24", got ::/0',
  },
  {
    rejects: "ranges without a load balancer",
    args: { expose: { allow: ["203.0.113.0/24"] } },
    message:
      'chat: expose.allow limits a load balancer, got scope "cluster": set scope to "internal" or "public", or remove allow',
  },
  {
    rejects: "GPUs that several pools have",
    args: { gpus: 1 },
    message: "chat: pool must name a pool with 1 GPUs or more in a node (l4, h100), got none",
  },
  {
    rejects: "GPUs that no pool has",
    args: { gpus: 16 },
    message:
      "chat: pool must name a pool with 16 GPUs or more in a node (none on this cluster), got none",
  },
  {
    rejects: "a pool that is not there",
    args: { gpus: 2, pool: "l40" },
    message: 'chat: pool must name a pool with 2 GPUs or more in a node (h100), got "l40"',
  },
  {
    rejects: "a pool that is not there, also without GPUs",
    args: { pool: "l40" },
    message: 'chat: pool must name a pool of the cluster (l4, h100), got "l40"',
  },
  {
    rejects: "more GPUs than a node of its pool has",
    args: { gpus: 4, pool: "l4" },
    message:
      "chat: gpus must be at most the 1 of a node in pool l4, got 4; pools with enough: h100",
  },
  {
    rejects: "more replicas than its pool holds",
    args: { gpus: 5, pool: "h100", replicas: 3 },
    message:
      "chat: replicas must fit pool h100 of at most 2 nodes with 8 GPUs each, got 3 of 5 GPUs",
  },
  {
    rejects: "several faults at once",
    args: { port: 0, replicas: 0, expose: { scope: "public" } },
    message: `chat: port must be a whole number from 1 to 65535, got 0
replicas must be a whole number from 1 to 5000, got 0
expose.allow must list who may connect to a public service, such as "203.0.113.0/24", got nothing`,
  },
  {
    rejects: "an internal load balancer where the cluster does not say how it is made",
    args: { expose: { scope: "internal" } },
    message:
      "cluster.loadBalancer.internal must say how this cluster makes internal load balancers (class or annotations), got nothing",
  },
];

describe("an inference service rejects", () => {
  for (const { rejects, args, message } of cases) {
    it(rejects, async () => {
      await assert.rejects(deployChat(args, { pools: { l4, h100 } }), (error) => {
        assert.ok(pulumi.ResourceError.isInstance(error), "shown without a stack trace");
        assert.equal(error.message, message);
        assert.equal(error.hideStack, true);
        return true;
      });
    });
  }
});

describe("a rejected inference service", () => {
  it("has registered nothing", async () => {
    for (const { rejects, args } of cases) {
      const { resources } = await deploy(() => {
        const cluster = aCluster({ pools: { l4, h100 } });
        const image = "registry.example/chat:v1";
        assert.throws(
          () => new InferenceService("chat", { cluster, namespace: "models", image, ...args }),
        );
        return cluster;
      });
      assert.deepEqual(
        resources.map(({ type }) => type),
        ["pulumi:providers:kubernetes"],
        rejects,
      );
    }
  });
});

describe("an inference service accepts", () => {
  for (const [what, args] of [
    ["the smallest values", { port: 1, gpus: 0, replicas: 1, startup: 1, drain: 0 }],
    ["the largest values", { port: 65535, replicas: 5000, startup: 43200, drain: 3600 }],
    ["as many replicas as its pool holds", { gpus: 4, pool: "h100", replicas: 4 }],
  ] as const) {
    it(what, async () => {
      const run = await deployChat(args, { pools: { l4, h100 } });

      assert.equal(run.find("kubernetes:apps/v1:Deployment", "chat").name, "chat");
    });
  }
});
