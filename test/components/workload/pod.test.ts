import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { deployChat, deployTrain, h100, l4 } from "../../support/clusters";
import { at } from "../../support/deploy";

const secretType = "kubernetes:core/v1:Secret";

describe("the pod of a workload", () => {
  it("is this where its entry says nothing but an image", async () => {
    const tcpSocket = { port: 8000 };
    const spread = (topologyKey: string) => ({
      ...{ topologyKey, maxSkew: 1, whenUnsatisfiable: "ScheduleAnyway" },
      labelSelector: { matchLabels: { app: "chat" } },
      matchLabelKeys: ["pod-template-hash"],
    });

    assert.deepEqual((await deployChat({}, {})).of("spec.template.spec"), {
      serviceAccountName: "chat",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      imagePullSecrets: [],
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      terminationGracePeriodSeconds: 55,
      topologySpreadConstraints: [
        spread("kubernetes.io/hostname"),
        spread("topology.kubernetes.io/zone"),
      ],
      volumes: [],
      containers: [
        {
          name: "chat",
          image: "registry.example/chat:v1",
          imagePullPolicy: "IfNotPresent",
          env: [],
          ports: [{ containerPort: 8000 }],
          resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: {} },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: [],
          lifecycle: { preStop: { sleep: { seconds: 15 } } },
          startupProbe: { tcpSocket, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 300 },
          readinessProbe: { tcpSocket, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
          livenessProbe: { tcpSocket, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
        },
      ],
    });
  });

  it("takes container name, port, command and arguments from its entry", async () => {
    const said = { command: ["python", "serve.py"], args: ["--fast"] };
    const { container } = await deployChat({ ...said, container: "server", port: 5000 });

    assert.deepEqual(
      [container("name"), container("ports")],
      ["server", [{ containerPort: 5000 }]],
    );
    assert.deepEqual({ command: container("command"), args: container("args") }, said);
  });

  it("is asked at the health path where there is one", async () => {
    const { container } = await deployChat({ health: "/healthz", port: 5000, startup: 61 });

    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
      assert.deepEqual(container(`${probe}.httpGet`), { path: "/healthz", port: 5000 }, probe);
      assert.equal(container(`${probe}.tcpSocket`), undefined, probe);
    }
    assert.equal(container("startupProbe.failureThreshold"), 31);
  });

  it("is promised memory in full and never limited in CPU", async () => {
    assert.deepEqual((await deployChat({ cpu: "2", memory: "8Gi" })).container("resources"), {
      requests: { cpu: "2", memory: "8Gi" },
      limits: { memory: "8Gi" },
    });
  });

  it("runs as root where its entry says baseline", async () => {
    const { pod, container } = await deployChat({ podSecurity: "baseline" });

    assert.deepEqual(pod("securityContext"), { seccompProfile: { type: "RuntimeDefault" } });
    assert.deepEqual(container("securityContext"), { allowPrivilegeEscalation: false });
  });

  it("runs as the user that its entry names, a service's and a job's", async () => {
    for (const { pod, container } of [
      await deployChat({ user: 1000 }),
      await deployTrain({ user: 1000 }),
    ]) {
      assert.equal(pod("securityContext.runAsNonRoot"), true);
      assert.deepEqual(
        [container("securityContext.runAsUser"), container("securityContext.runAsGroup")],
        [1000, 1000],
      );
    }
  });

  it("runs as another group where its entry names one, in all of its containers", async () => {
    const runAs = { user: 1000, group: 0 };
    const { pod, container } = await deployChat({
      ...runAs,
      initContainers: [{ name: "fetch", image: "fetch:v1", user: 1000, group: 100 }],
      sidecars: { proxy: { image: "proxy:v1", ...runAs } },
    });
    const groups = [
      container("securityContext.runAsGroup"),
      pod("initContainers[0].securityContext.runAsGroup"),
      pod("initContainers[1].securityContext.runAsGroup"),
    ];
    assert.deepEqual(groups, [0, 100, 0]);
  });

  it("selects and tolerates its pool in writing", async () => {
    const taints = [{ key: "team", value: "ml", effect: "NoExecute" as const }];
    const pools = { l4: { ...l4, taints } };
    const { pod, container } = await deployChat({ gpus: 1 }, { pools });

    assert.deepEqual(container("resources.limits"), { "nvidia.com/gpu": "1" });
    assert.deepEqual(pod("nodeSelector"), { "example.com/pool": "l4" });
    assert.deepEqual(pod("tolerations"), [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      { key: "team", operator: "Equal", value: "ml", effect: "NoExecute" },
    ]);
  });

  for (const [claim, args, limits] of [
    ["the only one with its GPUs in a node", { gpus: 4 }, { "nvidia.com/gpu": "4" }],
    ["the one that its entry names, also without GPUs", { pool: "h100" }, {}],
  ] as const) {
    it(`runs on ${claim}`, async () => {
      const { pod, container } = await deployChat(args, { pools: { l4, h100 } });

      assert.deepEqual(pod("nodeSelector"), { "example.com/pool": "h100" });
      assert.deepEqual(container("resources.limits"), limits);
    });
  }

  it("is pulled with each of the credentials given", async () => {
    const configs = ['{"auths":{"a":{}}}', '{"auths":{"b":{}}}'];
    const pullSecrets = configs.map((config) => pulumi.secret(config));
    const { find, pod } = await deployChat({ pullSecrets });

    const secrets = ["chat-pull-0", "chat-pull-1"].map((name) => find(secretType, name));
    assert.deepEqual(
      secrets.map((secret) => [at(secret, "type"), at(secret, "data"), secret.secrets]),
      configs.map((config) => [
        "kubernetes.io/dockerconfigjson",
        { ".dockerconfigjson": Buffer.from(config).toString("base64") },
        ["data"],
      ]),
    );
    assert.deepEqual(
      pod("imagePullSecrets"),
      secrets.map((secret) => ({ name: at(secret, "metadata.name") })),
    );
  });
});

