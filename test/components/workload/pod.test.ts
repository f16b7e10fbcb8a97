import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { deployChat, h100, l4 } from "../../support/clusters";
import { at } from "../../support/deploy";

const deploymentType = "kubernetes:apps/v1:Deployment";
const secretType = "kubernetes:core/v1:Secret";

async function podOf(...args: Parameters<typeof deployChat>) {
  const deployment = (await deployChat(...args)).find(deploymentType, "chat");
  return {
    pod: (path: string) => at(deployment, `spec.template.spec.${path}`),
    container: (path: string) => at(deployment, `spec.template.spec.containers[0].${path}`),
  };
}

describe("the pod of a workload", () => {
  it("runs the image under the entry's name, on port 8000", async () => {
    const { container } = await podOf();

    assert.equal(container("name"), "chat");
    assert.equal(container("image"), "registry.example/chat:v1");
    assert.deepEqual(container("ports"), [{ containerPort: 8000 }]);
  });

  it("runs the image's own program unless told otherwise", async () => {
    const { container } = await podOf();

    assert.deepEqual([container("command"), container("args")], [undefined, undefined]);
  });

  it("takes container name, port, command and arguments from its entry", async () => {
    const { container } = await podOf({
      container: "server",
      port: 5000,
      command: ["python", "serve.py"],
      args: ["--fast"],
    });

    assert.equal(container("name"), "server");
    assert.deepEqual(container("ports"), [{ containerPort: 5000 }]);
    assert.deepEqual(container("command"), ["python", "serve.py"]);
    assert.deepEqual(container("args"), ["--fast"]);
  });

  it("holds one container and no more", async () => {
    assert.equal((await podOf()).pod("containers[1]"), undefined);
  });

  it("gets no variables for other Services, which a server could take for its own", async () => {
    assert.equal((await podOf()).pod("enableServiceLinks"), false);
  });

  it("gets no token of the cluster", async () => {
    assert.equal((await podOf()).pod("automountServiceAccountToken"), false);
  });

  it("does not pull an image that the node has", async () => {
    assert.equal((await podOf()).container("imagePullPolicy"), "IfNotPresent");
  });
});

describe("the probes of a model server", () => {
  it("ask the health path where there is one", async () => {
    const { container } = await podOf({ health: "/healthz", port: 5000, startup: 61 });

    const httpGet = { path: "/healthz", port: 5000 };
    assert.deepEqual(container("startupProbe"), {
      httpGet,
      periodSeconds: 2,
      timeoutSeconds: 2,
      failureThreshold: 31,
    });
    assert.deepEqual(container("readinessProbe"), {
      httpGet,
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 2,
    });
    assert.deepEqual(container("livenessProbe"), {
      httpGet,
      periodSeconds: 10,
      timeoutSeconds: 10,
      failureThreshold: 6,
    });
  });

  it("connect to the port where there is no health path", async () => {
    const { container } = await podOf({ port: 5000 });

    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
      assert.deepEqual(container(`${probe}.tcpSocket`), { port: 5000 }, probe);
      assert.equal(container(`${probe}.httpGet`), undefined, probe);
    }
  });

  it("give a replica ten minutes to start unless told otherwise", async () => {
    const { container } = await podOf();

    const period = Number(container("startupProbe.periodSeconds"));
    assert.equal(period * Number(container("startupProbe.failureThreshold")), 600);
  });
});

describe("the resources of a model server", () => {
  it("are half a core and 1 GiB, unlimited, unless told otherwise", async () => {
    assert.deepEqual((await podOf()).container("resources"), {
      requests: { cpu: "500m", memory: "1Gi" },
      limits: {},
    });
  });

  it("promise memory in full and never limit CPU", async () => {
    assert.deepEqual((await podOf({ cpu: "2", memory: "8Gi" })).container("resources"), {
      requests: { cpu: "2", memory: "8Gi" },
      limits: { memory: "8Gi" },
    });
  });

  for (const gpus of [1, 4]) {
    it(`are the ${gpus} GPUs asked for`, async () => {
      const { container } = await podOf({ gpus }, { pools: { h100 } });

      assert.deepEqual(container("resources.limits"), { "nvidia.com/gpu": String(gpus) });
    });
  }
});

