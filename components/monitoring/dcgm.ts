import { DaemonSet } from "@pulumi/kubernetes/apps/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { gpuTolerations, nvidiaGpu, type Cluster } from "../cluster/cluster";
import { objectLabels } from "../workload/labels";

/** Image of NVIDIA's exporter (docs/facts.md 19.4). */
export const dcgmImage = "nvcr.io/nvidia/k8s/dcgm-exporter:4.5.3-4.8.2-distroless";

const app = "dcgm-exporter";
/** It mounts a folder of the node, which namespaces with a Pod Security level forbid. */
const namespace = "kube-system";
const port = 9400;
const podResources = "/var/lib/kubelet/pod-resources";

/** NVIDIA's DCGM exporter on the nodes of pools with NVIDIA's GPUs: use, memory and errors of each GPU, and the pod that has it. */
export class DcgmExporter extends pulumi.ComponentResource {
  constructor(
    name: string,
    { cluster }: { cluster: Cluster },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("gpu-serving:index:DcgmExporter", name, {}, { ...opts, provider: cluster.provider });
    const pools = Object.values(cluster.pools).filter(
      ({ gpusPerNode, resource = nvidiaGpu }) => gpusPerNode > 0 && resource.startsWith("nvidia."),
    );
    const child = { parent: this };

    const account = new ServiceAccount(
      `${app}-account`,
      {
        metadata: { name: app, namespace, labels: objectLabels(app) },
        automountServiceAccountToken: false,
      },
      child,
    );
    const tolerations = [...gpuTolerations(), ...pools.flatMap((pool) => pool.tolerations)];
    const [runtimeClass] = pools.flatMap((pool) => pool.runtimeClass ?? []);
    const health = { httpGet: { path: "/health", port }, initialDelaySeconds: 45 };
    new DaemonSet(
      app,
      {
        metadata: { name: app, namespace, labels: objectLabels(app) },
        spec: {
          selector: { matchLabels: { app } },
          template: {
            metadata: { labels: objectLabels(app) },
            spec: {
              serviceAccountName: account.metadata.name,
              automountServiceAccountToken: false,
              priorityClassName: "system-node-critical",
              ...(runtimeClass !== undefined && { runtimeClassName: runtimeClass }),
              affinity: {
                nodeAffinity: {
                  requiredDuringSchedulingIgnoredDuringExecution: {
                    nodeSelectorTerms: pools.map(({ nodeSelector }) => ({
                      matchExpressions: Object.entries(nodeSelector).map(([key, value]) => ({
                        ...{ key, operator: "In", values: [value] },
                      })),
                    })),
                  },
                },
              },
              tolerations: unique(tolerations),
              containers: [
                {
                  name: app,
                  image: dcgmImage,
                  args: ["-f", "/etc/dcgm-exporter/default-counters.csv"],
                  env: [
                    { name: "DCGM_EXPORTER_KUBERNETES", value: "true" },
                    { name: "DCGM_EXPORTER_LISTEN", value: `:${port}` },
                    { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
                  ],
                  ports: [{ name: "metrics", containerPort: port }],
                  resources: {
                    requests: { cpu: "100m", memory: "512Mi" },
                    limits: { memory: "512Mi" },
                  },
                  // As in NVIDIA's chart: figures of the kind PROF take this capability.
                  securityContext: {
                    runAsUser: 0,
                    allowPrivilegeEscalation: false,
                    capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] },
                  },
                  readinessProbe: health,
                  livenessProbe: { ...health, periodSeconds: 15 },
                  volumeMounts: [{ name: "pods", mountPath: podResources, readOnly: true }],
                },
              ],
              volumes: [{ name: "pods", hostPath: { path: podResources, type: "Directory" } }],
            },
          },
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}

function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
