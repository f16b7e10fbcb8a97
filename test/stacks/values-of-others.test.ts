import assert from "node:assert/strict";
import { fromFile, refusal } from "./stack-files";

const refused = (lines: string) =>
  refusal(() =>
    fromFile({
      "Pulumi.prod.yaml": `config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  services:
    chat: { image: "chat:v1", ${lines} }
`,
    }),
  );

const whichName =
  "with the name of the container, which is the entry's unless container says another";

const noHealth =
  "without health, the port is asked for a connection; health: /path asks for an answer, health: { grpc: true } gRPC's health service";
const annotated = (of: string, key: string, value: string) =>
  `write annotations: { ${of}: { "${key}": "${value}" } }`;

/** Values in the form of manifests below keys of ours, and what to do. */
const values: [brought: string, fix: string][] = [
  ...[
    "env: { T: { secretKeyRef: { name: s, key: k } } }",
    "env: { T: { valueFrom: { secretKeyRef: { name: s, key: k } } } }",
  ].map((brought): [string, string] => [brought, 'write { existingSecret: "s", key: "k" }']),
  ...[
    "env: { T: { configMapKeyRef: { name: c, key: k } } }",
    "env: { T: { valueFrom: { configMapKeyRef: { name: c, key: k } } } }",
  ].map((brought): [string, string] => [brought, 'write { existingConfigMap: "c", key: "k" }']),
  [
    "env: { T: { secret: s, key: k } }",
    'remove it, or for a Secret of the namespace write { existingSecret: "s", key: "k" }',
  ],
  ["envFrom: [{ secretRef: { name: s } }]", 'write { existingSecret: "s" }'],
  [
    "envFrom: [{ prefix: P_, configMapRef: { name: c } }]",
    'write { existingConfigMap: "c", prefix: "P_" }',
  ],
  ["health: grpc", "write health: { grpc: true }"],
  ["health: grpc://localhost:9000", "write health: { grpc: true, port: 9000 }"],
  [
    'health: "https://localhost:8443/ready"',
    'write health: { path: "/ready", port: 8443, https: true }',
  ],
  ['health: "http://localhost:8081/ready"', 'write health: { path: "/ready", port: 8081 }'],
  ['health: { path: "http://chat/ready" }', 'write health: "/ready"'],
  ['health: ":8081/ready"', 'write health: { path: "/ready", port: 8081 }'],
  ["health: ready", 'write "/ready"'],
  [
    "health: { httpGet: { path: /ready, port: 8081 } }",
    'write health: { path: "/ready", port: 8081 }',
  ],
  [
    "health: { httpGet: { path: /ready, port: http, scheme: HTTPS } }",
    'write health: { path: "/ready", https: true }',
  ],
  ["health: { grpc: { port: 9000 } }", "write health: { grpc: true, port: 9000 }"],
  ["health: { tcpSocket: { port: 9000 } }", `remove it: ${noHealth}`],
  [
    "health: { command: [ls] }",
    `remove it: no command is run in the container to ask it; ${noHealth}`,
  ],
  ["mounts: { /etc/tls: { secret: tls } }", 'write { existingSecret: "tls" }'],
  ["mounts: { /etc/tls: { secret: { secretName: tls } } }", 'write { existingSecret: "tls" }'],
  [
    "mounts: { /etc/a: { configMap: { name: c }, subPath: a } }",
    'write { existingConfigMap: "c", key: "a" }',
  ],
  [
    "volumes: [{ name: tls, secret: { secretName: tls } }]",
    'write mounts: { /tls: { existingSecret: "tls" } } with the paths of your own',
  ],
  [
    'annotations: { prometheus.io/scrape: "true" }',
    annotated("pods", "prometheus.io/scrape", "true"),
  ],
  [
    "annotations: { eks.amazonaws.com/role-arn: a }",
    annotated("serviceAccount", "eks.amazonaws.com/role-arn", "a"),
  ],
  [
    "affinity: { nodeAffinity: {}, podAffinity: {} }",
    'write podPatch: { affinity: {"podAffinity":{}} }, without nodeAffinity, which follows from pool',
  ],
  [
    "affinity: { nodeAffinity: {} }",
    "remove it: pods without GPUs stay off the nodes with GPUs by themselves",
  ],
  [
    "ports: [{ name: grpc, containerPort: 8001 }]",
    "write a map: { grpc: 8001 }, without the server's own, which is port",
  ],
  [
    "ports: [{ name: http, containerPort: 8000 }, { name: grpc, containerPort: 8001 }]",
    "write port: 8000 for the server's own, and ports: { grpc: 8001 }",
  ],
  [
    'ports: ["80:9000"]',
    "write port: 9000 for the server's own, ports: { NAME: NUMBER } for others",
  ],
  [
    "expose: { scope: internal, ports: [8001] }",
    "remove it: the server's own port is offered as port 80; of others write ports: { NAME: { port: NUMBER, expose: true } } beside expose",
  ],
  [
    "callers: [{ namespace: monitoring, podSelector: {} }]",
    "remove it: all pods of the namespace may connect, none are selected",
  ],
  [
    "callers: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } } }]",
    'write { namespace: "monitoring" }, for all pods of it',
  ],
  [
    "callers: [{ podSelector: {} }]",
    "write the name of a service or job of this stack, or { namespace: NAME } for all pods of a namespace",
  ],
  ["allowFrom: [gate]", 'write callers: ["gate"]'],
  [
    "env: { N: { valueFrom: { fieldRef: { fieldPath: spec.nodeName } } } }",
    `remove it, and write podPatch: { containers: [{ name: NAME, env: [{ name: VARIABLE, valueFrom: {"fieldRef":{"fieldPath":"spec.nodeName"}} }] }] } ${whichName}`,
  ],
  [
    "env: [{ name: A, value: b }, { name: N, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }]",
    `write a map: { A: "b" }, and podPatch: { containers: [{ name: NAME, env: [{"name":"N","valueFrom":{"fieldRef":{"fieldPath":"spec.nodeName"}}}] }] } ${whichName}`,
  ],
];

/** Mounts of a pod and its volumes, in one entry. */
const mountsAndVolumes =
  "volumeMounts: [{ name: a, mountPath: /etc/tls }, { name: c, mountPath: /etc/x.yaml, subPath: x.yaml }], volumes: [{ name: a, secret: { secretName: tls } }, { name: c, configMap: { name: settings } }]";

describe("a value in the form of a manifest", () => {
  for (const [brought, fix] of values) {
    it(`has a remedy: ${brought}`, () => {
      const said = refused(brought);
      assert.match(said, /^1 problem /);
      assert.ok(said.includes(`do:      ${fix}\n`), said);
    });
  }

  it("has a remedy that knows the volumes of the mounts, and the mounts of the volumes", () => {
    const said = refused(mountsAndVolumes);
    const fix =
      'write mounts: { /etc/tls: { existingSecret: "tls" }, /etc/x.yaml: { existingConfigMap: "settings", key: "x.yaml" } }';
    assert.equal(said.split(`do:      ${fix}\n`).length, 3, said);
  });
});
