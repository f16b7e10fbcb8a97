import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { autoPools, systemPools } from "../../../components/clouds/eks/auto-pools";
import { placedPool } from "../../../components/clouds/eks/capacity-order";
import type { EksPool } from "../../../components/clouds/eks/schema";
import { kubectl } from "../../../local/cluster";
import { step } from "../../../process/progress";
import { onPath, provide } from "../../../local/tools";
import { eksPool } from "../../support/eks";
import { lastWords, startController, type Controller } from "../../support/karpenter/controller";
import { installDefinitions } from "../../support/karpenter/definitions";
import { instanceTypes, nodeClass, onSimulatedNodes } from "../../support/karpenter/simulated";
import { karpenterTool } from "../../support/karpenter/tool";
import { cluster } from "../../support/local-cluster";

const namespace = "e2e-karpenter";
const zones = ["us-east-1a", "us-east-1b"];
const spot = { kind: "spot" } as const;
const onDemand = { kind: "on-demand" } as const;

const apply = (...items: object[]) =>
  kubectl(["apply", "--filename", "-"], {
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  });

describe("the capacity order of EKS Auto Mode under Karpenter's own controller", function () {
  this.slow(60_000);

  const local = cluster(this);
  let controller: Controller | undefined;
  let restoreDefinitions: (() => Promise<void>) | undefined;

  let offered = "";

  /** What the cloud has capacity of from now on; the controller learns it when it starts. */
  async function cloudOffers(...capacityTypes: EksPool["capacity"]): Promise<void> {
    const offers = capacityTypes.map(({ kind }) => kind);
    if (offered === offers.join()) return;
    offered = offers.join();
    await controller?.stop();
    const machines = instanceTypes(eksPool().machine, zones, offers);
    controller = startController(local.kubeconfig, machines);
  }

  /** Makes the NodePools of a pool that may grow to as many nodes. */
  async function makePool(
    name: string,
    capacity: EksPool["capacity"],
    nodes: { min: number; max: number },
  ): Promise<void> {
    const nodePools = autoPools(name, eksPool({ capacity, nodes }), zones);
    await apply(...nodePools.map((nodePool) => onSimulatedNodes(nodePool, namespace)));
  }

  /** Makes pods that ask for one GPU of a pool each: a whole node. */
  async function makePods(pool: string, ...names: string[]): Promise<void> {
    const { nodeSelector, tolerations } = placedPool(pool, eksPool(), "auto");
    const resources = { limits: { "nvidia.com/gpu": "1" } };
    const containers = [{ name: "server", image: "server:v1", resources }];
    const spec = { containers, nodeSelector, tolerations };
    await apply(
      ...names.map((name) => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace },
        spec,
      })),
    );
  }

  /** Returns when the nodes that always run are ready. */
  async function minimumOf(pool: string): Promise<void> {
    const claims = ["nodeclaims", "--selector", `karpenter.sh/nodepool=${pool}-min`];
    await onceThereIs(claims, "{.items[*].metadata.name}");
    await kubectl(["wait", ...claims, "--for=condition=Ready", "--timeout=300s"]);
  }

  /** NodePool and capacity type of the node that each pod runs on, once they run. */
  async function homesOf(...pods: string[]): Promise<string[]> {
    const ready = ["wait", "--for=condition=Ready", "--timeout=300s", "--namespace", namespace];
    await kubectl([...ready, ...pods.map((pod) => `pod/${pod}`)]);
    return Promise.all(
      pods.map(async (pod) => {
        const node = await read(["pod", pod, "--namespace", namespace], "{.spec.nodeName}");
        return read(
          ["node", node],
          "{.metadata.labels.karpenter\\.sh/nodepool}: {.metadata.labels.karpenter\\.sh/capacity-type}",
        );
      }),
    );
  }

  /** What Karpenter says of a pod that it makes no node for. */
  function refusalOf(pod: string): Promise<string> {
    const theirs = `involvedObject.name=${pod},reason=FailedScheduling,source=karpenter`;
    const events = ["events", "--namespace", namespace, "--field-selector", theirs];
    return onceThereIs(events, "{.items[*].message}");
  }

  /** A field that objects have some time after. */
  async function onceThereIs(of: string[], field: string): Promise<string> {
    for (const end = Date.now() + 300_000; Date.now() < end; await sleep(500)) {
      const found = await read(of, field);
      if (found !== "") return found;
    }
    throw new Error(`there is no ${field} of ${of.join(" ")} after 300 s`);
  }

  /** Returns when there is none of these objects. */
  async function onceEmpty(of: string[]): Promise<void> {
    for (const end = Date.now() + 300_000; Date.now() < end; await sleep(500)) {
      if ((await read(of, "{.items[*].metadata.name}")) === "") return;
    }
    throw new Error(`there is still one of ${of.join(" ")} after 300 s`);
  }

  async function read(of: string[], field: string): Promise<string> {
    const { stdout } = await kubectl(["get", ...of, "--output", `jsonpath=${field}`]);
    return stdout;
  }

  /**
   * Takes away all that the tests made, while the controller runs: without it no node of its own can be deleted. In the
   * background: Karpenter 1.8 makes new nodes for a static NodePool that waits for the end of its nodes.
   */
  async function clear(): Promise<void> {
    await kubectl(["delete", "namespace", namespace, "--ignore-not-found", "--timeout=300s"]);
    await kubectl(["delete", "nodepools", "--selector", `gpu-serving/test=${namespace}`]);
    await kubectl(["delete", "nodeclaims", "--all", "--timeout=300s"]);
  }

  before("the controller is there", async function () {
    this.timeout(15 * 60_000);
    if (onPath("go") === undefined && process.env.E2E !== "required") {
      console.log("SKIPPED: Karpenter's controller: there is no Go to compile it with");
      this.skip();
    }
    await step("karpenter", (say) => provide(karpenterTool, say));
    restoreDefinitions = await installDefinitions();
    await cloudOffers(spot, onDemand);
    await clear();
    await kubectl(["create", "namespace", namespace]);
    await apply(nodeClass);
  });
  afterEach(function () {
    if (this.currentTest?.state === "failed") console.log(lastWords(20));
  });
  after(async function () {
    try {
      if (controller !== undefined) await clear();
    } finally {
      await controller?.stop();
      await restoreDefinitions?.();
    }
  });

  it("falls to the next capacity type while the first has no capacity, and returns to it when it has", async () => {
    await cloudOffers(onDemand);
    await makePool("e2e-scarce", [spot, onDemand], { min: 0, max: 2 });
    await makePods("e2e-scarce", "scarce");
    assert.deepEqual(await homesOf("scarce"), ["e2e-scarce-on-demand: on-demand"]);

    await cloudOffers(spot, onDemand);
    await makePods("e2e-scarce", "plenty");
    assert.deepEqual(await homesOf("plenty"), ["e2e-scarce-spot: spot"]);
  });

  it("goes by the stack file's order, not by price", async () => {
    await cloudOffers(spot, onDemand);
    await makePool("e2e-steady", [onDemand, spot], { min: 0, max: 1 });
    await makePods("e2e-steady", "steady");
    assert.deepEqual(await homesOf("steady"), ["e2e-steady-on-demand: on-demand"]);
  });

  it("keeps the nodes of its minimum without a pod, and fills them first", async () => {
    await cloudOffers(spot, onDemand);
    await makePool("e2e-always", [spot, onDemand], { min: 1, max: 2 });
    await minimumOf("e2e-always");

    await makePods("e2e-always", "always");
    assert.deepEqual(await homesOf("always"), ["e2e-always-min: spot"]);
  });

  it("leaves no node of those that always run when their pool goes", async () => {
    await cloudOffers(spot, onDemand);
    const system = { machine: eksPool().machine, nodes: { min: 1, max: 1 } };
    const [pool] = systemPools(system, zones.slice(0, 1));
    assert.ok(pool);
    await apply(onSimulatedNodes(pool, namespace));
    const claims = ["nodeclaims", "--selector", `karpenter.sh/nodepool=${pool.name}`];
    await onceThereIs(claims, "{.items[*].metadata.name}");
    await kubectl(["wait", ...claims, "--for=condition=Ready", "--timeout=300s"]);

    const annotation = "{.metadata.annotations.pulumi\\.com/deletionPropagationPolicy}";
    // What the provider does without the annotation.
    const policy = (await read(["nodepool", pool.name], annotation)) || "foreground";
    await kubectl(["delete", "nodepool", pool.name, `--cascade=${policy}`, "--timeout=300s"]);
    // Karpenter can hear of a node's end before that of its pool. What it makes then has no owner any more and is collected.
    await onceEmpty(claims);

    const made = lastWords(1000)
      .split("\n")
      .filter((line) => line.includes('"created nodeclaim"') && line.includes(pool.name));
    assert.ok(made.length === 1 || made.length === 2, made.join("\n"));
  });

  it("fills a capacity type to what nodes.max leaves over the minimum, then the next, then none", async () => {
    await cloudOffers(spot, onDemand);
    await makePool("e2e-full", [spot, onDemand], { min: 1, max: 3 });
    await minimumOf("e2e-full");
    await makePods("e2e-full", "first");
    await homesOf("first");

    await makePods("e2e-full", "second", "third");
    assert.deepEqual(await homesOf("second", "third"), Array(2).fill("e2e-full-spot: spot"));

    await makePods("e2e-full", "fourth", "fifth");
    const next = "e2e-full-on-demand: on-demand";
    assert.deepEqual(await homesOf("fourth", "fifth"), Array(2).fill(next));

    await makePods("e2e-full", "sixth");
    const refusal = await refusalOf("sixth");
    assert.match(refusal, /exceed limits for nodepool \(NodePool=e2e-full-spot\)/);
    assert.match(refusal, /exceed limits for nodepool \(NodePool=e2e-full-on-demand\)/);
  });
});
