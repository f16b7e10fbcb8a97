import assert from "node:assert/strict";
import type { JobRunArgs } from "../../../../components/jobs/job-problems";
import { jobProblems } from "../../../../components/jobs/job-problems";
import {
  withDefaults,
  type InferenceServiceArgs,
} from "../../../../components/serving/service-plan";
import { serviceProblems } from "../../../../components/serving/service-problems";
import type { PodPatch } from "../../../../components/workload/pod-patch/merge";
import { aCluster, h100, l4 } from "../../../support/clusters";
import { deploy } from "../../../support/deploy";

const needed = { namespace: "models", image: "registry.example/a:v1" };
const k3s = { ...l4, runtimeClass: "nvidia", select: { "example.com/pool": "k3s" } };
const pools = { l4, h100, k3s };

/** What is wrong with a service `chat` of that patch. */
async function ofService(podPatch: PodPatch, args: Partial<InferenceServiceArgs> = {}) {
  const { result } = await deploy(() => {
    const all = { cluster: aCluster({ pools }), ...needed, podPatch, ...args };
    return serviceProblems("chat", withDefaults(all)).problems;
  });
  return result;
}

/** What is wrong with a job `train` of that patch. */
async function ofJob(podPatch: PodPatch, args: Partial<JobRunArgs> = {}) {
  const { result } = await deploy(
    () =>
      jobProblems("train", { cluster: aCluster({ pools }), ...needed, podPatch, ...args }).problems,
  );
  return result;
}

/** Each problem with what to do, on a line. */
const told = (problems: Awaited<ReturnType<typeof ofService>>) =>
  problems.map(({ path, fix }) => `${path.slice(1).join(".")}: ${fix}`);

const main = (container: NonNullable<PodPatch["containers"]>[number]): PodPatch => ({
  containers: [{ name: "chat", ...container }],
});
const required = "requiredDuringSchedulingIgnoredDuringExecution";
const near = { topologyKey: "kubernetes.io/hostname" };
const token = { serviceAccountToken: { path: "token" } };
const byGpus = "remove it, and write gpus, with a pool whose resource it is";
const volume = (source: object): PodPatch => ({ volumes: [{ name: "new", ...source }] });

