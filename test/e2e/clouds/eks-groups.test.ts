import { stackOn } from "../../support/clouds/life-of-a-stack";

stackOn("eks-groups", {
  kind: "eks",
  plugin: "aws",
  cluster: { region: "us-east-1", access: ["203.0.113.0/24"], mode: "nodeGroups" },
  config: { "aws:region": "us-east-1" },
  machines: ["g6.xlarge", "g6.2xlarge"],
  capacity: ["spot", "on-demand"],
  locks: [],
  clusterType: "aws:eks/cluster:Cluster",
  down: [
    ["aws:eks/nodeGroup:NodeGroup"],
    ["aws:ec2/natGateway:NatGateway"],
    ["aws:ec2/internetGateway:InternetGateway"],
    ["aws:ec2/vpc:Vpc"],
  ],
  token: /^aws eks get-token --cluster-name eks-groups-cluster --region us-east-1/,
  kinds: [],
  own: [
    "deployment/cluster-autoscaler",
    "configmap/cluster-autoscaler-priority-expander",
    "deployment/aws-load-balancer-controller",
    "daemonset/nvidia-device-plugin",
    "storageclass/gp3",
  ],
});
