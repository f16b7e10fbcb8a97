import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kubectl } from "../../../local/cluster";
import { checkout } from "../../../local/folder";
import { simulatedNode, type CloudKind } from "./crds";
import type { Step, UpdateResult } from "./engine-steps";
import { Sandbox } from "./stand-ins";
import { cluster, usesCurrentProvider } from "../local-cluster";
import { moved, type MovedCluster } from "../moved-cluster";
import { inSteps } from "../steps";

/** What the flow differs in from cloud to cloud. */
interface CloudCase {
  kind: "gke" | "eks" | "aks";
  plugin: "gcp" | "aws" | "azure-native";
  /** `cluster` of the stack file, besides its kind. */
  cluster: Record<string, unknown>;
  /** Further keys of the stack file. */
  config?: Record<string, string>;
  /** Machine of the pool, and another one that it changes to. */
  machines: [string, string];
  capacity: unknown[];
  /** Types that are there only while the cluster is protected. */
  locks: string[];
  /** Type of the cluster: the creation that is cut short. */
  clusterType: string;
  /** Types that must be gone before the next ones go: nodes, then cluster, then what they stood on. */
  down: string[][];
  /** What the kubeconfig calls for a token. */
  token: RegExp;
  /** Kinds that the cloud's clusters bring with them. */
  kinds: readonly CloudKind[];
  /** Kubernetes kinds that the cluster makes for itself. */
  own: string[];
}

const chat = {
  ...{ image: "engine:v1", gpus: 1, pool: "l4", replicas: 2, startup: "1m" },
  expose: { scope: "public", allow: ["203.0.113.0/24"] },
};

