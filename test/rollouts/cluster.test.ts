import assert from "node:assert/strict";
import http from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { NoAnswer } from "../../rollouts/ask";
import { clusterOf, clusterUid, type Cluster } from "../../rollouts/cluster";
import type { Patience } from "../../rollouts/reach";
import { lastTime } from "../../rollouts/workload";

const metadata = (name: string, more: object = {}) => ({
  name,
  namespace: "vision",
  uid: name,
  ...more,
});
const revision = (number: string) => ({
  annotations: { "deployment.kubernetes.io/revision": number },
});
const deployment = {
  metadata: metadata("chat", { generation: 3, ...revision("2") }),
  spec: { replicas: 2, selector: { matchLabels: { app: "chat" } }, template: {} },
  status: { observedGeneration: 3, replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
};
const set = (name: string, number: string) => ({
  metadata: metadata(name, { ...revision(number), ownerReferences: [{ uid: "chat" }] }),
});
const pod = (name: string, of: string) => ({
  metadata: metadata(name, {
    ...{ ownerReferences: [{ uid: of }], creationTimestamp: "2026-11-29T12:00:01Z" },
  }),
  spec: { containers: [{ name: "server", image: "chat:v2" }] },
  status: { phase: "Pending" },
});

function kubeconfigFor(server: string, user: object = {}): string {
  const cluster = { server };
  return stringify({
    clusters: [{ name: "c", cluster }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user }],
    "current-context": "c",
  });
}

