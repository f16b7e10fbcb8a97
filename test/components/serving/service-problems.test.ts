import assert from "node:assert/strict";
import {
  InferenceService,
  type InferenceServiceArgs,
} from "../../../components/serving/inference-service";
import { aCluster, deployChat, h100, l4 } from "../../support/clusters";
import { serverProblems } from "../../../components/serving/service-problems";
import { deploy, refusedWith } from "../../support/deploy";

const pools = { l4, h100 };
const wide = "too wide: the whole internet, or much of it, could use these GPUs, got";
const open = (...allow: string[]) => ({ expose: { scope: "public", allow } }) as const;

const refused: [rejects: string, Partial<InferenceServiceArgs>, ...problems: string[]][] = [
  ["port 0", { port: 0 }, "port: out of range, got 0"],
  ["a port beyond the last one", { port: 65536 }, "port: out of range, got 65536"],
  ["half a GPU", { gpus: 0.5 }, "gpus: not a whole number, got 0.5"],
  ["more GPUs than any node has", { gpus: 129, pool: "h100" }, "gpus: out of range, got 129"],
  ["fewer replicas than none", { replicas: -1 }, "replicas: out of range, got -1"],
  [
    "more replicas than a cluster has nodes",
    { replicas: 5001 },
    "replicas: out of range, got 5001",
  ],
  ["too little time to start", { startup: 9 }, "startup: out of range, got 9"],
  ["more than twelve hours to start", { startup: 43201 }, "startup: out of range, got 43201"],
  ["a negative drain", { drain: -1 }, "drain: out of range, got -1"],
  ["a drain of more than an hour", { drain: 3601 }, "drain: out of range, got 3601"],
  ["root as its user", { user: 0 }, "user: out of range, got 0"],
  ["a user that Linux has no number for", { user: 2 ** 31 }, "user: out of range, got 2147483648"],
  ["a group without a user", { group: 0 }, "group: a group without a user, got 0"],
  [
    "a group that Linux has no number for",
    { user: 1000, group: -1 },
    "group: out of range, got -1",
  ],
  [
    "root as the user of a sidecar container",
    { sidecars: { proxy: { image: "proxy:v1", user: 0 } } },
    "sidecars.proxy.user: out of range, got 0",
  ],
  [
    "an init container with a group alone",
    { initContainers: [{ name: "fetch", image: "fetch:v1", group: 100 }] },
    "initContainers.0.group: a group without a user, got 100",
  ],
  [
    "a user that its model updates do not signal",
    {
      user: 1000,
      modelUpdates: {
        from: { volume: { kind: "claim", name: "models", claim: "models", nodes: "any-node" } },
        to: "/models",
        every: 300,
        notify: { signal: "HUP", user: 65532 },
      },
    },
    "user: another user than modelUpdates.notify says the server runs as, got 1000",
  ],
  [
    "a bucket that it reads itself and mounts as well",
    {
      buckets: [{ kind: "bucket", name: "models", bucket: "acme", namespace: "models" }],
      mounts: {
        "/models": {
          volume: { kind: "bucket", name: "models", bucket: "acme", namespace: "models" },
        },
      },
    },
    'buckets.0: mounted as well, got "models"',
  ],
  [
    "somebody else's account for a bucket that it reads itself",
    {
      serviceAccount: { name: "theirs" },
      buckets: [{ kind: "bucket", name: "models", bucket: "acme", namespace: "models" }],
    },
    "serviceAccount: a bucket is read by the identity of an account that we make, got an existing account",
  ],
  [
    "a public service for every IPv4 address",
    open("203.0.113.0/24", "0.0.0.0/0"),
    `expose.allow.1: ${wide} "0.0.0.0/0"`,
  ],
  ["one for much of the internet", open("128.0.0.0/7"), `expose.allow.0: ${wide} "128.0.0.0/7"`],
  ["one for much of IPv6", open("2000::/15"), `expose.allow.0: ${wide} "2000::/15"`],
  [
    "ranges without a load balancer",
    { expose: { allow: ["203.0.113.0/24"] } },
    'expose.allow: nothing to limit: without a load balancer only the cluster connects, got ["203.0.113.0/24"]',
  ],
  [
    "a container that is called like one that ships its logs",
    { container: "logs-end", logs: { to: "stdout", files: ["/log/a.log"] } },
    'container: name of a container that we add to these pods, got "logs-end"',
  ],
  ["a pool that is not there", { gpus: 2, pool: "l40" }, 'pool: not a declared pool, got "l40"'],
  [
    "more replicas than its pool holds",
    { gpus: 5, pool: "h100", replicas: 3 },
    "replicas: more than pool h100 has room for, got 3",
  ],
  [
    "several problems at once",
    { port: 0, replicas: -1, expose: { scope: "public" } },
    "port: out of range, got 0",
    "replicas: out of range, got -1",
    "expose.allow: no ranges: the whole internet could use these GPUs, got nothing",
  ],
];

describe("an inference service rejects", () => {
  for (const [rejects, args, ...problems] of refused) {
    it(rejects, async () => {
      const [first, ...others] = problems;
      await refusedWith(deployChat(args, { pools }), `chat: ${first}`, ...others);
    });
  }

  it("an internal load balancer where the cluster does not say how it is made", async () => {
    await refusedWith(
      deployChat({ expose: { scope: "internal" } }),
      "cluster.loadBalancer.internal must say how this cluster makes internal load balancers (class or annotations), got nothing",
    );
  });

  it("them before it has registered anything", async () => {
    for (const [rejects, args] of refused) {
      const { resources } = await deploy(() => {
        const cluster = aCluster({ pools });
        const all = { cluster, namespace: "models", image: "chat:v1", ...args };
        assert.throws(() => new InferenceService("chat", all));
        return cluster;
      });
      const types = resources.map(({ type }) => type);
      assert.deepEqual(types, ["pulumi:providers:kubernetes"], rejects);
    }
  });
});

describe("an inference service accepts", () => {
  for (const [what, args] of [
    ["the smallest values", { port: 1, gpus: 0, replicas: 0, startup: 10, drain: 0 }],
    ["the largest values", { port: 65535, replicas: 5000, startup: 43200, drain: 3600 }],
    ["as many replicas as its pool holds", { gpus: 4, pool: "h100", replicas: 4 }],
    ["the widest ranges that still say who may connect", open("10.0.0.0/8", "2001::/16")],
  ] as const) {
    it(what, async () => {
      await deployChat({ ...args }, { pools });
    });
  }
});

describe("a replica of several nodes", () => {
  const env = { GROUP_STARTUP_SECONDS: "1" };

  for (const [what, nodes] of [
    ["a component", { nodeGroup: { nodes: 2 } }],
    ["an entry", { nodesPerReplica: 2 }],
  ] as const) {
    it(`has the time to wait from us, and not from ${what}`, () => {
      assert.deepEqual(serverProblems("chat", { ...nodes, env }), [
        {
          path: ["env", "GROUP_STARTUP_SECONDS"],
          problem:
            "a variable that we set, to say how long the nodes of a replica wait for each other",
          found: "a value",
          allowed: "names other than GROUP_STARTUP_SECONDS",
          fix: "rename it",
        },
      ]);
    });
  }

  it("alone has that variable", () => {
    assert.deepEqual(serverProblems("chat", { nodesPerReplica: 1, env }), []);
  });
});
