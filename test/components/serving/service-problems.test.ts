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
    message:
      "chat: port: out of range, got 0; allowed: a whole number from 1 to 65535. To fix it, choose a number in this range.",
  },
  {
    rejects: "a port beyond the last one",
    args: { port: 65536 },
    message:
      "chat: port: out of range, got 65536; allowed: a whole number from 1 to 65535. To fix it, choose a number in this range.",
  },
  {
    rejects: "half a GPU",
    args: { gpus: 0.5 },
    message:
      "chat: gpus: not a whole number, got 0.5; allowed: a whole number from 0 to 16. To fix it, choose a number in this range.",
  },
  {
    rejects: "more GPUs than any machine has",
    args: { gpus: 17, pool: "h100" },
    message:
      "chat: gpus: out of range, got 17; allowed: a whole number from 0 to 16. To fix it, choose a number in this range.",
  },
  {
    rejects: "no replicas",
    args: { replicas: 0 },
    message:
      "chat: replicas: out of range, got 0; allowed: a whole number from 1 to 5000. To fix it, choose a number in this range.",
  },
  {
    rejects: "more replicas than a cluster has nodes",
    args: { replicas: 5001 },
    message:
      "chat: replicas: out of range, got 5001; allowed: a whole number from 1 to 5000. To fix it, choose a number in this range.",
  },
  {
    rejects: "too little time to start",
    args: { startup: 9 },
    message:
      "chat: startup: out of range, got 9; allowed: a whole number from 10 to 43200. To fix it, choose a number in this range.",
  },
  {
    rejects: "more than twelve hours to start",
    args: { startup: 43201 },
    message:
      "chat: startup: out of range, got 43201; allowed: a whole number from 10 to 43200. To fix it, choose a number in this range.",
  },
  {
    rejects: "a negative drain",
    args: { drain: -1 },
    message:
      "chat: drain: out of range, got -1; allowed: a whole number from 0 to 3600. To fix it, choose a number in this range.",
  },
  {
    rejects: "a drain of more than an hour",
    args: { drain: 3601 },
    message:
      "chat: drain: out of range, got 3601; allowed: a whole number from 0 to 3600. To fix it, choose a number in this range.",
  },
  {
    rejects: "a public service that says nothing of who may connect",
    args: { expose: { scope: "public" } },
    message:
      "chat: expose.allow: no ranges: the whole internet could use these GPUs, got nothing; allowed: at least one range narrower than the internet. To fix it, list the ranges your callers come from, for example allow: [203.0.113.0/24].",
  },
  {
    rejects: "a public service for every IPv4 address",
    args: { expose: { scope: "public", allow: ["203.0.113.0/24", "0.0.0.0/0"] } },
    message:
      'chat: expose.allow.1: too wide: the whole internet, or much of it, could use these GPUs, got "0.0.0.0/0"; allowed: ranges of /8 or longer (IPv4), /16 or longer (IPv6). To fix it, list the ranges your callers come from instead, for example 203.0.113.0/24.',
  },
  {
    rejects: "a public service for much of the internet",
    args: { expose: { scope: "public", allow: ["128.0.0.0/1"] } },
    message:
      'chat: expose.allow.0: too wide: the whole internet, or much of it, could use these GPUs, got "128.0.0.0/1"; allowed: ranges of /8 or longer (IPv4), /16 or longer (IPv6). To fix it, list the ranges your callers come from instead, for example 203.0.113.0/24.',
  },
  {
    rejects: "a public service for every IPv6 address",
    args: { expose: { scope: "public", allow: ["::/0"] } },
    message:
      'chat: expose.allow.0: too wide: the whole internet, or much of it, could use these GPUs, got "::/0"; allowed: ranges of /8 or longer (IPv4), /16 or longer (IPv6). To fix it, list the ranges your callers come from instead, for example 203.0.113.0/24.',
  },
  {
    rejects: "ranges without a load balancer",
    args: { expose: { allow: ["203.0.113.0/24"] } },
    message:
      'chat: expose.allow: nothing to limit: without a load balancer only the cluster connects, got ["203.0.113.0/24"]; allowed: ranges beside scope: internal or scope: public. To fix it, add scope: public or scope: internal, or remove allow.',
  },
  {
    rejects: "GPUs that several pools have",
    args: { gpus: 1 },
    message:
      "chat: pool: missing, got nothing; allowed: l4, h100. To fix it, several pools have enough GPUs on a node; say which, for example pool: l4.",
  },
  {
    rejects: "GPUs that no pool has",
    args: { gpus: 16 },
    message:
      "chat: gpus: more GPUs than a node of any pool has, got 16; allowed: a whole number from 0 to 8. To fix it, lower it, or declare a pool with gpusPerNode: 16.",
  },
  {
    rejects: "a pool that is not there",
    args: { gpus: 2, pool: "l40" },
    message:
      'chat: pool: not a declared pool, got "l40"; allowed: l4, h100. To fix it, write l4 if that is meant.',
  },
  {
    rejects: "a pool that is not there, also without GPUs",
    args: { pool: "l40" },
    message:
      'chat: pool: not a declared pool, got "l40"; allowed: l4, h100. To fix it, write l4 if that is meant.',
  },
  {
    rejects: "more GPUs than a node of its pool has",
    args: { gpus: 4, pool: "l4" },
    message:
      "chat: gpus: more GPUs than a node of pool l4 has, got 4; allowed: a whole number from 0 to 1. To fix it, lower it, choose another pool, or raise pools.l4.gpusPerNode if its nodes have more.",
  },
  {
    rejects: "more replicas than its pool holds",
    args: { gpus: 5, pool: "h100", replicas: 3 },
    message:
      "chat: replicas: more than pool h100 has room for, got 3; allowed: what fits 2 nodes with 8 GPUs each, at 5 GPUs for a pod. To fix it, lower it, or raise nodes.max of the pool.",
  },
  {
    rejects: "several problems at once",
    args: { port: 0, replicas: 0, expose: { scope: "public" } },
    message: `chat: port: out of range, got 0; allowed: a whole number from 1 to 65535. To fix it, choose a number in this range.
replicas: out of range, got 0; allowed: a whole number from 1 to 5000. To fix it, choose a number in this range.
expose.allow: no ranges: the whole internet could use these GPUs, got nothing; allowed: at least one range narrower than the internet. To fix it, list the ranges your callers come from, for example allow: [203.0.113.0/24].`,
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
    ["the smallest values", { port: 1, gpus: 0, replicas: 1, startup: 10, drain: 0 }],
    ["the largest values", { port: 65535, replicas: 5000, startup: 43200, drain: 3600 }],
    ["as many replicas as its pool holds", { gpus: 4, pool: "h100", replicas: 4 }],
  ] as const) {
    it(what, async () => {
      const run = await deployChat(args, { pools: { l4, h100 } });

      assert.equal(run.find("kubernetes:apps/v1:Deployment", "chat").name, "chat");
    });
  }
});
