import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import * as pulumi from "@pulumi/pulumi";
import { untilGroupsRolledOut } from "../../cluster/wait-for";
import { refuse } from "../../refuse";
import { metadataOf } from "../../workload/labels";
import { networkOf } from "../../workload/network";
import { podsOfTwoKinds } from "../../workload/pod";
import type { Rollout } from "../../workload/rollout";
import { shareNode, type Mounts } from "../../workload/volumes";
import { addressesOf, deletionTime, makeBudget, makeServices, timeouts } from "../front";
import {
  containerArgs,
  kindOptions,
  type ContainerArgs,
  type ModelServiceArgs,
} from "../model-service";
import { planService, withDefaults, type InferenceServiceArgs } from "../service-plan";
import { serviceProblems } from "../service-problems";
import { groupProblems, memberContainer, memberLabels, mostNodes, type NodeGroup } from "./group";
import { apiVersion, leaderWorkerSet } from "./set";

/** Arguments for {@link MultiNodeService}, whose image serves a model from several nodes together. */
export interface MultiNodeServiceArgs extends InferenceServiceArgs {
  /** How one replica is spread over nodes. */
  nodeGroup: NodeGroup;
}

/**
 * A model server of which each replica is a group of pods on several nodes. Groups are behind one address, which leads to their leaders,
 * and are replaced one by one. The cluster needs the controller of LeaderWorkerSets, in version 0.9.0 or newer.
 */
export class MultiNodeService extends pulumi.ComponentResource {
  /** Address for those it is exposed to, known once it answers; undefined where that is the cluster alone. */
  readonly url: pulumi.Output<string | undefined>;
  /** Address inside the cluster, known once it answers. */
  readonly internalUrl: pulumi.Output<string>;
  /** What is needed to watch its groups being replaced. */
  readonly rollout: Rollout;

  constructor(
    name: string,
    given: ContainerArgs | ModelServiceArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { args: container, problems: unserved } = containerArgs(given);
    const args = withDefaults(container);
    const { cluster, namespace, replicas } = args;
    const options = kindOptions(cluster, "InferenceService", opts);
    super("gpu-serving:index:MultiNodeService", name, {}, options);

    refuse(this, name, unserved);
    const { nodeGroup = { nodes: 1, memberArgs: [] } } = args;
    refuse(this, name, sizeProblems(nodeGroup));
    const { pool, problems } = serviceProblems(name, args);
    refuse(this, name, [...problems, ...groupProblems(name, nodeGroup.nodes, tied(args.mounts))]);
    const plan = planService(name, args, pool);
    for (const warning of plan.warnings) void pulumi.log.warn(`${name}: ${warning}`, this);

    const child = { parent: this };
    const owner = { entry: name, namespace, child, labels: args.labels };
    const { rollingUpdate, times, placement } = plan;
    // The pods of a group reach each other at all ports, whoever else may connect.
    const ownPods = { open: false, callers: [{ name, namespace }] };
    const network = networkOf(owner, [...plan.doors, ownPods], args.network ?? {});
    const stop = times.terminationGrace - memberEnd;
    const [leader, member] = podsOfTwoKinds(owner, args, plan.pod, {
      labels: memberLabels(name),
      main: memberContainer(nodeGroup, stop, args.command),
    });
    const set = new CustomResource(
      name,
      {
        ...{ apiVersion, kind: "LeaderWorkerSet" },
        metadata: { ...metadataOf(owner), annotations: untilGroupsRolledOut(replicas) },
        spec: leaderWorkerSet({ replicas, size: nodeGroup.nodes, rollingUpdate, leader, member }),
      },
      {
        ...child,
        dependsOn: network,
        customTimeouts: timeouts(times.rollout, 2 * times.terminationGrace + deletionTime),
      },
    );
    const service = makeServices(owner, plan, { network, workload: set }, args);
    makeBudget(owner);
    const object = { kind: "LeaderWorkerSet", name, namespace } as const;
    this.rollout = { ...object, placement, owner: this, object: set };
    const { url, internalUrl } = addressesOf(name, plan.open, service, set);
    this.url = url;
    this.internalUrl = internalUrl;
    this.registerOutputs({ url, internalUrl });
  }
}

/** By path, whether a mount keeps pods on one node. */
function tied(mounts: Mounts = {}): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(mounts).map(([path, { volume }]) => [path, shareNode([volume])]),
  );
}

/** Seconds of a member's grace that are left for the end of its engine. */
const memberEnd = 10;

/** What is wrong with the number of nodes of a group. */
function sizeProblems({ nodes }: NodeGroup) {
  if (Number.isInteger(nodes) && nodes > 1 && nodes <= mostNodes) return [];
  return [
    {
      ...{ path: ["nodeGroup", "nodes"], found: String(nodes) },
      problem: nodes === 1 ? "one node holds a replica" : "out of range",
      allowed: `2 to ${mostNodes}`,
      fix: nodes === 1 ? "make an InferenceService of the same arguments" : "correct it",
    },
  ];
}
