import assert from "node:assert/strict";
import type { core } from "@pulumi/kubernetes/types/input";
import { ScheduledJob } from "../../../components/jobs/scheduled-job";
import { existingVolume } from "../../../components/workload/volumes";
import { aCluster, deployChat, deployTrain, h100, l4 } from "../../support/clusters";
import { at, deploy, refusedWith } from "../../support/deploy";

const internal = { class: "example.com/ilb", annotations: { "example.com/type": "internal" } };
const identity = { "eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/chat" };

/** Shared memory of the entry's own. */
const shm = {
  "/dev/shm": { volume: { kind: "memory", name: "shared", size: "8Gi" } },
} as const;

/** Runs the job `nightly`, which also runs once when it is new. */
const deployNightly = (args: Partial<ConstructorParameters<typeof ScheduledJob>[1]>) =>
  deploy(() => {
    const needed = { namespace: "models", image: "registry.example/train:v1", schedule: "@daily" };
    return new ScheduledJob("nightly", { cluster: aCluster(), runFirst: true, ...needed, ...args });
  });

describe("the labels of a workload", () => {
  it("are on all its objects, and on its pods", async () => {
    const said = { labels: { team: "search" }, env: { TOKEN: { secret: "s3cret" } } };
    for (const [kind, { resources }] of [
      ["Deployment", await deployChat(said)],
      ["Job", await deployTrain(said)],
      ["CronJob", await deployNightly(said)],
    ] as const) {
      const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
      const labelled = objects.filter((it) => at(it, "metadata.labels.team") === "search");
      assert.deepEqual(labelled, objects, kind);
      const pods = kind === "CronJob" ? "spec.jobTemplate.spec.template" : "spec.template";
      const [workload] = objects.filter(({ type }) => type.endsWith(`:${kind}`));
      assert.equal(workload && at(workload, `${pods}.metadata.labels.team`), "search", kind);
    }
  });
});

describe("the annotations of a workload", () => {
  it("are on the objects that they are for, beside those of the load balancer", async () => {
    const { of, find } = await deployChat(
      {
        annotations: {
          pods: { "prometheus.io/scrape": "true" },
          service: { "example.com/idle": "300" },
          serviceAccount: identity,
        },
        expose: { scope: "internal" },
      },
      { loadBalancer: { internal } },
    );

    assert.deepEqual(of("spec.template.metadata.annotations"), { "prometheus.io/scrape": "true" });
    assert.deepEqual(
      at(find("kubernetes:core/v1:ServiceAccount", "chat-account"), "metadata.annotations"),
      identity,
    );
    assert.deepEqual(
      at(find("kubernetes:core/v1:Service", "chat-service"), "metadata.annotations"),
      {
        "example.com/idle": "300",
        "example.com/type": "internal",
      },
    );
  });

  it("leave those of a job's pods that keep their nodes", async () => {
    const { job } = await deployTrain({ annotations: { pods: { "example.com/owner": "ml" } } });

    assert.deepEqual(at(job, "spec.template.metadata.annotations"), {
      "example.com/owner": "ml",
      "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
      "karpenter.sh/do-not-disrupt": "true",
    });
  });
});

describe("what a workload takes from Secrets and ConfigMaps that are there", () => {
  it("is in the variables and the files of its container and its sidecars, and makes no object", async () => {
    const of = {
      env: {
        TOKEN: { existingSecret: "hugging-face", key: "token" },
        MODE: { existingConfigMap: "settings", key: "mode" },
      },
      envFrom: [{ existingSecret: "all" }, { existingConfigMap: "settings", prefix: "APP_" }],
    };
    const tls = existingVolume({ existingSecret: "tls.acme.example" });
    const app = existingVolume({ existingConfigMap: "app" });
    const { resources, container, pod } = await deployChat({
      ...of,
      mounts: { "/etc/tls": { volume: tls }, "/etc/app.yaml": { volume: app, folder: "app.yaml" } },
      sidecars: { proxy: { image: "proxy:v1", ...of } },
    });

    for (const path of ["containers[0]", "initContainers[0]"]) {
      assert.deepEqual(pod(`${path}.env`), [
        { name: "MODE", valueFrom: { configMapKeyRef: { name: "settings", key: "mode" } } },
        { name: "TOKEN", valueFrom: { secretKeyRef: { name: "hugging-face", key: "token" } } },
      ]);
      assert.deepEqual(pod(`${path}.envFrom`), [
        { secretRef: { name: "all" } },
        { prefix: "APP_", configMapRef: { name: "settings" } },
      ]);
    }
    assert.deepEqual(pod("volumes"), [
      { name: tls.name, secret: { secretName: "tls.acme.example" } },
      { name: app.name, configMap: { name: "app" } },
    ]);
    assert.match(tls.name, /^[a-z0-9-]{1,63}$/);
    assert.deepEqual(container("volumeMounts"), [
      { name: tls.name, mountPath: "/etc/tls", readOnly: true },
      { name: app.name, mountPath: "/etc/app.yaml", subPath: "app.yaml", readOnly: true },
    ]);
    assert.ok(resources.every(({ type }) => !/:(Secret|ConfigMap)$/.test(type)));
  });
});

