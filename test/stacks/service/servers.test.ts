import assert from "node:assert/strict";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy } from "../../support/deploy";
import { fromFile } from "../stack-files";

const head = `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  services:`;

/** What clients, probes and policies see of one service. */
async function seen(entry: string) {
  const files = { "Pulumi.prod.yaml": `${head}\n    model: ${entry}` };
  const { find } = await deploy(() => buildEnvironment(fromFile(files)));
  const of = (type: string, name: string, path: string) => at(find(type, name), path);
  const container = (path: string) =>
    of("kubernetes:apps/v1:Deployment", "model", `spec.template.spec.containers[0].${path}`);
  const { periodSeconds, timeoutSeconds, failureThreshold, ...asked } = container(
    "startupProbe",
  ) as Record<string, unknown>;
  assert.deepEqual([periodSeconds, timeoutSeconds, failureThreshold], [2, 2, 300]);
  const ports = of("kubernetes:core/v1:Service", "model-service", "spec.ports");
  return {
    container: container("ports"),
    asked,
    service: (ports as { name: string; port: number; targetPort: number }[]).map(
      ({ name, port, targetPort }) => [name, port, targetPort],
    ),
    policy: of("kubernetes:networking.k8s.io/v1:NetworkPolicy", "model-network", "spec.ingress"),
  };
}

const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));
const own = [{ podSelector: {} }];
const monitoring = [
  { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } },
];
const scraped = (port: number) => `{ port: ${port}, callers: [{ namespace: monitoring }] }`;

// Ports and paths are those of the engines' own images (docs/facts.md 13.4 to 13.7).
describe("the entry of an engine with several ports", () => {
  for (const [engine, entry, expected] of [
    [
      "Triton",
      `{ image: "tritonserver:v1", port: 8000, health: /v2/health/ready, ports: { grpc: 8001, metrics: ${scraped(8002)} } }`,
      {
        container: [
          { containerPort: 8000 },
          { name: "grpc", containerPort: 8001 },
          { name: "metrics", containerPort: 8002 },
        ],
        asked: { httpGet: { path: "/v2/health/ready", port: 8000 } },
        service: [
          ["http", 80, 8000],
          ["grpc", 8001, 8001],
          ["metrics", 8002, 8002],
        ],
        policy: [
          { ports: tcp(8000, 8001), from: own },
          { ports: tcp(8002), from: monitoring },
        ],
      },
    ],
    [
      "TorchServe",
      `{ image: "torchserve:v1", port: 8080, health: /ping, ports: { management: { port: 8081, callers: [] }, metrics: ${scraped(8082)} } }`,
      {
        container: [
          { containerPort: 8080 },
          { name: "management", containerPort: 8081 },
          { name: "metrics", containerPort: 8082 },
        ],
        asked: { httpGet: { path: "/ping", port: 8080 } },
        service: [
          ["http", 80, 8080],
          ["management", 8081, 8081],
          ["metrics", 8082, 8082],
        ],
        // Nobody may load models from outside of the pod.
        policy: [
          { ports: tcp(8080), from: own },
          { ports: tcp(8082), from: monitoring },
        ],
      },
    ],
    [
      "TensorFlow Serving, for clients of gRPC",
      `{ image: "serving:v1", port: 8500, health: { path: /v1/models/model, port: 8501 }, ports: { rest: 8501 } }`,
      {
        container: [{ containerPort: 8500 }, { name: "rest", containerPort: 8501 }],
        asked: { httpGet: { path: "/v1/models/model", port: 8501 } },
        service: [
          ["http", 80, 8500],
          ["rest", 8501, 8501],
        ],
        policy: [{ ports: tcp(8500, 8501), from: own }],
      },
    ],
    [
      "Text Embeddings Inference",
      `{ image: "text-embeddings-inference:v1", port: 80, health: /health, ports: { metrics: ${scraped(9000)} } }`,
      {
        container: [{ containerPort: 80 }, { name: "metrics", containerPort: 9000 }],
        asked: { httpGet: { path: "/health", port: 80 } },
        service: [
          ["http", 80, 80],
          ["metrics", 9000, 9000],
        ],
        policy: [
          { ports: tcp(80), from: own },
          { ports: tcp(9000), from: monitoring },
        ],
      },
    ],
    [
      "Text Embeddings Inference's gRPC image, asked by gRPC",
      `{ image: "text-embeddings-inference:grpc-v1", port: 80, health: { grpc: true } }`,
      {
        container: [{ containerPort: 80 }],
        asked: { grpc: { port: 80 } },
        service: [["http", 80, 80]],
        policy: [{ ports: tcp(80), from: own }],
      },
    ],
  ] as const) {
    it(`offers what ${engine} listens on, and asks it where it answers`, async () => {
      assert.deepEqual(await seen(entry), expected);
    });
  }
});
