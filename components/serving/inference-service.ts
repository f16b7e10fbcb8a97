import { Deployment } from "@pulumi/kubernetes/apps/v1";
import * as pulumi from "@pulumi/pulumi";
import { untilAllRolledOut, untilRolledOut } from "../cluster/wait-for";
import { refuse } from "../refuse";
import { metadataOf } from "../workload/labels";
import { networkOf } from "../workload/network";
import { pod } from "../workload/pod";
import type { Rollout } from "../workload/rollout";
import { placeholders } from "./autoscaling/placeholders";
import { scaler } from "./autoscaling/scaler";
import { addressesOf, deletionTime, makeBudget, makeServices, timeouts } from "./front";
import { containerArgs, kindOptions, type ModelServiceArgs } from "./model-service";
import { rollingDeployment } from "./rollout";
import { planService, withDefaults, type InferenceServiceArgs } from "./service-plan";
import { serviceProblems } from "./service-problems";

export type { InferenceServiceArgs, ModelServiceArgs };

/** A model server: replicas behind one address, replaced one by one without dropping a request. */
export class InferenceService extends pulumi.ComponentResource {
  /** Address for those it is exposed to, known once it answers; undefined where that is the cluster alone. */
  readonly url: pulumi.Output<string | undefined>;
  /** Address inside the cluster, known once it answers. */
  readonly internalUrl: pulumi.Output<string>;
  /** What is needed to watch its replicas being replaced. */
  readonly rollout: Rollout;

  constructor(
    name: string,
    given: InferenceServiceArgs | ModelServiceArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { args: container, problems: unserved } = containerArgs(given);
    const args = withDefaults(container);
    const { cluster, namespace, replicas, range } = args;
    const options = kindOptions(cluster, "MultiNodeService", opts);
    super("gpu-serving:index:InferenceService", name, {}, options);

    refuse(this, name, unserved);
    refuse(this, name, onSeveralNodes(args));
    const { pool, problems } = serviceProblems(name, args);
    refuse(this, name, problems);
    const plan = planService(name, args, pool);
    for (const warning of plan.warnings) void pulumi.log.warn(`${name}: ${warning}`, this);

    const child = { parent: this };
    const owner = { entry: name, namespace, child, labels: args.labels };
    const metadata = metadataOf(owner);
    const network = networkOf(owner, plan.doors, args.network ?? {});
    const template = pod(owner, args, plan.pod);
    const { rollingUpdate, times, placement } = plan;
    // A service that may have no replica begins with one, to see that it answers.
    const first = range ? Math.max(1, range.min) : replicas;
    const deployment = new Deployment(
      name,
      {
        metadata: {
          ...metadata,
          annotations: range ? untilAllRolledOut() : untilRolledOut(replicas),
        },
        spec: rollingDeployment(name, first, rollingUpdate, times, template),
      },
      {
        ...child,
        // A replica that starts in a closed namespace finds its ways out open.
        dependsOn: network,
        customTimeouts: timeouts(times.rollout, times.terminationGrace + deletionTime),
        // From then on the number is the autoscaler's.
        ...(range && { ignoreChanges: ["spec.replicas"] }),
      },
    );
    if (range) {
      scaler(owner, { ...args, ...range, windows: plan.windows }, deployment);
      if (range.spare) placeholders(owner, range.spare, args, pool);
    }
    const service = makeServices(owner, plan, { network, workload: deployment }, args);
    makeBudget(owner);
    const object = { kind: "Deployment", name, namespace } as const;
    this.rollout = { ...object, placement, owner: this, object: deployment };
    const { url, internalUrl } = addressesOf(name, plan.open, service, deployment);
    this.url = url;
    this.internalUrl = internalUrl;
    this.registerOutputs({ url, internalUrl });
  }
}

/** A replica that takes several nodes is no pod of a Deployment. */
function onSeveralNodes({ nodeGroup }: ReturnType<typeof withDefaults>) {
  if (!nodeGroup) return [];
  return [
    {
      ...{ path: ["nodesPerReplica"], found: String(nodeGroup.nodes) },
      problem: `the model takes ${nodeGroup.nodes} nodes for one replica`,
      allowed: "a model that one node holds",
      fix: "make a MultiNodeService of the same arguments",
    },
  ];
}