describe("a workload with the service account of somebody else", () => {
  for (const [token, serviceAccount] of [
    [false, { name: "trainer" }],
    [true, { name: "trainer", token: true }],
  ] as const) {
    it(`makes none, and gives its pods ${token ? "its" : "no"} token`, async () => {
      const { pod, resources } = await deployTrain({ serviceAccount });

      assert.equal(pod("serviceAccountName"), "trainer");
      assert.equal(pod("automountServiceAccountToken"), token);
      assert.ok(resources.every(({ type }) => !type.endsWith(":ServiceAccount")));
    });
  }
});

describe("the init containers of a workload", () => {
  it("run in their order, before its sidecars, with its mounts and within its limits", async () => {
    const env = { TOKEN: { secret: "s3cret" } };
    const { pod, find } = await deployTrain({
      cpuLimit: "4",
      initContainers: [
        { name: "wait", image: "wait:v1", cpuLimit: "1" },
        { name: "fetch", image: "fetch:v1", command: ["fetch"], memory: "2Gi", user: 1000, env },
      ],
      sidecars: { proxy: { image: "proxy:v1" } },
      mounts: shm,
    });

    const all = pod("initContainers") as core.v1.Container[];
    assert.deepEqual(
      all.map(({ name }) => name),
      ["wait", "fetch", "proxy"],
    );
    const secret = at(find("kubernetes:core/v1:Secret", "train-init.fetch"), "metadata.name");
    assert.deepEqual(pod("initContainers[1]"), {
      ...{ name: "fetch", image: "fetch:v1", command: ["fetch"], imagePullPolicy: "IfNotPresent" },
      env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: secret, key: "TOKEN" } } }],
      resources: {
        requests: { cpu: "500m", memory: "2Gi" },
        limits: { cpu: "4", memory: "2Gi" },
      },
      securityContext: {
        ...{ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        ...{ runAsUser: 1000, runAsGroup: 1000 },
      },
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: [{ name: "shared", mountPath: "/dev/shm" }],
    });
    assert.deepEqual(pod("initContainers[0].resources.limits"), { cpu: "1" });
  });
});

describe("a limit on CPU", () => {
  it("is on all containers of the pod, so that a quota on limits takes it", async () => {
    const logs = { to: "stdout", files: ["/var/log/chat/*.log"] };
    const sidecars = {
      proxy: { image: "proxy:v1" },
      cache: { image: "c:v1", cpuLimit: "3", after: ["proxy"] },
    };
    const { pod } = await deployChat({ cpuLimit: "4", logs, sidecars });

    const all = [pod("containers"), pod("initContainers")].flat() as core.v1.Container[];
    assert.deepEqual(
      all.map(({ name, resources }) => [name, (resources as { limits?: object }).limits]),
      [
        ["chat", { cpu: "4" }],
        ["logs", { cpu: "1", memory: "256Mi" }],
        ["logs-end", { cpu: "1", memory: "8Mi" }],
        ["proxy", { cpu: "4" }],
        ["cache", { cpu: "3" }],
      ],
    );
  });

  it("is on each of several workers", async () => {
    const { container } = await deployTrain({ workers: 2, command: ["train"], cpuLimit: "4" });
    assert.deepEqual(container("resources.limits"), { cpu: "4" });
  });
});

