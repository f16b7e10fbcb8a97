/** What Google Cloud adds to the resources that others read it from, by type. */
export const gcpAdditions = {
  "gcp:artifactregistry/repository:Repository": {
    registryUri: "us-central1-docker.pkg.dev/acme-ml/test-cluster",
  },
  "gcp:projects/serviceIdentity:ServiceIdentity": {
    email: "service-1234@container-engine-robot.iam.gserviceaccount.com",
    member: "serviceAccount:service-1234@container-engine-robot.iam.gserviceaccount.com",
  },
  "gcp:serviceaccount/account:Account": { email: "nodes@acme-ml.iam.gserviceaccount.com" },
  "gcp:container/cluster:Cluster": {
    endpoint: "203.0.113.5",
    masterAuth: { clusterCaCertificate: "Y2VydGlmaWNhdGU=" },
    masterVersion: "1.35.8-gke.1225000",
    controlPlaneEndpointsConfig: { dnsEndpointConfig: { endpoint: "gke-1.us-central1.gke.goog" } },
  },
} as const;