/** Patches that undo something, and what each is told. */
const refused: [what: string, patch: PodPatch, ...says: string[]][] = [
  [
    "probes",
    main({ livenessProbe: {} }),
    "containers.0.livenessProbe: remove it, and write health",
  ],
  [
    "the startup probe",
    main({ startupProbe: {} }),
    "containers.0.startupProbe: remove it, and write health and startup",
  ],
  [
    "the pause before SIGTERM",
    main({ lifecycle: { preStop: { sleep: { seconds: 1 } } } }),
    "containers.0.lifecycle.preStop: remove it, and write drain for the time that requests get",
  ],
  [
    "the signal by which it ends",
    main({ lifecycle: { stopSignal: "SIGKILL" } }),
    "containers.0.lifecycle.stopSignal: remove it, and write drain for the time that requests get",
  ],
  [
    "a hook that asks another host",
    main({ lifecycle: { postStart: { httpGet: { host: "10.0.0.1", port: 80 } } } }),
    "containers.0.lifecycle.postStart: remove host",
  ],
  [
    "the grace of a server",
    { terminationGracePeriodSeconds: 5 },
    "terminationGracePeriodSeconds: remove it, and write drain",
  ],
  ["the image", main({ image: "b:v2" }), "containers.0.image: remove it, and write image"],
  [
    "ports",
    main({ ports: [{ containerPort: 9 }] }),
    "containers.0.ports: remove it, and write ports",
  ],
  [
    "amounts that pods are fitted by",
    main({
      resources: {
        requests: { cpu: "1", memory: "1Gi", "ephemeral-storage": "1Gi" },
        limits: { cpu: "2", "nvidia.com/gpu": "1", "amd.com/gpu": "1", "rdma/hca": "1" },
      },
    }),
    "containers.0.resources.requests.cpu: remove it, and write cpu",
    "containers.0.resources.requests.memory: remove it, and write memory",
    "containers.0.resources.limits.cpu: remove it, and write cpuLimit",
    ...["nvidia.com/gpu", "amd.com/gpu", "rdma/hca"].map(
      (name) => `containers.0.resources.limits.${name}: ${byGpus}`,
    ),
  ],
  [
    "devices past gpus",
    {
      resourceClaims: [{ name: "a" }],
      containers: [
        {
          name: "chat",
          resources: {
            requests: { "google.com/tpu": "4" },
            limits: {
              ...{ "gpu.intel.com/i915": "4", "aws.amazon.com/neuroncore": "1" },
              ...{ "google.com/tpu": "4", "amd.com/cpx_nps1": "1" },
            },
            claims: [{ name: "a" }],
          },
        },
      ],
    },
    `resourceClaims: ${byGpus}`,
    `containers.0.resources.requests.google.com/tpu: ${byGpus}`,
    ...[
      ...["gpu.intel.com/i915", "aws.amazon.com/neuroncore", "google.com/tpu", "amd.com/cpx_nps1"],
    ].map((name) => `containers.0.resources.limits.${name}: ${byGpus}`),
    `containers.0.resources.claims: ${byGpus}`,
  ],
  [
    "amounts that are none, and resources that containers do not have",
    main({
      resources: {
        requests: { "ephemeral-storage": "-1Gi" },
        limits: { "ephemeral-storage": "4GB", "hugepages-2Mi": "4Mi", gpus: "1" },
      },
    }),
    "containers.0.resources.requests.ephemeral-storage: write it like 8Gi",
    "containers.0.resources.limits.ephemeral-storage: write it like 8Gi",
    ...["hugepages-2Mi", "gpus"].map(
      (name) =>
        `containers.0.resources.limits.${name}: remove it; devices are called VENDOR/NAME, and gpus says how many`,
    ),
  ],
  [
    "nodes",
    { nodeSelector: { a: "b" }, nodeName: "n", tolerations: [], affinity: { nodeAffinity: {} } },
    ...["nodeSelector", "nodeName", "tolerations", "affinity.nodeAffinity"].map(
      (key) => `${key}: remove it, and write pool with the name of a pool of such nodes`,
    ),
  ],
  [
    "the scheduler of a server",
    { schedulerName: "volcano" },
    "schedulerName: remove it, or run the program as a job",
  ],
  [
    "the node's network",
    { hostNetwork: true, hostPID: true, hostIPC: true },
    ...["hostNetwork: remove it", "hostPID: remove it", "hostIPC: remove it"],
  ],
  [
    "accounts",
    { serviceAccountName: "a", automountServiceAccountToken: true },
    "serviceAccountName: remove it, and write serviceAccount",
    "automountServiceAccountToken: remove it, and write serviceAccount",
  ],
  [
    "when it starts again",
    { restartPolicy: "Always" },
    "restartPolicy: remove it; a server always starts again, a job as often as retries says",
  ],
  ["its end", { activeDeadlineSeconds: 60 }, "activeDeadlineSeconds: remove it"],
  [
    "weaker rights of the pod",
    {
      securityContext: {
        ...{ runAsUser: 0, runAsNonRoot: false, seccompProfile: { type: "Unconfined" } },
        sysctls: [{ name: "kernel.msgmax", value: "1" }],
        windowsOptions: { hostProcess: true },
      },
    },
    "securityContext.runAsUser: remove it, and write user with another number, or podSecurity: baseline and no user for an image that has to be root",
    "securityContext.runAsNonRoot: remove it; an image that has to be root needs podSecurity: baseline",
    "securityContext.seccompProfile.type: remove it",
    "securityContext.sysctls: remove it",
    "securityContext.windowsOptions: remove it",
  ],
  [
    "weaker rights of a container",
    main({
      securityContext: {
        ...{ privileged: true, allowPrivilegeEscalation: true, procMount: "Unmasked" },
        capabilities: { add: ["CHOWN"], drop: ["KILL"] },
        appArmorProfile: { type: "Unconfined" },
        seLinuxOptions: { type: "spc_t", user: "u", role: "r" },
      },
    }),
    ...["privileged", "allowPrivilegeEscalation", "procMount"].map(
      (key) => `containers.0.securityContext.${key}: remove it`,
    ),
    "containers.0.securityContext.capabilities.add: remove it",
    "containers.0.securityContext.capabilities.drop: remove it",
    "containers.0.securityContext.appArmorProfile.type: remove it",
    ...["type", "user", "role"].map(
      (key) => `containers.0.securityContext.seLinuxOptions.${key}: remove it`,
    ),
  ],
  ["folders of the node", volume({ hostPath: { path: "/" } }), "volumes.0.hostPath: remove it"],
  ["other file systems", volume({ nfs: { path: "/", server: "a" } }), "volumes.0.nfs: remove it"],
  [
    "volumes that mounts says",
    volume({ emptyDir: {} }),
    "volumes.0.emptyDir: declare a volume of kind nodeCache or memory, and write mounts",
  ],
  [
    "claims",
    volume({ persistentVolumeClaim: { claimName: "a" } }),
    "volumes.0.persistentVolumeClaim: declare a volume with claim, and write mounts",
  ],
  [
    "volumes of ours",
    { volumes: [{ name: "gpu-serving-shm", csi: { driver: "a" } }] },
    "volumes.0.name: rename it; what the pods mount is said by mounts",
  ],
  [
    "the token of the cluster's API",
    volume({ projected: { sources: [token] } }),
    "volumes.0.projected.sources.0.serviceAccountToken: add audience, or write serviceAccount: { name: NAME, token: true }",
  ],
  ...[
    ...["https://kubernetes.default.svc.cluster.local", "https://kubernetes.default.svc"],
    ...["kubernetes.default.svc:443", "kubernetes.default"],
  ].map((audience): [string, PodPatch, string] => [
    `the token of the cluster's API by its name ${audience}`,
    volume({ projected: { sources: [{ serviceAccountToken: { path: "token", audience } }] } }),
    "volumes.0.projected.sources.0.serviceAccountToken.audience: write another audience, or write serviceAccount: { name: NAME, token: true }",
  ]),
  [
    "a volume without a source",
    volume({}),
    "volumes.0: add its source; for an empty folder, declare a volume of kind nodeCache or memory, and write mounts",
  ],
  [
    "a volume with two sources",
    volume({ csi: { driver: "a" }, secret: { secretName: "a" } }),
    "volumes.0: make it a volume for each source",
  ],
  [
    "groups, which group says",
    { securityContext: { runAsGroup: 7 }, ...main({ securityContext: { runAsGroup: 0 } }) },
    "securityContext.runAsGroup: remove it, and write user and group",
    "containers.0.securityContext.runAsGroup: remove it, and write user and group",
  ],
  [
    "another user",
    main({ securityContext: { runAsUser: 7 } }),
    "containers.0.securityContext.runAsUser: remove it, and write user",
  ],
  [
    "mounts of no volume of the patch, and over what is mounted",
    main({
      volumeMounts: [
        { name: "models", mountPath: "/a" },
        { name: "b", mountPath: "/dev/shm" },
      ],
    }),
    "containers.0.volumeMounts.0.name: write mounts for a volume of the stack, or add the volume to the patch",
    "containers.0.volumeMounts.1.name: write mounts for a volume of the stack, or add the volume to the patch",
    "containers.0.volumeMounts.1: mount it elsewhere",
  ],
  [
    "variables that env says",
    main({
      env: [
        { name: "A", value: "b" },
        { name: "B", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
      ],
    }),
    'containers.0.env.0: remove it, and write env with A: "b"',
    "containers.0.env.1: remove it, and write env with B: { existingSecret: s, key: k }",
  ],
  [
    "containers that the pods do not have",
    { containers: [{ name: "chatt" }, { name: "proxy" }] },
    'containers.0.name: did you mean "chat"?',
    "containers.1.name: write it below sidecars or initContainers of the entry, which add containers",
  ],
  [
    "the main container among the others",
    { initContainers: [{ name: "chat" }] },
    "initContainers.0.name: move it to containers of the patch",
  ],
];

describe("a patch of a service's pods", () => {
  for (const [what, patch, ...says] of refused) {
    it(`is refused where it undoes something: ${what}`, async () => {
      assert.deepEqual(told(await ofService(patch)).sort(), says.sort());
    });
  }

  it("is accepted where it says what nothing else does", async () => {
    const node = { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } };
    const maybe = { secretKeyRef: { name: "s", key: "k", optional: true } };
    const patch: PodPatch = {
      ...{ dnsPolicy: "Default", hostname: "chat", hostUsers: false, setHostnameAsFQDN: true },
      ...{ runtimeClassName: "gvisor", shareProcessNamespace: true },
      imagePullSecrets: [{ name: "registry" }],
      affinity: {
        podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] },
      },
      topologySpreadConstraints: [{ topologyKey: "kubernetes.io/hostname", maxSkew: 2 }],
      securityContext: {
        ...{
          fsGroup: 7,
          supplementalGroups: [7],
          seccompProfile: { type: "Localhost", localhostProfile: "a" },
        },
        sysctls: [{ name: "net.ipv4.tcp_keepalive_time", value: "60" }],
      },
      volumes: [
        { name: "vault", csi: { driver: "secrets-store.csi.k8s.io" } },
        {
          name: "token",
          projected: { sources: [{ serviceAccountToken: { path: "a", audience: "vault" } }] },
        },
      ],
      ...main({
        ...{ tty: true, workingDir: "/app", imagePullPolicy: "Always" },
        env: [node, { name: "MAYBE", valueFrom: maybe }],
        lifecycle: { postStart: { exec: { command: ["true"] } } },
        securityContext: {
          ...{ readOnlyRootFilesystem: true, procMount: "Default" },
          capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
        },
        volumeMounts: [{ name: "vault", mountPath: "/secrets" }],
      }),
    };
    assert.deepEqual(told(await ofService(patch, { gpus: 1, pool: "l4" })), []);
  });

  it("keeps pods from nodes with room for them only where no pool counts on it", async () => {
    const patch: PodPatch = {
      affinity: { podAffinity: { [required]: [near] }, podAntiAffinity: { [required]: [near] } },
      topologySpreadConstraints: [{ ...near, whenUnsatisfiable: "DoNotSchedule" }],
    };
    assert.deepEqual(await ofService(patch), []);
    const soft = "write preferredDuringSchedulingIgnoredDuringExecution, or remove it";
    assert.deepEqual(told(await ofService(patch, { gpus: 1, pool: "l4" })), [
      `affinity.podAffinity.${required}: ${soft}`,
      `affinity.podAntiAffinity.${required}: ${soft}`,
      "topologySpreadConstraints.0.whenUnsatisfiable: write ScheduleAnyway, or remove it",
    ]);
  });

  it("may do with podSecurity: baseline what that standard lets pods do", async () => {
    const patch: PodPatch = {
      securityContext: { runAsNonRoot: false },
      ...volume({ nfs: { path: "/", server: "a" } }),
      ...main({ securityContext: { capabilities: { add: ["CHOWN"], drop: ["KILL"] } } }),
    };
    assert.deepEqual(told(await ofService(patch, { podSecurity: "baseline" })), []);
    const beyond: PodPatch = {
      ...volume({ hostPath: { path: "/" } }),
      ...main({ securityContext: { capabilities: { add: ["SYS_ADMIN"] } } }),
    };
    assert.deepEqual(told(await ofService(beyond, { podSecurity: "baseline" })), [
      "containers.0.securityContext.capabilities.add: remove it",
      "volumes.0.hostPath: remove it",
    ]);
  });

  it("has whole constraints, or what it says of those that the pods have", async () => {
    const zone = { topologyKey: "topology.kubernetes.io/zone", maxSkew: 2 };
    const rack = { topologyKey: "example.com/rack", maxSkew: 2 };
    const constraints: PodPatch = { topologySpreadConstraints: [zone, rack] };
    assert.deepEqual(told(await ofService(constraints)), [
      "topologySpreadConstraints.1: add whenUnsatisfiable",
    ]);
    // Pods of a job have none.
    assert.deepEqual(told(await ofJob(constraints)), [
      "topologySpreadConstraints.0: add whenUnsatisfiable",
      "topologySpreadConstraints.1: add whenUnsatisfiable",
    ]);
  });

  it("leaves the RuntimeClass that a pool needs", async () => {
    const on = (pool: string, runtimeClassName: string) =>
      ofService({ runtimeClassName }, { gpus: 1, pool });
    const fix = "remove it, or change pools.k3s.runtimeClass for all pods of the pool";
    assert.deepEqual(told(await on("k3s", "gvisor")), [`runtimeClassName: ${fix}`]);
    assert.deepEqual(told(await ofJob({ runtimeClassName: "gvisor" }, { gpus: 1, pool: "k3s" })), [
      `runtimeClassName: ${fix}`,
    ]);
    assert.deepEqual(await on("k3s", "nvidia"), []);
    assert.deepEqual(await on("l4", "gvisor"), []);
  });

  it("leaves the group of a disk, its volume, its path and where it is", async () => {
    const disk = { kind: "claim", name: "models", claim: "models" } as const;
    const patch: PodPatch = {
      securityContext: { fsGroup: 7 },
      affinity: { podAffinity: { [required]: [near] } },
      volumes: [{ name: "models", csi: { driver: "a" } }],
      ...main({ volumeMounts: [{ name: "models", mountPath: "/models" }] }),
    };
    const mounts = { "/models": { volume: disk } };
    assert.deepEqual(
      (await ofService(patch, { mounts })).map(({ path }) => path.slice(1).join(".")),
      [
        "containers.0.volumeMounts.0",
        "securityContext.fsGroup",
        `affinity.podAffinity.${required}`,
        "volumes.0.name",
      ],
    );
  });

  for (const [mountPath, fix] of [
    ...["/models", "/models/", "//models", "/./models", "/models/a", "/dev/shm/"].map(
      (path) => [path, "mount it elsewhere"] as const,
    ),
    ...["/", "/etc", "/var/run/secrets/kubernetes.io", "/proc/1", "/a/../models", "/a:b"].map(
      (path) => [path, "mount it elsewhere, for example at /data"] as const,
    ),
    ["/srv/a", "mount it elsewhere"],
    ["data/", "write /data"],
    ["/data//x", "write /data/x"],
  ] as const) {
    it(`mounts nothing in, over or around another mount, however it is spelt: ${mountPath}`, async () => {
      const claim = { kind: "claim", name: "models", claim: "models" } as const;
      const mounts = { "/models": { volume: claim } };
      const patch: PodPatch = {
        ...volume({ csi: { driver: "a" } }),
        ...main({
          volumeMounts: [
            { name: "new", mountPath: "/srv" },
            { name: "new", mountPath },
          ],
        }),
      };
      assert.deepEqual(told(await ofService(patch, { mounts })), [
        `containers.0.volumeMounts.1: ${fix}`,
      ]);
    });
  }

  it("names the arguments of the container that it is about", async () => {
    const sidecars = { proxy: { image: "proxy:v1", env: { A: "b" } } };
    const initContainers = [{ name: "fetch", image: "fetch:v1" }];
    const said = { image: "b:v2", livenessProbe: {}, env: [{ name: "A", value: "c" }] };
    const patch: PodPatch = {
      initContainers: [
        { name: "proxy", ...said },
        { name: "fetch", ...said },
      ],
    };
    assert.deepEqual(told(await ofService(patch, { sidecars, initContainers })), [
      "initContainers.0.image: remove it, and write sidecars.proxy.image",
      "initContainers.0.livenessProbe: remove it, and write sidecars.proxy.health",
      "initContainers.0.env.0.name: rename it",
      "initContainers.1.image: remove it, and write image of fetch in initContainers",
      "initContainers.1.livenessProbe: remove it; a job has timeout",
      'initContainers.1.env.0: remove it, and write env of fetch in initContainers with A: "c"',
    ]);
  });

  it("says of containers that we add only where their image is", async () => {
    const logs = { to: "stdout", files: ["/var/log/a.log"] };
    const image = "mirror.example/collector:v1";
    const collector: PodPatch = { initContainers: [{ name: "logs", image }] };
    assert.deepEqual(told(await ofService(collector, { logs })), []);
    const patch: PodPatch = {
      initContainers: [{ name: "logs", tty: true, securityContext: {}, image }],
    };
    assert.deepEqual(
      (await ofService(patch, { logs })).map(({ path, allowed }) => [path.at(-1), allowed]),
      ["tty", "securityContext"].map((key) => [key, "image, imagePullPolicy, name"]),
    );
  });

  it("leaves how a server is found that is signalled", async () => {
    const from = { volume: { kind: "claim", name: "m", claim: "m", nodes: "any-node" } } as const;
    const notify = { signal: "HUP", user: 7 } as const;
    const modelUpdates = { from, to: "/models", every: 60, notify };
    const variable = {
      name: "MODEL_UPDATES",
      valueFrom: { fieldRef: { fieldPath: "metadata.name" } },
    };
    const patch: PodPatch = {
      shareProcessNamespace: false,
      volumes: [{ name: "new", csi: { driver: "a" } }],
      ...main({ env: [variable], volumeMounts: [{ name: "new", mountPath: "/models" }] }),
    };
    assert.deepEqual(told(await ofService(patch, { modelUpdates })), [
      "containers.0.env.0.name: rename it",
      "containers.0.volumeMounts.0: mount it elsewhere",
      "shareProcessNamespace: remove it, or let the server be told over http",
    ]);
  });
});

