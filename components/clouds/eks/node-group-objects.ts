import type * as pulumi from "@pulumi/pulumi";
import { ClusterAutoscaler } from "../cluster-autoscaler";
import { NvidiaDevicePlugin } from "../../cluster/device-plugin";
import type { NodesArgs } from "./nodes";
import { EfaDevicePlugin } from "./efa-device-plugin";
import type { GroupPlan } from "./group-plan";
import { sharingLabels, systemNodes } from "./group-settings";
import { provisionTime } from "./capacity-order";
import { LoadBalancerController } from "./load-balancer-controller";
import { diskStorageClass } from "./storage-class";

/** Puts into a cluster with node groups what Auto Mode would bring along: disks, device plugins, autoscaler, load balancers. */
export function nodeGroupObjects(
  name: string,
  { clusterName, region, version, network, pools, tags }: NodesArgs,
  plan: GroupPlan,
  opts: pulumi.CustomResourceOptions,
): void {
  diskStorageClass(`${name}-gp3`, "ebs.csi.aws.com", tags, opts);
  if (plan.gpu.length > 0) {
    new NvidiaDevicePlugin(
      `${name}-device-plugin`,
      { sharing: sharingLabels(pools), leavesNetwork: plan.efa },
      opts,
    );
  }
  if (plan.efa) new EfaDevicePlugin(`${name}-efa-device-plugin`, opts);
  new ClusterAutoscaler(
    `${name}-cluster-autoscaler`,
    {
      ...{ clusterName, region, version, order: plan.order, maxNodes: plan.maxNodes },
      nodeSelector: systemNodes,
      provisionTime: provisionTime.nodeGroups,
    },
    opts,
  );
  new LoadBalancerController(
    `${name}-load-balancer-controller`,
    { clusterName, region, vpcId: network.vpcId, tags },
    opts,
  );
}
