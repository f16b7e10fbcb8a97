import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { BatchJob } from "../../../components/jobs/batch-job";
import type { Sidecar } from "../../../components/workload/sidecar-containers";
import { aCluster, deployChat } from "../../support/clusters";
import { at, deploy } from "../../support/deploy";

const deploymentType = "kubernetes:apps/v1:Deployment";
const secretType = "kubernetes:core/v1:Secret";

async function chatWith(sidecars: Record<string, Sidecar>, more = {}) {
  const run = await deployChat({ sidecars, ...more });
  const deployment = run.find(deploymentType, "chat");
  return { ...run, pod: (path: string) => at(deployment, `spec.template.spec.${path}`) };
}

describe("a sidecar", () => {
  it("starts before the main container and stops after it, in the order of the file", async () => {
    const { pod } = await chatWith({ one: { image: "one:v1" }, two: { image: "two:v1" } });

    const names = ["initContainers[0]", "initContainers[1]"].map((of) => [
      pod(`${of}.name`),
      pod(`${of}.image`),
      pod(`${of}.restartPolicy`),
    ]);
    assert.deepEqual(names, [
      ["one", "one:v1", "Always"],
      ["two", "two:v1", "Always"],
    ]);
    assert.equal(pod("containers[1]"), undefined);
  });

  it("of a job starts again by itself, which keeps no job from ending", async () => {
    const run = await deploy(
      () =>
        new BatchJob("train", {
          cluster: aCluster(),
          namespace: "models",
          image: "train:v1",
          sidecars: { helper: { image: "helper:v1" } },
        }),
    );
    const job = run.find("kubernetes:batch/v1:Job", "train");
    assert.equal(at(job, "spec.template.spec.initContainers[0].restartPolicy"), "Always");
    assert.equal(at(job, "spec.template.spec.restartPolicy"), "Never");
  });

  it("passes the same Pod Security Standard as the main container", async () => {
    for (const podSecurity of ["restricted", "baseline"] as const) {
      const { pod } = await chatWith({ proxy: { image: "proxy:v1" } }, { podSecurity });
      assert.deepEqual(
        pod("initContainers[0].securityContext"),
        pod("containers[0].securityContext"),
      );
    }
  });

  it("runs as another user than its image's where it says so", async () => {
    const { pod } = await chatWith({ proxy: { image: "proxy:v1", user: 1000 } });
    assert.equal(pod("initContainers[0].securityContext.runAsUser"), 1000);
    assert.equal(pod("initContainers[0].securityContext.runAsGroup"), 1000);
    assert.equal(pod("containers[0].securityContext.runAsUser"), undefined);
  });

  it("mounts what the main container mounts", async () => {
    const volume = { kind: "nodeCache", name: "scratch", size: "1Gi" } as const;
    const { pod } = await chatWith(
      { proxy: { image: "proxy:v1" } },
      { mounts: { "/scratch": { volume } } },
    );
    assert.deepEqual(pod("initContainers[0].volumeMounts"), [
      { name: "scratch", mountPath: "/scratch" },
    ]);
  });

  it("is promised little, and limited to the memory that it says it needs", async () => {
    const { pod } = await chatWith({
      plain: { image: "a:v1" },
      large: { image: "b:v1", cpu: "2", memory: "4Gi" },
    });
    assert.deepEqual(pod("initContainers[0].resources"), {
      requests: { cpu: "50m", memory: "64Mi" },
    });
    assert.deepEqual(pod("initContainers[1].resources"), {
      requests: { cpu: "2", memory: "4Gi" },
      limits: { memory: "4Gi" },
    });
  });

  it("is waited for where it says how it is asked", async () => {
    const { pod } = await chatWith({
      proxy: { image: "proxy:v1", port: 9000, health: "/ready" },
    });
    assert.deepEqual(pod("initContainers[0].startupProbe.httpGet"), { path: "/ready", port: 9000 });
    assert.deepEqual(pod("initContainers[0].ports"), [{ containerPort: 9000 }]);
  });

  it("has its secrets in a Secret of its own", async () => {
    const { pod, find } = await chatWith({
      proxy: { image: "proxy:v1", env: { MODE: "fast", TOKEN: { secret: pulumi.secret("t") } } },
    });
    const secret = find(secretType, "chat-sidecar.proxy");
    assert.deepEqual(secret.inputs.data, { TOKEN: Buffer.from("t").toString("base64") });
    assert.equal(pod("initContainers[0].env[0].value"), "fast");
    assert.match(
      String(pod("initContainers[0].env[1].valueFrom.secretKeyRef.name")),
      /^chat-sidecar\.proxy-[0-9a-f]{10}$/,
    );
  });

  for (const [what, sidecars, says] of [
    [
      "the server's port",
      { proxy: { image: "p:v1", port: 8000 } },
      "sidecars.proxy.port: port of the server, and all containers of a pod share one network, got 8000; allowed: a port other than 8000. To fix it, let it listen on another port.",
    ],
    [
      "the port of another sidecar",
      { one: { image: "p:v1", port: 90 }, two: { image: "p:v1", port: 90 } },
      "sidecars.two.port: port of one, and all containers of a pod share one network, got 90; allowed: a port other than 8000, 90. To fix it, let it listen on another port.",
    ],
    [
      "the name of the main container",
      { chat: { image: "p:v1" } },
      'sidecars.chat.name: name of another container of the same pods, got "chat"; allowed: a name other than chat, logs, logs-end, model, model-updates. To fix it, rename it.',
    ],
    [
      "a health path without a port",
      { proxy: { image: "p:v1", health: "/ready" } },
      "sidecars.proxy.port: missing beside health, got nothing; allowed: the port that is asked for the path in health. To fix it, add the port that the container listens on, or remove health.",
    ],
    [
      "a port that is none",
      { proxy: { image: "p:v1", port: 0 } },
      "sidecars.proxy.port: out of range, got 0; allowed: a whole number from 1 to 65535. To fix it, choose a number in this range.",
    ],
  ] as [string, Record<string, Sidecar>, string][]) {
    it(`is refused with ${what}`, async () => {
      await assert.rejects(deployChat({ sidecars }), { message: `chat: ${says}` });
    });
  }

  it("of a job is refused with the name of the job's main container, too", async () => {
    const job = (sidecar: string, container?: string) =>
      deploy(
        () =>
          new BatchJob("train", {
            ...{ cluster: aCluster(), namespace: "models", image: "train:v1", container },
            sidecars: { [sidecar]: { image: "helper:v1" } },
          }),
      );

    await assert.rejects(
      job("train"),
      /sidecars\.train\.name: .*; allowed: a name other than train, logs/,
    );
    await assert.rejects(
      job("main", "main"),
      /sidecars\.main\.name: .*; allowed: a name other than main/,
    );
    await job("train", "main");
  });
});