describe("the pods of a workload", () => {
  it("have its priority class", async () => {
    const { pod } = await deployChat({ priorityClass: "serving" });
    assert.equal(pod("priorityClassName"), "serving");
  });

  for (const [what, args, shown] of [
    ["with several GPUs", { gpus: 2, pool: "h100" }, true],
    ["with one GPU", { gpus: 1, pool: "h100" }, false],
    ["with a mount of their own there", { gpus: 2, pool: "h100", mounts: shm }, false],
  ] as const) {
    it(`${what} ${shown ? "share memory" : "get no shared memory from us"}`, async () => {
      for (const { pod, container } of [
        await deployChat(args, { pools: { l4, h100 } }),
        await deployTrain(args),
      ]) {
        const volume = { name: "gpu-serving-shm", emptyDir: { medium: "Memory" } };
        const volumes = pod("volumes") as { name: string }[];
        assert.deepEqual(
          volumes.filter(({ name }) => name === volume.name),
          shown ? [volume] : [],
        );
        const mounts = container("volumeMounts") as { mountPath: string }[];
        assert.equal(
          mounts.filter(({ mountPath }) => mountPath === "/dev/shm").length,
          +("mounts" in args || shown),
        );
      }
    });
  }
});

describe("a workload rejects", () => {
  const models = { kind: "bucket", name: "models", bucket: "acme", namespace: "models" } as const;
  const ours = "written by us, and what we promise depends on it";
  for (const [what, args, path, problem, found] of [
    [
      "a label that its pods are selected by",
      { labels: { app: "other" } },
      ["labels", "app"],
      ours,
      '"other"',
    ],
    [
      "an annotation that keeps Pulumi from waiting for it",
      { annotations: { service: { "pulumi.com/skipAwait": "true" } } },
      ["annotations", "service", "pulumi.com/skipAwait"],
      ours,
      '"true"',
    ],
    [
      "a label by which the controller of groups takes it for its own",
      { labels: { "leaderworkerset.sigs.k8s.io/name": "other" } },
      ["labels", "leaderworkerset.sigs.k8s.io/name"],
      ours,
      '"other"',
    ],
    [
      "an annotation of that controller",
      { annotations: { pods: { "leaderworkerset.sigs.k8s.io/size": "3" } } },
      ["annotations", "pods", "leaderworkerset.sigs.k8s.io/size"],
      ours,
      '"3"',
    ],
    [
      "an annotation by which its load balancer is an internal one",
      { annotations: { service: { "example.com/type": "open" } }, expose: { scope: "internal" } },
      ["annotations", "service", "example.com/type"],
      ours,
      '"open"',
    ],
    [
      "another identity than the one that may use its bucket",
      { annotations: { serviceAccount: identity }, mounts: { "/models": { volume: models } } },
      ["annotations", "serviceAccount", "eks.amazonaws.com/role-arn"],
      "the identity of this account is the one that may use the bucket",
      "an identity",
    ],
    [
      "annotations of an account that somebody else makes",
      { serviceAccount: { name: "trainer" }, annotations: { serviceAccount: { team: "ml" } } },
      ["annotations", "serviceAccount"],
      "the account is there already, and we change nothing of it",
      "an existing account",
    ],
    [
      "a bucket by an account that somebody else makes",
      { serviceAccount: { name: "trainer" }, mounts: { "/models": { volume: models } } },
      ["serviceAccount"],
      "a bucket is read by the identity of an account that we make",
      "an existing account",
    ],
    [
      "an init container that is called like its sidecar",
      {
        initContainers: [{ name: "proxy", image: "proxy:v1" }],
        sidecars: { proxy: { image: "proxy:v1" } },
      },
      ["initContainers", "0", "name"],
      "name of another container of the same pods",
      '"proxy"',
    ],
    [
      "a limit below the CPU that is promised without a word",
      { cpuLimit: "250m" },
      ["cpuLimit"],
      "less than the container is promised",
      '"250m"',
    ],
    [
      "the priority of the cluster's own pods",
      { priorityClass: "system-node-critical" },
      ["priorityClass"],
      "kept by Kubernetes for the cluster's own pods, which it would take the place of",
      '"system-node-critical"',
    ],
  ] as const) {
    it(what, () =>
      refusedWith(
        deployChat(args, { loadBalancer: { internal } }),
        `chat: ${path.join(".")}: ${problem}, got ${found}`,
      ),
    );
  }

  it("an annotation that would take the node of a job's pods away", () =>
    refusedWith(
      deployTrain({ annotations: { pods: { "karpenter.sh/do-not-disrupt": "false" } } }),
      `train: annotations.pods.karpenter.sh/do-not-disrupt: ${ours}, got "false"`,
    ));
});
