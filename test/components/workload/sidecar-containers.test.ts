import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Sidecar } from "../../../components/workload/sidecar-containers";
import { deployChat, deployTrain } from "../../support/clusters";
import { at, refusedWith } from "../../support/deploy";

const proxy = { image: "proxy:v1" };

describe("a sidecar", () => {
  it("starts before the main container and stops after it, in the order that after says", async () => {
    const two = { ...proxy, after: ["one"] };
    const { pod } = await deployChat({ sidecars: { two, one: { image: "one:v1" } } });

    const started = ["initContainers[0]", "initContainers[1]"].map((of) =>
      ["name", "image", "restartPolicy"].map((field) => pod(`${of}.${field}`)),
    );
    assert.deepEqual(started, [
      ["one", "one:v1", "Always"],
      ["two", "proxy:v1", "Always"],
    ]);
    assert.equal(pod("containers[1]"), undefined);
  });

  it("of a job starts again by itself, which keeps no job from ending", async () => {
    const { pod } = await deployTrain({ sidecars: { proxy } });

    assert.equal(pod("initContainers[0].restartPolicy"), "Always");
    assert.equal(pod("restartPolicy"), "Never");
  });

  it("passes the same Pod Security Standard as the main container", async () => {
    for (const podSecurity of ["restricted", "baseline"] as const) {
      const { pod, container } = await deployChat({ sidecars: { proxy }, podSecurity });
      assert.deepEqual(pod("initContainers[0].securityContext"), container("securityContext"));
    }
  });

  it("runs as another user than its image's where it says so", async () => {
    const { pod, container } = await deployChat({ sidecars: { proxy: { ...proxy, user: 1000 } } });

    assert.equal(pod("initContainers[0].securityContext.runAsUser"), 1000);
    assert.equal(pod("initContainers[0].securityContext.runAsGroup"), 1000);
    assert.equal(container("securityContext.runAsUser"), undefined);
  });

  it("mounts what the main container mounts", async () => {
    const volume = { kind: "nodeCache", name: "scratch", size: "1Gi" } as const;
    const { pod } = await deployChat({ sidecars: { proxy }, mounts: { "/scratch": { volume } } });

    assert.deepEqual(pod("initContainers[0].volumeMounts"), [
      { name: "scratch", mountPath: "/scratch" },
    ]);
  });

  it("is promised little, and limited to the memory that it says it needs", async () => {
    const large = { ...proxy, cpu: "2", memory: "4Gi", after: ["proxy"] };
    const { pod } = await deployChat({ sidecars: { proxy, large } });

    assert.deepEqual(pod("initContainers[0].resources"), {
      requests: { cpu: "50m", memory: "64Mi" },
    });
    assert.deepEqual(pod("initContainers[1].resources"), {
      requests: { cpu: "2", memory: "4Gi" },
      limits: { memory: "4Gi" },
    });
  });

  it("is waited for where it says how it is asked", async () => {
    const asked = { ...proxy, port: 9000, health: "/ready" };
    const silent = { ...proxy, port: 9001, after: ["asked"] };
    const { pod } = await deployChat({ sidecars: { asked, silent } });

    assert.deepEqual(pod("initContainers[0].ports"), [{ containerPort: 9000 }]);
    assert.deepEqual(pod("initContainers[0].startupProbe.httpGet"), { path: "/ready", port: 9000 });
    assert.equal(pod("initContainers[0].startupProbe.failureThreshold"), 150);
    assert.deepEqual(pod("initContainers[1].ports"), [{ containerPort: 9001 }]);
    assert.equal(pod("initContainers[1].startupProbe"), undefined);
  });

  it("has its secrets in a Secret of its own", async () => {
    const env = { MODE: "fast", TOKEN: { secret: pulumi.secret("t") } };
    const { pod, find } = await deployChat({ sidecars: { proxy: { ...proxy, env } } });

    const secret = find("kubernetes:core/v1:Secret", "chat-sidecar.proxy");
    assert.deepEqual(secret.inputs.data, { TOKEN: Buffer.from("t").toString("base64") });
    const name = at(secret, "metadata.name");
    assert.match(String(name), /^chat-sidecar\.proxy-[0-9a-f]{10}$/);
    assert.deepEqual(pod("initContainers[0].env"), [
      { name: "MODE", value: "fast" },
      { name: "TOKEN", valueFrom: { secretKeyRef: { name, key: "TOKEN" } } },
    ]);
  });

  const shared = "and all containers of a pod share one network, got";
  for (const [what, sidecars, problem] of [
    [
      "the server's port",
      { proxy: { image: "p:v1", port: 8000 } },
      `sidecars.proxy.port: port of the server, ${shared} 8000`,
    ],
    [
      "the port of another sidecar",
      { one: { image: "p:v1", port: 90 }, two: { image: "p:v1", port: 90, after: ["one"] } },
      `sidecars.two.port: port of one, ${shared} 90`,
    ],
    ...["chat", "logs-end", "model"].map((name) => [
      `the name ${name}`,
      { [name]: { image: "p:v1", port: 9000 } },
      `sidecars.${name}.name: name of another container of the same pods, got "${name}"`,
    ]),
    [
      "a health path without a port",
      { proxy: { image: "p:v1", health: "/ready" } },
      "sidecars.proxy.port: missing beside health, got nothing",
    ],
    [
      "another one and no order",
      { two: proxy, one: proxy, three: { ...proxy, after: ["one"] } },
      "sidecars: nothing says which starts first, got one, two",
    ],
    [
      "another one that waits for it",
      { two: { ...proxy, after: ["one"] }, one: { ...proxy, after: ["two"] } },
      "sidecars: each starts after another one, got one, two",
    ],
    [
      "an unknown one before it",
      { proxy: { ...proxy, after: ["cache"] } },
      'sidecars.proxy.after.0: no other sidecar of this name, got "cache"',
    ],
    [
      "a port that is none",
      { proxy: { image: "p:v1", port: 0 } },
      "sidecars.proxy.port: out of range, got 0",
    ],
  ] as [string, Record<string, Sidecar>, string][]) {
    it(`is refused with ${what}`, () => refusedWith(deployChat({ sidecars }), `chat: ${problem}`));
  }

  it("is refused with the name that the main container is given, and then not with that of the entry", async () => {
    const job = (sidecar: string, container?: string) =>
      deployTrain({ container, sidecars: { [sidecar]: { image: "helper:v1" } } });

    for (const [name, container] of [["train"], ["main", "main"]] as const) {
      const problem = `name of another container of the same pods, got "${name}"`;
      await refusedWith(job(name, container), `train: sidecars.${name}.name: ${problem}`);
    }
    await job("train", "main");
    await deployChat({ container: "server", sidecars: { chat: { image: "p:v1" } } });
  });
});
