import { gkeKinds } from "../../support/clouds/crds";
import { stackOn } from "../../support/clouds/life-of-a-stack";

stackOn("gke", {
  kind: "gke",
  plugin: "gcp",
  cluster: { region: "us-central1" },
  config: { "gcp:project": "acme-ml" },
  machines: ["g2-standard-12", "g2-standard-16"],
  capacity: ["spot", "on-demand"],
  locks: [],
  clusterType: "gcp:container/cluster:Cluster",
  down: [
    ["kubernetes:cloud.google.com/v1:ComputeClass"],
    ["gcp:container/nodePool:NodePool"],
    ["gcp:container/cluster:Cluster"],
    ["gcp:compute/subnetwork:Subnetwork", "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"],
    ["gcp:compute/network:Network"],
  ],
  token: /^gke-gcloud-auth-plugin/,
  kinds: gkeKinds,
  own: ["computeclass/gpu-serving-l4", "storageclass/gpu-serving-disk"],
});
