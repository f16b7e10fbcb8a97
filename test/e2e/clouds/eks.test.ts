import { autoModeKinds } from "../../support/clouds/crds";
import { stackOn } from "../../support/clouds/life-of-a-stack";

stackOn("eks", {
  kind: "eks",
  plugin: "aws",
  cluster: { region: "us-east-1", access: ["203.0.113.0/24"] },
  config: { "aws:region": "us-east-1" },
  machines: ["g6.xlarge", "g6.2xlarge"],
  capacity: ["spot", "on-demand"],
  locks: [],
  clusterType: "aws:eks/cluster:Cluster",
  down: [
    ["kubernetes:karpenter.sh/v1:NodePool"],
    ["kubernetes:eks.amazonaws.com/v1:NodeClass"],
    // The cluster has no nodes of its own left by then, so the way out may go along with it.
    ["aws:ec2/natGateway:NatGateway"],
    ["aws:ec2/internetGateway:InternetGateway"],
    ["aws:ec2/vpc:Vpc"],
  ],
  token: /^aws eks get-token --cluster-name eks-cluster --region us-east-1/,
  kinds: autoModeKinds,
  own: ["nodepool/l4-spot", "nodepool/l4-on-demand", "nodeclass/l4", "storageclass/gp3"],
});
