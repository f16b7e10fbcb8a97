import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { buildEnvironment } from "../../stacks/environment";
import { service } from "../../stacks/service/schema";
import { at, deploy } from "../support/deploy";
import { fromFile, refusal, type Files } from "./stack-files";

const files = (section: string, lines: string): Files => ({
  "Pulumi.prod.yaml": `config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  pools: { l4: { gpu: L4, gpusPerNode: 2, select: { pool: l4 }, nodes: { max: 2 } } }
  volumes: { models: { disk: 10Gi }, shm: { memory: 1Gi } }
  token: { secure: AAABBB }
  services:
    ${section === "services" ? `chat:\n${lines}` : "{}"}
  jobs:
    prepare: { image: "prepare:v1", env: { TOKEN: { secret: token } } }
    ${section === "jobs" ? `train:\n${lines}` : ""}
`,
});

const entry = (...lines: string[]) =>
  ["image: chat:v1", ...lines].map((it) => `      ${it}\n`).join("");

/** What the object of an entry has at a path of its pod's spec; of `spec.` and deeper, of its own. */
async function made(section: string, lines: string, path: string): Promise<unknown> {
  const secrets = { token: pulumi.secret('{"auths":{}}') };
  const stack = { ...fromFile(files(section, lines)), secrets };
  const { resources } = await deploy(() => buildEnvironment(stack));
  const object = resources.find(({ name }) => name === (section === "jobs" ? "train" : "chat"));
  assert.ok(object);
  const own = /^(?:spec|metadata)\./.test(path) ? path : `spec.template.spec.${path}`;
  const inTemplate = path.startsWith("job:") ? path.slice(4) : own;
  return at(object, inTemplate);
}

const container = (path: string) => `containers[0].${path}`;
const health = "startupProbe.httpGet.path";

