import assert from "node:assert/strict";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy } from "../../support/deploy";
import { fromFile, refusal } from "../stack-files";

const setType = "kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet";

/** A model of 689 GB: eight H100 have too little memory for it. */
const giant = "model: deepseek-ai/DeepSeek-V3.2, contextTokens: 8192";

function stackOf(
  entry: string,
  { controller = "leaderWorkerSet: existing", max = 4, more = "" } = {},
) {
  return fromFile({
    "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  ${controller}
  pools:
    h100:
      gpu: H100
      gpusPerNode: 8
      select: { gpu: h100 }
      nodes: { max: ${max} }
      interconnect: { within: rack }${more}
  services:
    chat: ${entry}`,
  });
}

describe("a service with a model that no node holds", () => {
  it("is spread over as few nodes as hold it: layers within a node, groups of layers across", async () => {
    const { find } = await deploy(() =>
      buildEnvironment(stackOf(`{ ${giant}, nodesPerReplica: 4 }`)),
    );

    const template = at(find(setType, "chat"), "spec.leaderWorkerTemplate") as Record<
      "leaderTemplate" | "workerTemplate",
      { spec: { containers: { args: string[]; resources: { limits: object } }[] } }
    > & { size: number };
    assert.equal(template.size, 2);
    const [leader] = template.leaderTemplate.spec.containers;
    const [member] = template.workerTemplate.spec.containers;
    const said = (flag: string) => leader?.args[leader.args.indexOf(flag) + 1];
    assert.deepEqual(
      ["--tensor-parallel-size", "--pipeline-parallel-size", "--nnodes", "--node-rank"].map(said),
      ["8", "2", "2", "$(LWS_WORKER_INDEX)"],
    );
    assert.equal(said("--master-addr"), "$(LWS_LEADER_ADDRESS)");
    assert.deepEqual(
      member?.args.filter((one) => !leader?.args.includes(one)),
      ["--headless"],
    );
    assert.deepEqual((member?.resources.limits as Record<string, string>)["nvidia.com/gpu"], "8");
  });

  it("stays a Deployment where one node holds it, whatever it may take", async () => {
    const { find } = await deploy(() =>
      buildEnvironment(stackOf("{ model: Qwen/Qwen3-8B-AWQ, nodesPerReplica: 4 }")),
    );

    assert.equal(at(find("kubernetes:apps/v1:Deployment", "chat"), "spec.replicas"), 1);
  });

  it("rolls with a third group where its nodes are free, and without where they are not", async () => {
    const strategyOf = async (max: number) => {
      const entry = `{ ${giant}, nodesPerReplica: 2, replicas: 2 }`;
      const { find } = await deploy(() => buildEnvironment(stackOf(entry, { max })));
      return at(find(setType, "chat"), "spec.rolloutStrategy.rollingUpdateConfiguration.maxSurge");
    };

    assert.deepEqual([await strategyOf(5), await strategyOf(6)], [0, 1]);
  });

  it("waits for the controller that its stack installs, which no other service does", async () => {
    const { find, resources } = await deploy(() =>
      buildEnvironment(
        stackOf(`{ ${giant}, nodesPerReplica: 2 }`, { controller: "leaderWorkerSet: install" }),
      ),
    );

    assert.ok(find("kubernetes:apps/v1:Deployment", "leader-worker-set"));
    const names = resources.map(({ name }) => name);
    assert.ok(names.indexOf("leader-worker-set-webhooks") < names.indexOf("chat"));
  });
});

describe("a model that no node holds is refused", () => {
  it("without nodesPerReplica, and told how many nodes would do", () => {
    assert.match(
      refusal(() => stackOf(`{ ${giant} }`)),
      /does not fit: h100: \d+ GiB are missing on 8 GPUs[^]*write nodesPerReplica: 2 to spread each replica over 2 nodes of h100/,
    );
  });

  it("without a word of more nodes where the pool has no more", () => {
    assert.doesNotMatch(
      refusal(() => stackOf(`{ ${giant} }`, { max: 1 })),
      /nodesPerReplica/,
    );
  });

  it("where the stack file says nothing of the controller", () => {
    assert.match(
      refusal(() => stackOf(`{ ${giant}, nodesPerReplica: 2 }`, { controller: "tags: {}" })),
      /nodesPerReplica: needs the controller of LeaderWorkerSets[^]*add leaderWorkerSet: install/,
    );
  });

  it("where the pool has too few nodes for all its replicas", () => {
    assert.match(
      refusal(() => stackOf(`{ ${giant}, nodesPerReplica: 2, replicas: 3 }`)),
      /pools\.h100\.nodes\.max: too few nodes[^]*6 or more/,
    );
  });

  it("with a disk for its cache, which is on one node", () => {
    const more = "\n  volumes: { models: { disk: 900Gi, access: one-node } }";
    assert.match(
      refusal(() => stackOf(`{ ${giant}, nodesPerReplica: 2, cache: models }`, { more })),
      /^2 problems[^]*services\.chat\.cache: keeps pods on one node, and a replica is spread over 2/,
    );
  });

  it("beside an entry with the name of one of its groups, and beside no other", () => {
    const entry = (name: string, of = `{ ${giant}, nodesPerReplica: 2 }`) =>
      refusal(() => stackOf(`${of}\n    ${name}: { image: "other:v1" }`, { max: 1 }));

    assert.match(entry("chat-0"), /services\.chat-0: name of a group of services\.chat,/);
    assert.match(entry("chat-12"), /services\.chat-12: name of a group of services\.chat,/);
    assert.doesNotMatch(entry("chat-01"), /name of a group/);
    assert.doesNotMatch(entry("chat-0-1"), /name of a group/);
    assert.doesNotMatch(entry("chat-0", `{ ${giant} }`), /name of a group/);
  });
});