describe("a patch of a job's pods", () => {
  it("may say when they end, who places them and what is done before", async () => {
    const patch: PodPatch = {
      ...{ terminationGracePeriodSeconds: 240, schedulerName: "volcano", hostname: "a" },
      schedulingGates: [{ name: "example.com/queue" }],
      containers: [
        {
          name: "train",
          lifecycle: { preStop: { sleep: { seconds: 1 } } },
          ports: [{ containerPort: 9000 }],
        },
      ],
    };
    assert.deepEqual(told(await ofJob(patch)), []);
  });

  it("ends by another signal only where the patch says of which system it is", async () => {
    const containers = [{ name: "train", lifecycle: { stopSignal: "SIGINT" } }];
    assert.deepEqual(told(await ofJob({ containers })), [
      "containers.0.lifecycle.stopSignal: add os: { name: linux } to the patch",
    ]);
    assert.deepEqual(told(await ofJob({ containers, os: { name: "linux" } })), []);
  });

  it("is refused where its keys say it, and where its pods find each other", async () => {
    const patch: PodPatch = {
      ...{ terminationGracePeriodSeconds: 241, activeDeadlineSeconds: 5 },
      ...{ hostname: "a", subdomain: "b" },
      containers: [
        {
          name: "train",
          readinessProbe: {},
          ports: [{ containerPort: 9000, hostPort: 9000 }],
          env: [{ name: "RANK", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        },
      ],
    };
    assert.deepEqual(told(await ofJob(patch, { workers: 2, command: ["a"] })).sort(), [
      "activeDeadlineSeconds: remove it, and write timeout",
      "containers.0.env.0.name: rename it",
      "containers.0.ports.0.hostPort: remove it",
      "containers.0.readinessProbe: remove it; a job has timeout",
      "hostname: remove it",
      "subdomain: remove it",
      "terminationGracePeriodSeconds: choose a number in this range",
    ]);
  });
});