/** A word brought along, and what the object has once the remedy is followed to the letter. */
const written: [section: "services" | "jobs", brought: string, path: string, has: unknown][] = [
  ["services", "containerPort: 9000", container("ports[0].containerPort"), 9000],
  ["services", 'ports: ["80:9000"]', container("ports[0].containerPort"), 9000],
  ["services", "ports: [{ containerPort: 9000 }]", container("ports[0].containerPort"), 9000],
  ["services", "replicaCount: 3", "spec.replicas", 3],
  ["services", "serviceAccountName: trainer", "serviceAccountName", "trainer"],
  ["services", "priorityClassName: high", "priorityClassName", "high"],
  ["services", "runAsUser: 1000", container("securityContext.runAsUser"), 1000],
  ["services", "podLabels: { team: search }", "spec.template.metadata.labels.team", "search"],
  [
    "services",
    "podAnnotations: { example.com/a: b }",
    "spec.template.metadata.annotations",
    { "example.com/a": "b" },
  ],
  ["services", "limits: { cpu: 4 }", container("resources.limits.cpu"), "4"],
  ["services", 'entrypoint: sh -c "a && b"', container("command"), ["sh", "-c", "a && b"]],
  ["services", 'command: sh -c "a && b"', container("command"), ["sh", "-c", "a && b"]],
  ["services", "command: cd /app && ./run", container("command"), ["sh", "-c", "cd /app && ./run"]],
  ["services", "command: kill $$", container("command"), ["sh", "-c", "kill $$$$"]],
  [
    "services",
    "command: python 'my file.py' --a=\"b c\"",
    container("command"),
    ["python", "my file.py", "--a=b c"],
  ],
  ["services", 'args: --name "a b"', container("args"), ["--name", "a b"]],
  ["jobs", "script: python train.py", container("command"), ["python", "train.py"]],
  [
    "services",
    "environment: [A=b=c, N=0.10]",
    container("env"),
    [
      { name: "A", value: "b=c" },
      { name: "N", value: "0.10" },
    ],
  ],
  ["services", "environment: { A: 5 }", container("env"), [{ name: "A", value: "5" }]],
  ["services", 'env: [{ name: A, value: "b" }]', container("env"), [{ name: "A", value: "b" }]],
  ...[
    "env: [{ name: T, valueFrom: { secretKeyRef: { name: s, key: k } } }]",
    "environment: { T: { secretKeyRef: { name: s, key: k } } }",
    "extraEnv: [{ name: T, secretKeyRef: { name: s, key: k } }]",
  ].map((brought): (typeof written)[number] => [
    "services",
    brought,
    container("env"),
    [{ name: "T", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
  ]),
  [
    "jobs",
    "env: [{ name: M, valueFrom: { configMapKeyRef: { name: c, key: k } } }, { name: A, value: b }]",
    container("env"),
    [
      { name: "A", value: "b" },
      { name: "M", valueFrom: { configMapKeyRef: { name: "c", key: "k" } } },
    ],
  ],
  ["services", "env: [A=b]", container("env"), [{ name: "A", value: "b" }]],
  [
    "services",
    "livenessProbe: { httpGet: { path: /alive, port: 80 } }",
    container(health),
    "/alive",
  ],
  [
    "services",
    "livenessProbe: { httpGet: { path: /alive, port: 8081, scheme: HTTPS } }",
    container("startupProbe.httpGet"),
    { path: "/alive", port: 8081, scheme: "HTTPS" },
  ],
  [
    "services",
    "livenessProbe: { grpc: { port: 9000, service: chat } }",
    container("startupProbe.grpc"),
    { port: 9000, service: "chat" },
  ],
  [
    "services",
    'healthcheck: { test: ["CMD", "curl", "-f", "http://localhost:8000/health"] }',
    container("startupProbe.httpGet"),
    { path: "/health", port: 8000 },
  ],
  ["services", "readinessProbe: { httpGet: { path: /ready } }", container(health), "/ready"],
  ["services", "terminationGracePeriodSeconds: 90", "minDrain", 90],
  ["services", "stop_grace_period: 90s", "minDrain", 90],
  ["services", "mem_limit: 2g", container("resources.limits.memory"), "2Gi"],
  ["services", "cpus: 1.5", container("resources.requests.cpu"), "1500m"],
  [
    "services",
    'resources: { requests: { cpu: 2, memory: 8Gi }, limits: { nvidia.com/gpu: "1" } }',
    container("resources"),
    { requests: { cpu: "2", memory: "8Gi" }, limits: { memory: "8Gi", "nvidia.com/gpu": "1" } },
  ],
  [
    "services",
    "resources: { requests: { cpu: 1, memory: 2Gi }, limits: { cpu: 4, memory: 2Gi } }",
    container("resources"),
    { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "4", memory: "2Gi" } },
  ],
  [
    "services",
    "securityContext: { runAsUser: 1000, runAsGroup: 100 }",
    container("securityContext.runAsGroup"),
    100,
  ],
  [
    "services",
    "topologySpreadConstraints: [{ topologyKey: kubernetes.io/hostname, maxSkew: 2 }]",
    "topologySpreadConstraints[0].maxSkew",
    2,
  ],
  [
    "services",
    "affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } }",
    "affinity.podAntiAffinity",
    { preferredDuringSchedulingIgnoredDuringExecution: [] },
  ],
  ["services", "deploy: { replicas: 2 }", "spec.replicas", 2],
  [
    "services",
    "volumeMounts: [{ name: models, mountPath: /models }]",
    container("volumeMounts[0].mountPath"),
    "/models",
  ],
  ["services", 'volumes: ["models:/models"]', container("volumeMounts[0].mountPath"), "/models"],
  ["services", "container_name: server", container("name"), "server"],
  ["services", "image: { repository: ghcr.io/a/b, tag: v2 }", container("image"), "ghcr.io/a/b:v2"],
  ["services", "dnsPolicy: Default", "dnsPolicy", "Default"],
  ["services", "hostname: chat", "hostname", "chat"],
  [
    "jobs",
    "hostAliases: [{ ip: 10.0.0.7, hostnames: [db] }]",
    "hostAliases",
    [{ ip: "10.0.0.7", hostnames: ["db"] }],
  ],
  [
    "services",
    'dnsConfig: { options: [{ name: ndots, value: "1" }] }',
    "dnsConfig.options[0].value",
    "1",
  ],
  ["services", "runtimeClassName: gvisor", "runtimeClassName", "gvisor"],
  ["services", "enableServiceLinks: true", "enableServiceLinks", true],
  ["jobs", "activeDeadlineSeconds: 600", "spec.activeDeadlineSeconds", 600],
  ["jobs", "backoffLimit: 2", "spec.backoffLimit", 2],
  ["jobs", 'cron: "0 3 * * *"', "job:spec.schedule", "0 3 * * *"],
];

/** Words that have no key, what the remedy names, and the entry after it with what the object then has. */
const reasoned: [
  section: "services" | "jobs",
  brought: string[],
  says: string,
  after: string[],
  path: string,
  has: unknown,
][] = [
  [
    "services",
    ["nodeSelector: { pool: l4 }"],
    "stay off the nodes with GPUs",
    [],
    "nodeSelector",
    undefined,
  ],
  [
    "services",
    ["gpus: 1", "nodeSelector: { pool: l4 }"],
    "write pool:",
    ["gpus: 1", "pool: l4"],
    "nodeSelector",
    { pool: "l4" },
  ],
  [
    "services",
    ["gpus: 1", "tolerations: []"],
    "tolerate its taints",
    ["gpus: 1"],
    "nodeSelector",
    { pool: "l4" },
  ],
  [
    "services",
    ["startupProbe: { httpGet: { path: /up } }"],
    'write health: "/up", and startup:',
    ["health: /up", "startup: 2m"],
    container(health),
    "/up",
  ],
  [
    "services",
    ["livenessProbe: { tcpSocket: { port: 80 } }"],
    "asked for a connection",
    [],
    container("startupProbe.tcpSocket.port"),
    8000,
  ],
  [
    "services",
    ["imagePullSecrets: [{ name: a }]"],
    "pullSecrets: [<key>]",
    ["pullSecrets: [token]"],
    "imagePullSecrets[0].name",
    /^chat-pull-0-/,
  ],
  [
    "services",
    ["imagePullSecrets: [{ name: reg }]"],
    'write podPatch: { imagePullSecrets: [{"name":"reg"}] }',
    ["podPatch: { imagePullSecrets: [{ name: reg }] }"],
    "imagePullSecrets[0].name",
    "reg",
  ],
  [
    "services",
    ["livenessProbe: { exec: { command: [ls] } }"],
    "no command is run in the container to ask it",
    [],
    container("startupProbe.tcpSocket.port"),
    8000,
  ],
  [
    "services",
    ["shm_size: 1gb"],
    "{ memory: 1Gi } } in the stack file, and write mounts: { /dev/shm: shm }",
    ["mounts: { /dev/shm: shm }", "memory: 3Gi"],
    container("volumeMounts[0].mountPath"),
    "/dev/shm",
  ],
  [
    "services",
    ["securityContext: { runAsUser: 0 }"],
    "podSecurity: baseline",
    [],
    "securityContext.runAsNonRoot",
    true,
  ],
  [
    "services",
    ["working_dir: /app"],
    'write podPatch: { containers: [{ name: NAME, workingDir: "/app" }] } with the name',
    ['podPatch: { containers: [{ name: chat, workingDir: "/app" }] }'],
    container("workingDir"),
    "/app",
  ],
  [
    "services",
    ["container: server", "tty: true"],
    "{ containers: [{ name: server, tty: true }] }",
    ["container: server", "podPatch: { containers: [{ name: server, tty: true }] }"],
    container("tty"),
    true,
  ],
  [
    "services",
    ["depends_on: [db]"],
    "find each other by their names",
    [],
    container("name"),
    "chat",
  ],
  ["services", ["ingress: {}"], "scope: public", [], container("name"), "chat"],
  ["services", ["timeout: 5m"], "move the entry to jobs", [], container("name"), "chat"],
  ["services", ["activeDeadlineSeconds: 5"], "jobs have timeout", [], container("name"), "chat"],
  [
    "jobs",
    ["readinessProbe: {}"],
    "services have health",
    [],
    container("startupProbe"),
    undefined,
  ],
  ["jobs", ["restartPolicy: OnFailure"], "retries", ["retries: 1"], "spec.backoffLimit", 1],
];

/** Whether the word has become a key: then nothing is refused. */
const isKey = (brought: string) =>
  Object.hasOwn(service.shape, brought.split(":")[0] ?? "") &&
  !/^(?:command|args|env|image):/.test(brought);

async function assertMade(section: string, lines: string, path: string, has: unknown) {
  if (path === "minDrain") {
    const grace = await made(section, lines, "terminationGracePeriodSeconds");
    assert.ok(typeof grace === "number" && typeof has === "number" && grace >= has);
    return;
  }
  const found = await made(section, lines, path);
  if (has instanceof RegExp) assert.match(String(found), has);
  else assert.deepEqual(found, has);
}

describe("a word of Kubernetes, Compose or Helm", () => {
  for (const [section, brought, path, has] of written.filter(([, word]) => !isKey(word))) {
    it(`has a remedy in ${section} that does what was meant: ${brought}`, async () => {
      const said = refusal(() =>
        fromFile(files(section, entry(brought).replace(/image: chat:v1\n +(?=image)/, ""))),
      );
      const [, fix = said] = /do: +write (.*)$/m.exec(said) ?? [];
      const key = brought.split(":")[0] ?? "";
      const lines = fix
        .replace(/^a (?:list|map): /, `${key}: `)
        .replace(/^(?=")/, `${key}: `)
        .replace(/, and declare .*/, "");
      const own = lines.startsWith("image:") ? lines : `image: "chat:v1", ${lines}`;
      await assertMade(section, `      { ${own} }\n`, path, has);
    });
  }

  for (const [section, brought, says, after, path, has] of reasoned) {
    if (brought.some((word) => isKey(word) && word.startsWith(brought.at(-1) ?? ""))) continue;
    it(`has a reason in ${section}, and an entry that does what was meant: ${brought.join(", ")}`, async () => {
      const said = refusal(() => fromFile(files(section, entry(...brought))));
      assert.match(said, /^1 problem /);
      assert.ok(said.includes(says), said);
      await assertMade(section, entry(...after), path, has);
    });
  }

  it("has a remedy in sidecar containers too", () => {
    const sidecar = (lines: string) =>
      files("services", entry(`sidecars: { proxy: { image: "proxy:v1", ${lines} } }`));
    for (const [brought, fix] of [
      ["volumeMounts: []", "remove it: sidecar containers mount what the main one does"],
      ["containerPort: 9000", "write port: 9000"],
      ["replicaCount: 2", "remove it; entries have replicas for it"],
    ] as const) {
      assert.ok(refusal(() => fromFile(sidecar(brought))).includes(`do:      ${fix}\n`));
    }
  });

  it("has a remedy in init containers too", () => {
    const init = (lines: string) =>
      files("services", entry(`initContainers: [{ name: fetch, image: "fetch:v1", ${lines} }]`));
    for (const [brought, fix] of [
      ["volumeMounts: []", "remove it: init containers mount what the main one does"],
      ["entrypoint: python fetch.py", 'write command: ["python", "fetch.py"]'],
      ["runAsUser: 1000", "write user: 1000"],
      ["containerPort: 9000", "remove it; entries have port for it"],
      [
        "restartPolicy: Always",
        "move the container to sidecars, by its name: it runs on beside the main one",
      ],
      [
        "restartPolicy: Never",
        "remove it: one that fails is run again, in a job as often as retries says",
      ],
    ] as const) {
      assert.ok(refusal(() => fromFile(init(brought))).includes(`do:      ${fix}\n`), brought);
    }
  });

  it("leads to a pool with the resource of another vendor, and with a RuntimeClass", async () => {
    const amd = (lines: string): Files => {
      const [text = ""] = Object.values(files("services", lines));
      const pool =
        "amd: { resource: amd.com/gpu, runtimeClass: amd, select: { pool: amd }, nodes: { max: 1 } }";
      return { "Pulumi.prod.yaml": text.replace("pools: { ", `pools: { ${pool}, `) };
    };
    for (const [brought, fix] of [
      [
        "resources: { limits: { memory: 8Gi, amd.com/gpu: 1 } }",
        'write memory: "8Gi", gpus: 1, on a pool with resource: amd.com/gpu',
      ],
      [
        "limits: { gpu.intel.com/i915_monitoring: 1, gpu.intel.com/i915: 1 }",
        "write gpus: 1, on a pool with resource: gpu.intel.com/i915",
      ],
      ["runtimeClassName: amd", 'write podPatch: { runtimeClassName: "amd" }'],
    ] as const) {
      const said = refusal(() => fromFile(amd(entry(brought))));
      assert.ok(said.includes(`do:      ${fix}\n`), said);
    }
    const stack = fromFile(amd(entry("gpus: 1", "pool: amd")));
    const { find } = await deploy(() =>
      buildEnvironment({ ...stack, secrets: { token: pulumi.secret("{}") } }),
    );
    const spec = (path: string) =>
      at(find("kubernetes:apps/v1:Deployment", "chat"), `spec.template.spec.${path}`);
    assert.deepEqual(spec(container("resources.limits")), { "amd.com/gpu": "1" });
    assert.equal(spec("runtimeClassName"), "amd");
  });
});