describe("the environment of a workload", () => {
  const token = (secret: pulumi.Input<string>) => ({
    env: { MODE: pulumi.output("fast"), TOKEN: { secret } },
  });

  it("shows plain values, and refers to secret ones in an immutable Secret, secret in the state, too", async () => {
    const { find, container } = await deployChat(token("s3cret"));
    const { inputs, secrets } = find(secretType, "chat-env");
    const { type, immutable, data } = inputs;

    assert.deepEqual(
      { type, immutable, data, secrets },
      {
        ...{ type: "Opaque", immutable: true, secrets: ["data"] },
        data: { TOKEN: Buffer.from("s3cret").toString("base64") },
      },
    );
    const name = at({ inputs }, "metadata.name");
    assert.deepEqual(container("env"), [
      { name: "TOKEN", valueFrom: { secretKeyRef: { name, key: "TOKEN" } } },
      // An output, of which only the run knows what it refers to.
      { name: "MODE", value: "fast" },
    ]);
  });

  it("shows a secret value nowhere else, and leaves the Deployment readable in a diff", async () => {
    const { resources, deployment } = await deployChat(token(pulumi.secret("s3cret")));

    for (const { type, inputs } of resources.filter(({ type }) => type !== secretType)) {
      assert.doesNotMatch(JSON.stringify(inputs), /s3cret|czNjcmV0/, type);
    }
    assert.deepEqual(deployment.secrets, []);
  });

  it("rolls the pods when a secret changes, and only then", async () => {
    const nameWith = async (value: string) =>
      at((await deployChat(token(value))).find(secretType, "chat-env"), "metadata.name");

    const first = await nameWith("s3cret");
    assert.match(String(first), /^chat-env-[0-9a-f]{10}$/);
    assert.equal(await nameWith("s3cret"), first);
    assert.notEqual(await nameWith("s3cret2"), first);
  });
});