/** Tests a stack on a cloud from its first `up`, which is interrupted, to its end; its cluster is the local one. */
export function stackOn(name: string, cloud: CloudCase): void {
  describe(`a stack on ${name}, with the real engine and a stand-in cloud`, function () {
    this.timeout(300_000);
    this.slow(120_000);
    inSteps(this);

    const local = cluster(this);
    const namespace = `clouds-${name}`;
    const nodes = { l4: `clouds-${name}-l4`, system: `clouds-${name}-system` };
    let box: Sandbox;
    let elsewhere: MovedCluster | undefined;

    /** Writes the stack file. */
    function stack(pool: object = {}, deletionProtection = true): void {
      box.config({
        ...cloud.config,
        cluster: { kind: cloud.kind, ...cloud.cluster, deletionProtection },
        tags: { team: "ml" },
        pools: {
          l4: {
            machine: cloud.machines[0],
            nodes: { min: 0, max: 4 },
            capacity: cloud.capacity,
            ...pool,
          },
        },
        namespaces: { [namespace]: {} },
        services: { chat },
      });
    }
    const done = ({ steps }: UpdateResult) =>
      steps.filter(({ op, type }) => op !== "same" && type !== "pulumi:pulumi:Stack");
    const succeeds = (result: UpdateResult) => assert.equal(result.code, 0, result.output);
    const refusals = () => box.operations().filter(({ operation }) => operation === "refused");
    const apply = (object: object) =>
      // Two that apply the same at once do not fail that way.
      kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], {
        input: JSON.stringify(object),
      });

    before(async () => {
      for (const definition of cloud.kinds) await apply(definition);
      await apply(
        simulatedNode(nodes.l4, {
          "gpu-serving/pool": "l4",
          "nvidia.com/gpu.present": "true",
          "cloud.google.com/compute-class": "gpu-serving-l4",
        }),
      );
      await apply(simulatedNode(nodes.system, { "gpu-serving/pool": "system" }));
      box = new Sandbox({
        name,
        program: join(checkout, "index.ts"),
        kubeconfig: readFileSync(local.kubeconfig, "utf8"),
      });
      await box.init();
    });
    after(async () => {
      await box?.destroy();
      elsewhere?.close();
      const simulated = Object.values(nodes);
      await kubectl(["delete", "node", ...simulated, "--ignore-not-found"], { mayFail: true });
    });

    it("up is interrupted while the cloud makes the cluster, and taken up again", async () => {
      stack();
      await box.killAt({ operation: "create", type: cloud.clusterType });
      await box.adopt();
      succeeds(await box.up());
      assert.deepEqual(refusals(), []);
      const made = box.things(cloud.plugin).map(({ type, name }) => `${type} ${name}`);
      assert.equal(new Set(made).size, made.length, "nothing is there twice");
    });

    it("the service runs in the cluster that the kubeconfig leads to", async () => {
      const { stdout } = await kubectl([
        ...["get", "service", "chat", "--namespace", namespace],
        ...["--output", "jsonpath={.spec.type} {.spec.loadBalancerSourceRanges}"],
      ]);
      assert.equal(stdout, 'LoadBalancer ["203.0.113.0/24"]');
      for (const object of cloud.own) await kubectl(["get", object, "--namespace", "kube-system"]);
      assert.match(box.tokenRequests()[0] ?? "nobody asked for a token", cloud.token);
    });

    it("up changes nothing the second time, also when the autoscaler has made nodes", async () => {
      box.scale(cloud.plugin, 3);
      const from = box.operations().length;
      const again = await box.up("--refresh");
      succeeds(again);
      const changed = box.operations(from).filter(({ operation }) => operation !== "invoke");
      assert.deepEqual(changed, []);
    });

    it("another address and another authority of the cluster replace nothing", async function () {
      if (!usesCurrentProvider()) this.skip();
      elsewhere = await moved(readFileSync(local.kubeconfig, "utf8"));
      box.move(elsewhere.kubeconfig);
      const followed = await box.up("--refresh");
      succeeds(followed);
      const changed = followed.steps
        .filter(({ op }) => op !== "same" && op !== "refresh")
        .map(({ op, type }) => `${op} ${type}`);
      assert.deepEqual([...new Set(changed)], ["update pulumi:providers:kubernetes"]);
    });

    it("a protected cluster is not destroyed", async () => {
      const before = box.things(cloud.plugin).length;
      // What is protected stops a destroy in its preview; without one, Pulumi removes all else first.
      assert.notEqual((await box.destroy("--skip-preview=false")).code, 0);
      assert.equal(box.things(cloud.plugin).length, before);
    });

    it("a pool grows in place, and the cluster loses its protection in place", async () => {
      stack({ nodes: { min: 0, max: 6 } }, false);
      const grown = await box.up();
      succeeds(grown);
      const steps = done(grown);
      assert.ok(
        steps.some(({ name }) => name.includes("-l4")),
        "the pool changed",
      );
      assert.deepEqual(
        steps.filter(({ op }) => op !== "update").map(({ op, type }) => `${op} ${type}`),
        cloud.locks.map((type) => `delete ${type}`),
      );
    });

    it("a pool on another machine replaces its nodes and nothing else", async () => {
      stack({ machine: cloud.machines[1], nodes: { min: 0, max: 6 } }, false);
      const replaced = await box.up();
      succeeds(replaced);
      const touched = done(replaced).filter(
        ({ name }) => !/-l4|-ladder$|-autoscaler-order$/.test(name),
      );
      assert.deepEqual(touched, []);
      assert.deepEqual(refusals(), []);
    });

    it("destroy takes down objects, nodes, cluster and network in that order, and leaves nothing", async () => {
      const from = box.operations().length;
      const destroyed = await box.destroy();
      succeeds(destroyed);
      assert.deepEqual(refusals(), []);
      assert.deepEqual(box.things(cloud.plugin), []);

      const deleted = destroyed.steps.filter(({ op }) => op === "delete");
      const objects = deleted.filter(({ type }) =>
        /^kubernetes:.*:(Service|Deployment|Namespace)$/.test(type),
      );
      inOrder(
        [objects, ...cloud.down.map((types) => deleted.filter((it) => types.includes(it.type)))],
        deleted,
      );
      assert.ok(box.operations(from).length > 0);
      const kinds = [
        "services",
        "deployments",
        ...cloud.kinds.map(({ spec }) => spec.names.plural),
      ];
      const { stdout } = await kubectl([
        ...["get", kinds.join(), "-A"],
        ...["--selector", `gpu-serving/stack=${name}`, "--output", "name"],
      ]);
      assert.equal(stdout, "");
    });
  });
}

/** Every step of a group is done before the first one of the next group ends. */
function inOrder(groups: Step[][], all: Step[]): void {
  groups.forEach((group, index) => {
    assert.ok(group.length > 0, `group ${index} is empty`);
    const next = groups[index + 1];
    if (!next) return;
    const last = Math.max(...group.map((step) => all.indexOf(step)));
    const first = Math.min(...next.map((step) => all.indexOf(step)));
    const names = `${all[last]?.type} ${all[last]?.name}, then ${all[first]?.type} ${all[first]?.name}`;
    assert.ok(last < first, `the wrong order: ${names}`);
  });
}