describe("the place of a model server", () => {
  it("is its pool, selected and tolerated in writing", async () => {
    const taints = [{ key: "team", value: "ml", effect: "NoExecute" as const }];
    const { pod } = await podOf({ gpus: 1 }, { pools: { l4: { ...l4, taints } } });

    assert.deepEqual(pod("nodeSelector"), { "example.com/pool": "l4" });
    assert.deepEqual(pod("tolerations"), [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      { key: "team", operator: "Equal", value: "ml", effect: "NoExecute" },
    ]);
  });

  it("is the only pool with that many GPUs in a node", async () => {
    const { pod } = await podOf({ gpus: 2 }, { pools: { l4, h100 } });

    assert.deepEqual(pod("nodeSelector"), { "example.com/pool": "h100" });
  });

  it("is the pool that the entry names, also without GPUs", async () => {
    const { pod } = await podOf({ pool: "h100" }, { pools: { l4, h100 } });

    assert.deepEqual(pod("nodeSelector"), { "example.com/pool": "h100" });
  });

  it("is any node where no GPU is asked for", async () => {
    const { pod } = await podOf();

    assert.deepEqual([pod("nodeSelector"), pod("tolerations")], [undefined, undefined]);
  });

  it("differs from replica to replica in node and zone as far as there is room", async () => {
    const { pod } = await podOf();

    const spread = (topologyKey: string) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: { app: "chat" } },
      matchLabelKeys: ["pod-template-hash"],
    });
    assert.deepEqual(pod("topologySpreadConstraints"), [
      spread("kubernetes.io/hostname"),
      spread("topology.kubernetes.io/zone"),
    ]);
  });
});

describe("the security of a model server", () => {
  it("passes the restricted Pod Security Standard", async () => {
    const { pod, container } = await podOf();

    assert.deepEqual(pod("securityContext"), {
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(container("securityContext"), {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("lets an image run as root where the entry says baseline", async () => {
    const { pod, container } = await podOf({ podSecurity: "baseline" });

    assert.deepEqual(pod("securityContext"), { seccompProfile: { type: "RuntimeDefault" } });
    assert.deepEqual(container("securityContext"), { allowPrivilegeEscalation: false });
  });
});

describe("the environment of a model server", () => {
  const token = (secret: pulumi.Input<string>) => ({ env: { MODE: "fast", TOKEN: { secret } } });

  it("shows plain values and refers to secret ones", async () => {
    const run = await deployChat(token("s3cret"));

    const name = at(run.find(secretType, "chat-env"), "metadata.name");
    assert.deepEqual(at(run.find(deploymentType, "chat"), "spec.template.spec.containers[0].env"), [
      { name: "MODE", value: "fast" },
      { name: "TOKEN", valueFrom: { secretKeyRef: { name, key: "TOKEN" } } },
    ]);
  });

  it("keeps secret values in an immutable Secret that is a secret in the state, too", async () => {
    const secret = (await deployChat(token("s3cret"))).find(secretType, "chat-env");

    assert.equal(at(secret, "type"), "Opaque");
    assert.equal(at(secret, "immutable"), true);
    assert.equal(at(secret, "metadata.namespace"), "models");
    assert.deepEqual(at(secret, "data"), {
      TOKEN: Buffer.from("s3cret").toString("base64"),
    });
    assert.deepEqual(secret.secrets, ["data"]);
  });

  it("shows no secret value anywhere else", async () => {
    const run = await deployChat(token(pulumi.secret("s3cret")));

    for (const { type, inputs } of run.resources.filter(({ type }) => type !== secretType)) {
      assert.doesNotMatch(JSON.stringify(inputs), /s3cret|czNjcmV0/, type);
    }
  });

  it("leaves the Deployment readable in a diff: only the Secret is hidden", async () => {
    const run = await deployChat(token(pulumi.secret("s3cret")));

    assert.deepEqual(run.find(deploymentType, "chat").secrets, []);
  });

  it("rolls the pods when a secret changes, and only then", async () => {
    const nameWith = async (value: string) =>
      at((await deployChat(token(value))).find(secretType, "chat-env"), "metadata.name");

    const first = await nameWith("s3cret");
    assert.match(String(first), /^chat-env-[0-9a-f]{10}$/);
    assert.equal(await nameWith("s3cret"), first);
    assert.notEqual(await nameWith("s3cret2"), first);
  });

  it("makes no Secret where nothing is secret", async () => {
    const { resources } = await deployChat({ env: { MODE: "fast" } });

    assert.deepEqual(
      resources.filter(({ type }) => type === secretType),
      [],
    );
  });
});

describe("the image of a model server", () => {
  it("is pulled with each of the credentials given", async () => {
    const configs = ['{"auths":{"a":{}}}', '{"auths":{"b":{}}}'];
    const run = await deployChat({ pullSecrets: configs.map((config) => pulumi.secret(config)) });

    const secrets = ["chat-pull-0", "chat-pull-1"].map((name) => run.find(secretType, name));
    assert.deepEqual(
      secrets.map((secret) => [at(secret, "type"), at(secret, "data"), secret.secrets]),
      configs.map((config) => [
        "kubernetes.io/dockerconfigjson",
        { ".dockerconfigjson": Buffer.from(config).toString("base64") },
        ["data"],
      ]),
    );
    assert.deepEqual(
      at(run.find(deploymentType, "chat"), "spec.template.spec.imagePullSecrets"),
      secrets.map((secret) => ({ name: at(secret, "metadata.name") })),
    );
  });

  it("is pulled without credentials unless there are some", async () => {
    assert.deepEqual((await podOf()).pod("imagePullSecrets"), []);
  });
});