/** Answers by path, to one token; everything that was asked is noted. */
async function withApi<T>(
  answers: Record<string, unknown>,
  work: (cluster: Cluster, asked: string[], kubeconfig: string) => Promise<T>,
  { user = { token: "t" }, token = "t" }: { user?: object; token?: string } = {},
) {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://api");
    asked.push(decodeURIComponent(url.pathname + url.search));
    const isKnown = request.headers.authorization === `Bearer ${token}`;
    const answer = isKnown ? answers[url.pathname] : 401;
    const code = typeof answer === "number" ? answer : answer === undefined ? 404 : 200;
    const text = typeof answer === "string";
    response.writeHead(code, { "content-type": text ? "text/plain" : "application/json" });
    response.end(text ? answer : JSON.stringify(code === 200 ? answer : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = kubeconfigFor(`http://127.0.0.1:${port}`, user);
  try {
    return await work(await clusterOf(kubeconfig), asked, kubeconfig);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const apps = "/apis/apps/v1/namespaces/vision";
const core = "/api/v1/namespaces/vision";
const chat = { kind: "Deployment", namespace: "vision", name: "chat" } as const;

describe("the reader of a cluster", () => {
  it("sees the pods of a Deployment's newest version, and what happened to them", async () => {
    const event = {
      metadata: metadata("e"),
      ...{ reason: "Unhealthy", message: "no", lastTimestamp: null },
      eventTime: "2026-11-29T12:00:09.123456Z",
      involvedObject: { name: "new-1", fieldPath: "spec.containers{server}" },
    };
    const answers = {
      [`${apps}/deployments/chat`]: deployment,
      [`${apps}/replicasets`]: { items: [set("old", "1"), set("new", "2")] },
      [`${core}/pods`]: { items: [pod("old-1", "old"), pod("new-1", "new")] },
      [`${core}/events`]: { items: [event] },
    };
    const { observed, asked } = await withApi(answers, async (cluster, asked) => ({
      observed: await cluster.observe(chat),
      asked,
    }));
    assert.deepEqual(
      observed?.pods.map(({ metadata }) => metadata?.name),
      ["new-1"],
    );
    assert.equal(observed?.wanted, 2);
    const [seen] = observed?.events ?? [];
    assert.equal(seen && lastTime(seen)?.getTime(), Date.parse("2026-11-29T12:00:09.123Z"));
    assert.ok(asked.some((one) => one.startsWith(`${core}/pods?labelSelector=app=chat`)));
    assert.ok(asked.some((one) => one.includes("fieldSelector=involvedObject.name=new-1,")));
  });

  it("sees the pods of a Job, and what happened to it and to them", async () => {
    const study = {
      metadata: metadata("study", { generation: 1 }),
      spec: { parallelism: 2, selector: { matchLabels: { run: "study" } }, template: {} },
      status: { active: 2, ready: 0 },
    };
    const { observed, asked } = await withApi(
      {
        ["/apis/batch/v1/namespaces/vision/jobs/study"]: study,
        [`${core}/pods`]: { items: [pod("study-0", "study"), pod("other", "other")] },
        [`${core}/events`]: { items: [] },
      },
      async (cluster, asked) => ({
        observed: await cluster.observe({ kind: "Job", namespace: "vision", name: "study" }),
        asked,
      }),
    );
    assert.deepEqual([observed?.complete, observed?.wanted], [false, 2]);
    assert.deepEqual(
      observed?.pods.map(({ metadata }) => metadata?.name),
      ["study-0"],
    );
    assert.ok(asked.some((one) => one.startsWith(`${core}/pods?labelSelector=run=study`)));
    for (const name of ["study", "study-0"]) {
      assert.ok(
        asked.some((one) => one.includes(`involvedObject.name=${name},`)),
        name,
      );
    }
  });

  it("sees the pods of a DaemonSet's newest version", async () => {
    const daemonSet = {
      metadata: metadata("plugin", {
        ...{ generation: 2, annotations: { "deprecated.daemonset.template.generation": "2" } },
      }),
      spec: { selector: { matchLabels: { app: "plugin" } }, template: {} },
      status: {
        ...{ observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 1 },
        ...{ numberAvailable: 1, currentNumberScheduled: 2, numberMisscheduled: 0, numberReady: 1 },
      },
    };
    const of = (name: string, generation: string) => {
      const one = pod(name, "plugin");
      return {
        ...one,
        metadata: { ...one.metadata, labels: { "pod-template-generation": generation } },
      };
    };
    const observed = await withApi(
      {
        [`${apps}/daemonsets/plugin`]: daemonSet,
        [`${core}/pods`]: { items: [of("a", "1"), of("b", "2")] },
        [`${core}/events`]: { items: [] },
      },
      (cluster) => cluster.observe({ kind: "DaemonSet", namespace: "vision", name: "plugin" }),
    );
    assert.deepEqual([observed?.complete, observed?.wanted], [false, 2]);
    assert.deepEqual(
      observed?.pods.map(({ metadata }) => metadata?.name),
      ["b"],
    );
  });

  it("sees a DaemonSet in place where only a node that is not ready lacks its newest version", async () => {
    const daemonSet = {
      metadata: metadata("plugin", {
        ...{ generation: 2, annotations: { "deprecated.daemonset.template.generation": "2" } },
      }),
      spec: { selector: { matchLabels: { app: "plugin" } }, template: {} },
      status: {
        ...{ observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 2 },
        ...{ numberAvailable: 2, currentNumberScheduled: 3, numberMisscheduled: 0, numberReady: 2 },
      },
    };
    const on = (nodeName: string, generation: string, ready: boolean) => {
      const one = pod(`plugin-${nodeName}`, "plugin");
      return {
        metadata: { ...one.metadata, labels: { "pod-template-generation": generation } },
        spec: { ...one.spec, nodeName },
        status: {
          phase: "Running",
          conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
        },
      };
    };
    const node = (ready: string) => ({
      status: { conditions: [{ type: "Ready", status: ready }] },
    });
    const look = async (pods: object[], c: unknown) => {
      const answers = {
        [`${apps}/daemonsets/plugin`]: daemonSet,
        [`${core}/pods`]: { items: pods },
        ...{ [`${core}/events`]: { items: [] }, "/api/v1/nodes/c": c },
      };
      const name = { kind: "DaemonSet", namespace: "vision", name: "plugin" } as const;
      const observed = await withApi(answers, (cluster) => cluster.observe(name));
      return { complete: observed?.complete, away: observed?.away };
    };
    const both = [on("a", "2", true), on("b", "2", true)];
    const old = on("c", "1", false);
    assert.deepEqual(await look([...both, old], node("Unknown")), { complete: true, away: ["c"] });
    assert.deepEqual(await look([...both, old], node("True")), { complete: false, away: [] });
    assert.deepEqual(await look([...both, old], 403), { complete: false, away: [] });
    const rolls = [on("a", "2", true), on("b", "1", true), on("c", "2", false)];
    assert.deepEqual(await look(rolls, node("False")), { complete: false, away: ["c"] });
  });

  it("sees nothing of what does not exist", async () => {
    assert.equal(await withApi({}, (cluster) => cluster.observe(chat)), undefined);
  });

  it("says whether it was refused, or may be answered later", async () => {
    for (const [code, refused] of [
      [403, true],
      [401, true],
      [500, false],
    ] as const) {
      await assert.rejects(
        withApi({ [`${apps}/deployments/chat`]: code }, (cluster) => cluster.observe(chat)),
        (error) => error instanceof NoAnswer && error.refused === refused,
      );
    }
  });

  describe("whose login gives a token that the cluster no longer takes", () => {
    const folder = mkdtempSync(join(tmpdir(), "gpu-serving-login-"));
    after(() => rmSync(folder, { recursive: true }));

    /** A login whose tokens are good for an hour, as it says: t1, then t2 and so on. */
    function login(name: string) {
      const file = join(folder, name);
      const status = `{"token":"t'$n'","expirationTimestamp":"${new Date(Date.now() + 3_600_000).toISOString()}"}`;
      const script = `n=$(($(cat ${file} 2>/dev/null || echo 0) + 1)); echo $n > ${file}; echo '{"status":${status}}'`;
      const apiVersion = "client.authentication.k8s.io/v1";
      const user = { exec: { apiVersion, command: "sh", args: ["-c", script] } };
      return { user, times: () => Number(readFileSync(file, "utf8")) };
    }
    const list = { items: [] };
    const answers = {
      [`${apps}/deployments/chat`]: deployment,
      ...{ [`${apps}/replicasets`]: list, [`${core}/pods`]: list },
    };

    it("logs in once more, and asks again", async () => {
      const { user, times } = login("renewed");
      const token = "t2";
      const look = (cluster: Cluster) => cluster.observe(chat);
      assert.equal((await withApi(answers, look, { user, token }))?.wanted, 2);
      assert.equal(times(), 2);
    });

    it("is refused where the next token is no better", async () => {
      const { user, times } = login("refused");
      await assert.rejects(
        withApi(answers, (cluster) => cluster.observe(chat), { user, token: "none" }),
        (error) => error instanceof NoAnswer && error.refused,
      );
      assert.equal(times(), 2);
    });
  });

  it("tells a cluster from every other one by the uid of kube-system, where it may read that", async () => {
    const path = "/api/v1/namespaces/kube-system";
    const uidOf = (answers: Record<string, unknown>) =>
      withApi(answers, (_, __, kubeconfig) => clusterUid(kubeconfig));
    assert.deepEqual(await uidOf({ [path]: { metadata: { uid: "218fc5a9" } } }), {
      uid: "218fc5a9",
    });
    assert.deepEqual(await uidOf({ [path]: 403 }), { unseen: "the API server answers 403" });
    assert.deepEqual(await uidOf({}), { unseen: "it shows no namespace kube-system" });
    assert.deepEqual(await clusterUid("kind: Config"), {
      unseen: "the kubeconfig leads to no cluster",
    });
  });

  describe("on another way than straight to it by TLS", () => {
    const before = { ...process.env };
    const variables = [
      "HTTP_PROXY",
      "HTTPS_PROXY",
      "http_proxy",
      "https_proxy",
      "NO_PROXY",
      "no_proxy",
    ];
    beforeEach(() => variables.forEach((name) => delete process.env[name]));
    afterEach(() => {
      for (const name of variables) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    });
    const answers = { "/api/v1/namespaces/kube-system": { metadata: { uid: "218fc5a9" } } };
    const user = { token: "t" };
    const uidAt = (server: string, patience?: Patience) =>
      clusterUid(kubeconfigFor(server, user), patience);

    /** Runs work with a proxy that leads everything to a port, or nothing anywhere. */
    async function withProxy<T>(
      port: number | undefined,
      work: (proxy: string, asked: string[], closed: Promise<unknown>) => Promise<T>,
    ): Promise<T> {
      const asked: string[] = [];
      const proxy = http.createServer();
      const closed = new Promise((resolve) =>
        proxy.on("connect", (request: http.IncomingMessage, socket: net.Socket) => {
          asked.push(request.url ?? "");
          socket.on("error", () => undefined).once("close", resolve);
          if (port === undefined) return socket.resume().once("end", () => socket.end());
          const to = net.connect(port, "127.0.0.1", () => {
            socket.write("HTTP/1.1 200 OK\r\n\r\n");
            socket.pipe(to).pipe(socket);
          });
        }),
      );
      await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
      try {
        return await work(`127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked, closed);
      } finally {
        proxy.closeAllConnections();
        proxy.close();
      }
    }

    it("is read by plain HTTP, as kubectl proxy speaks it, with the scheme or without", async () => {
      await withApi(answers, async (_, __, kubeconfig) => {
        const port = /127\.0\.0\.1:(\d+)/.exec(kubeconfig)?.[1];
        for (const server of [`http://127.0.0.1:${port}`, `127.0.0.1:${port}`]) {
          assert.deepEqual(await uidAt(server), { uid: "218fc5a9" }, server);
        }
      });
    });

    it("is reached through the proxy of the environment", async () => {
      await withApi(answers, async (_, __, kubeconfig) => {
        const port = /127\.0\.0\.1:(\d+)/.exec(kubeconfig)?.[1];
        await withProxy(Number(port), async (proxy, asked) => {
          process.env.HTTP_PROXY = `http://${proxy}`;
          assert.deepEqual(await uidAt("http://cluster.invalid"), { uid: "218fc5a9" });
          assert.deepEqual(asked, ["cluster.invalid:80"]);
        });
      });
    });

    it("waits for a proxy that does not answer no longer than for an answer, and leaves no request open", async () => {
      await withProxy(undefined, async (proxy, asked, closed) => {
        process.env.HTTPS_PROXY = proxy;
        assert.deepEqual(await uidAt("https://cluster.invalid", { answer: 300 }), {
          unseen: "the API server did not answer in time",
        });
        assert.deepEqual(asked, ["cluster.invalid:443"]);
        await closed;
      });
    });
  });

  it("waits for a login no longer than its time, and ends it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "gpu-serving-login-"));
    const file = join(folder, "pid");
    const exec = { command: "sh", args: ["-c", `echo $$ > ${file}; sleep 60`] };
    try {
      assert.deepEqual(
        await clusterUid(kubeconfigFor("http://127.0.0.1:1", { exec }), { login: 500 }),
        {
          unseen: "the login did not end within 0.5 s: sh",
        },
      );
      const pid = Number(readFileSync(file, "utf8"));
      assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is refused for good where the command of its login is not there", async () => {
    const exec = { command: "no-such-login-command" };
    const cluster = await clusterOf(kubeconfigFor("http://127.0.0.1:1", { exec }));
    await assert.rejects(
      cluster.observe(chat),
      (error) => error instanceof NoAnswer && error.refused && /not installed/.test(error.message),
    );
  });

  it("waits for an answer no longer than its time, and leaves no request open", async () => {
    const server = net.createServer();
    const closed = new Promise<void>((resolve) =>
      server.once("connection", (socket) =>
        socket
          .resume()
          .on("error", () => undefined)
          .once("close", () => resolve()),
      ),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const kubeconfig = kubeconfigFor(`http://127.0.0.1:${port}`);
    assert.deepEqual(await clusterUid(kubeconfig, { answer: 200 }), {
      unseen: "the API server did not answer in time",
    });
    await closed;
    server.close();
  });

  it("reads the last lines of a container, of the run before where there are none", async () => {
    const { lines, asked } = await withApi(
      { [`${core}/pods/chat-1/log`]: "Traceback\n\nValueError: no\n" },
      async (cluster, asked) => ({
        lines: await cluster.lastLines("vision", {
          pod: "chat-1",
          container: "server",
          previous: true,
        }),
        asked,
      }),
    );
    assert.deepEqual(lines, ["Traceback", "ValueError: no"]);
    assert.match(asked.join(), /log\?container=server&previous=true&tailLines=10/);
    const none = await withApi({}, async (cluster, asked) => {
      await cluster.lastLines("vision", { pod: "chat-1", container: "server", previous: true });
      return asked;
    });
    assert.equal(none.length, 2);
  });

  it("finds the Deployments and DaemonSets with a label", async () => {
    const found = await withApi(
      {
        "/apis/apps/v1/deployments": { items: [deployment] },
        "/apis/apps/v1/daemonsets": { items: [] },
      },
      (cluster) => cluster.labelled("gpu-serving/stack=prod"),
    );
    assert.deepEqual(found, [chat]);
  });
});
