import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { stringify } from "yaml";
import { NoAnswer } from "../../rollouts/ask";
import { clusterOf, clusterUid, imagesOnNodes } from "../../rollouts/cluster";
import type { Cluster, Workload } from "../../rollouts/cluster";
import { lastTime } from "../../rollouts/workload";
import { suiteFolder } from "../support/folder";
import { listening } from "../support/port";

const apps = "/apis/apps/v1/namespaces/vision";
const core = "/api/v1/namespaces/vision";
const kubeSystem = "/api/v1/namespaces/kube-system";
const list = (...items: object[]) => ({ items });
const metadata = (name: string, more: object = {}) => ({
  ...{ name, namespace: "vision", uid: name, ...more },
});
const revision = (number: string) => ({
  annotations: { "deployment.kubernetes.io/revision": number },
});
const chat = { kind: "Deployment", namespace: "vision", name: "chat" } as const;
const deployment = {
  metadata: metadata("chat", { generation: 3, ...revision("2") }),
  spec: { replicas: 2, selector: { matchLabels: { app: "chat" } }, template: {} },
  status: { observedGeneration: 3, replicas: 3, updatedReplicas: 1, availableReplicas: 2 },
};
const set = (name: string, number: string) => ({
  metadata: metadata(name, { ...revision(number), ownerReferences: [{ uid: "chat" }] }),
});
const pod = (name: string, owner: string, more: object = {}) => ({
  metadata: metadata(name, { ownerReferences: [{ uid: owner }], ...more }),
  spec: { containers: [{ name: "server", image: "chat:v2" }] },
  status: { phase: "Pending" },
});

function kubeconfigFor(server: string, user: object = {}): string {
  return stringify({
    clusters: [{ name: "c", cluster: { server } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user }],
    "current-context": "c",
  });
}

/** Answers by path, to one token; everything that was asked is noted. */
async function withApi<T>(
  answers: Record<string, unknown>,
  work: (cluster: Cluster, kubeconfig: string, port: number) => Promise<T>,
  { user = { token: "t" }, token = "t" }: { user?: object; token?: string } = {},
): Promise<{ found: T; asked: string[] }> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://api");
    asked.push(decodeURIComponent(url.pathname + url.search));
    const isKnown = request.headers.authorization === `Bearer ${token}`;
    const answer = isKnown ? (answers[url.pathname] ?? 404) : 401;
    const code = typeof answer === "number" ? answer : 200;
    const type = typeof answer === "string" ? "text/plain" : "application/json";
    response.writeHead(code, { "content-type": type });
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  const port = await listening(server);
  const kubeconfig = kubeconfigFor(`http://127.0.0.1:${port}`, user);
  try {
    return { found: await work(await clusterOf(kubeconfig), kubeconfig, port), asked };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** What is seen of a workload, the names of its pods, and what was asked for. */
async function look(workload: Workload, answers: Record<string, unknown>) {
  const { found, asked } = await withApi(answers, (cluster) => cluster.observe(workload));
  return { ...found, names: found?.pods.map(({ metadata }) => metadata?.name), asked };
}

describe("the reader of a cluster", () => {
  it("sees the pods of a Deployment's newest version, and what happened to them", async () => {
    const event = {
      metadata: metadata("e"),
      ...{ reason: "Unhealthy", message: "no", lastTimestamp: null },
      eventTime: "2026-11-29T12:00:09.123456Z",
      involvedObject: { name: "new-1", fieldPath: "spec.containers{server}" },
    };
    const ready = { status: { conditions: [{ type: "Ready", status: "True" }] } };
    const { wanted, names, events, asked } = await look(chat, {
      [`${apps}/deployments/chat`]: deployment,
      [`${apps}/replicasets`]: list(set("old", "1"), set("new", "2")),
      [`${core}/pods`]: list(
        ...[pod("old-1", "old"), pod("new-1", "new"), { ...pod("new-2", "new"), ...ready }],
      ),
      [`${core}/events`]: list(event),
    });
    assert.deepEqual([wanted, names], [2, ["new-1", "new-2"]]);
    const [seen] = events ?? [];
    assert.equal(seen && lastTime(seen)?.getTime(), Date.parse("2026-11-29T12:00:09.123Z"));
    assert.ok(asked.some((one) => one.startsWith(`${core}/pods?labelSelector=app=chat`)));
    assert.deepEqual(
      asked.filter((one) => one.includes("/events")),
      [`${core}/events?fieldSelector=involvedObject.name=new-1,involvedObject.uid=new-1`],
    );
  });

  it("sees the pods of a Job, and what happened to it and to them", async () => {
    const study = { kind: "Job", namespace: "vision", name: "study" } as const;
    const { complete, wanted, names, asked } = await look(study, {
      "/apis/batch/v1/namespaces/vision/jobs/study": {
        metadata: metadata("study", { generation: 1 }),
        spec: { parallelism: 2, selector: { matchLabels: { run: "study" } }, template: {} },
        status: { active: 2, ready: 0 },
      },
      [`${core}/pods`]: list(pod("study-0", "study"), pod("other", "other")),
      [`${core}/events`]: list(),
    });
    assert.deepEqual([complete, wanted, names], [false, 2, ["study-0"]]);
    assert.ok(asked.some((one) => one.startsWith(`${core}/pods?labelSelector=run=study`)));
    for (const name of ["study", "study-0"]) {
      assert.ok(asked.join().includes(`involvedObject.name=${name},`), name);
    }
  });

  describe("of a DaemonSet, sees its newest version", () => {
    const plugin = { kind: "DaemonSet", namespace: "vision", name: "plugin" } as const;
    const on = (nodeName: string, generation: string, ready: string) => {
      const labels = { "pod-template-generation": generation };
      const one = pod(`plugin-${nodeName}`, "plugin", { labels });
      const conditions = [{ type: "Ready", status: ready }];
      return { ...one, spec: { ...one.spec, nodeName }, status: { phase: "Running", conditions } };
    };
    const seen = async (pods: object[], node?: unknown) => {
      const annotations = { "deprecated.daemonset.template.generation": "2" };
      const counts = { desiredNumberScheduled: 3, updatedNumberScheduled: 2, numberAvailable: 2 };
      const { complete, away, names } = await look(plugin, {
        [`${apps}/daemonsets/plugin`]: {
          metadata: metadata("plugin", { generation: 2, annotations }),
          spec: { selector: { matchLabels: { app: "plugin" } }, template: {} },
          status: { observedGeneration: 2, ...counts },
        },
        [`${core}/pods`]: list(...pods),
        ...{ [`${core}/events`]: list(), "/api/v1/nodes/c": node },
      });
      return { complete, away, names };
    };
    const node = (status: string) => ({ status: { conditions: [{ type: "Ready", status }] } });
    const both = [on("a", "2", "True"), on("b", "2", "True")];
    const names = ["plugin-a", "plugin-b"];
    const pods = [...both, on("c", "1", "False")];

    it("in place where only a node that is not ready lacks it", async () => {
      const away = ["c"];
      assert.deepEqual(await seen(pods, node("Unknown")), { complete: true, away, names });
      const rolls = [on("a", "2", "True"), on("b", "1", "True"), on("c", "2", "False")];
      const found = await seen(rolls, node("False"));
      assert.deepEqual(found, { complete: false, away, names: ["plugin-a"] });
    });

    it("not in place where the node is ready, may not be looked at, or is gone", async () => {
      for (const c of [node("True"), 403, undefined]) {
        assert.deepEqual(await seen(pods, c), { complete: false, away: [], names });
      }
    });
  });

  describe("sees the groups of a LeaderWorkerSet", () => {
    const giant = { kind: "LeaderWorkerSet", namespace: "vision", name: "giant" } as const;
    const label = "leaderworkerset.sigs.k8s.io";
    const set = "/apis/leaderworkerset.x-k8s.io/v1/namespaces/vision/leaderworkersets/giant";
    const answers = {
      [set]: { metadata: metadata("giant", { generation: 2 }), status: { observedGeneration: 2 } },
      [`${apps}/statefulsets/giant`]: {
        metadata: metadata("giant", { labels: { [`${label}/template-revision-hash`]: "b" } }),
        spec: {
          ...{ replicas: 1, selector: {}, serviceName: "giant" },
          template: { metadata: { annotations: { [`${label}/size`]: "2" } } },
        },
        status: { replicas: 1 },
      },
      [`${core}/pods`]: list(
        pod("giant-0", "giant", { labels: { [`${label}/template-revision-hash`]: "b" } }),
      ),
      [`${core}/events`]: list(),
    };

    it("by it, the StatefulSet of its leaders, and the pods of all of them", async () => {
      const { seen, wanted, names, asked } = await look(giant, answers);
      assert.deepEqual([seen, wanted, names], [true, 2, ["giant-0"]]);
      assert.ok(asked.includes(`${core}/pods?labelSelector=${label}/name=giant`));
    });

    it("as not begun before there is a StatefulSet, and not at all without it", async () => {
      const { complete, seen } = await look(giant, {
        ...answers,
        [`${apps}/statefulsets/giant`]: 404,
      });
      assert.deepEqual([complete, seen], [false, false]);
      const { found } = await withApi({ ...answers, [set]: 404 }, (cluster) =>
        cluster.observe(giant),
      );
      assert.equal(found, undefined);
    });
  });

  it("sees nothing of what does not exist", async () => {
    for (const kind of ["Deployment", "DaemonSet", "Job"] as const) {
      const { found } = await withApi({}, (cluster) => cluster.observe({ ...chat, kind }));
      assert.equal(found, undefined);
    }
  });

  it("says whether it was refused, or may be answered later", async () => {
    for (const [code, refused] of [
      [403, true],
      [401, true],
      [500, false],
    ] as const) {
      await assert.rejects(
        look(chat, { [`${apps}/deployments/chat`]: code }),
        (error) => error instanceof NoAnswer && error.refused === refused,
      );
    }
  });

  it("tells a cluster from every other one by the uid of kube-system, where it may read that", async () => {
    const uidOf = async (answers: Record<string, unknown>) =>
      (await withApi(answers, (_, kubeconfig) => clusterUid(kubeconfig))).found;
    const uid = "218fc5a9";
    assert.deepEqual(await uidOf({ [kubeSystem]: { metadata: { uid } } }), { uid });
    assert.deepEqual(await uidOf({ [kubeSystem]: 403 }), { unseen: "the API server answers 403" });
    assert.deepEqual(await uidOf({}), { unseen: "it shows no namespace kube-system" });
    const nowhere = { unseen: "the kubeconfig leads to no cluster" };
    assert.deepEqual(await clusterUid("kind: Config"), nowhere);
  });

  it("names the images of all nodes, where each node names all of its own", async () => {
    const node = (...names: string[][]) => ({
      status: { images: names.map((of) => ({ names: of })) },
    });
    const imagesOf = async (...nodes: object[]) =>
      (await withApi({ "/api/v1/nodes": list(...nodes) }, (_, text) => imagesOnNodes(text))).found;
    const [a, b] = ["gpu-serving.local/a:1", "gpu-serving.local/b:1"];
    const both = await imagesOf(node([a, "a@sha256:1"]), { status: {} }, node([b]));
    assert.deepEqual([...(both ?? [])], [a, "a@sha256:1", b]);
    assert.equal(
      await imagesOf(node(...Array.from({ length: 50 }, (_, at) => [`${at}`]))),
      undefined,
    );
    assert.equal(await imagesOf(), undefined);
    assert.equal(await imagesOnNodes("kind: Config"), undefined);
  });

  it("reads the last lines of a container, of the run before where there are none", async () => {
    const of = { pod: "chat-1", container: "server", previous: true };
    const read = (answers: Record<string, unknown>) =>
      withApi(answers, (cluster) => cluster.lastLines("vision", of));
    const log = `${core}/pods/chat-1/log`;
    const { found, asked } = await read({ [log]: "Traceback\n\nValueError: no\n" });
    assert.deepEqual(found, ["Traceback", "ValueError: no"]);
    assert.match(asked.join(), /log\?container=server&previous=true&tailLines=10/);
    assert.match((await read({})).asked.join(), /previous=true.*previous=false/);
    const removed = { [log]: "unable to retrieve container logs for containerd://04c8ac9e" };
    const { found: none, asked: both } = await read(removed);
    assert.deepEqual(none, []);
    assert.match(both.join(), /previous=true.*previous=false/);
  });

  it("finds the Deployments and DaemonSets with a label, in all namespaces or in some", async () => {
    const plugin = { metadata: metadata("plugin") };
    for (const [namespaces, path] of [
      [undefined, "/apis/apps/v1"],
      [["vision"], apps],
    ] as const) {
      const { found, asked } = await withApi(
        { [`${path}/deployments`]: list(deployment), [`${path}/daemonsets`]: list(plugin) },
        (cluster) => cluster.labelled("gpu-serving/stack=prod", namespaces),
      );
      assert.deepEqual(found, [chat, { ...chat, kind: "DaemonSet", name: "plugin" }]);
      for (const one of asked) assert.match(one, /\?labelSelector=gpu-serving\/stack=prod$/);
    }
  });

  describe("that logs in", () => {
    const folder = suiteFolder();

    /** A login whose tokens are good for an hour, as it says: t1, then t2 and so on. */
    function login(name: string) {
      const file = join(folder, name);
      const status = `{"token":"t'$n'","expirationTimestamp":"${new Date(Date.now() + 3_600_000).toISOString()}"}`;
      const script = `n=$(($(cat ${file} 2>/dev/null || echo 0) + 1)); echo $n > ${file}; echo '{"status":${status}}'`;
      const apiVersion = "client.authentication.k8s.io/v1";
      const user = { exec: { apiVersion, command: "sh", args: ["-c", script] } };
      return { user, times: () => Number(readFileSync(file, "utf8")) };
    }
    const answers = {
      [`${apps}/deployments/chat`]: deployment,
      ...{ [`${apps}/replicasets`]: list(), [`${core}/pods`]: list() },
    };
    const observe = (cluster: Cluster) => cluster.observe(chat);

    it("logs in once more where the cluster no longer takes the token, and asks again", async () => {
      const { user, times } = login("renewed");
      assert.equal((await withApi(answers, observe, { user, token: "t2" })).found?.wanted, 2);
      assert.equal(times(), 2);
    });

    it("is refused where the next token is no better", async () => {
      const { user, times } = login("refused");
      await assert.rejects(
        withApi(answers, observe, { user, token: "none" }),
        (error) => error instanceof NoAnswer && error.refused,
      );
      assert.equal(times(), 2);
    });

    it("waits for a login no longer than its time, and ends it", async () => {
      const file = join(folder, "pid");
      const exec = { command: "sh", args: ["-c", `echo $$ > ${file}; sleep 60`] };
      const kubeconfig = kubeconfigFor("http://127.0.0.1:1", { exec });
      const unseen = "the login did not end within 0.5 s: sh";
      const seen = await clusterUid(kubeconfig, { login: 500 });
      assert.deepEqual("unseen" in seen && [seen.unseen, seen.login?.message], [unseen, unseen]);
      assert.throws(() => process.kill(Number(readFileSync(file, "utf8")), 0), { code: "ESRCH" });
    });

    it("is refused for good where the command of its login is not there", async () => {
      const exec = { command: "no-such-login-command" };
      const cluster = await clusterOf(kubeconfigFor("http://127.0.0.1:1", { exec }));
      await assert.rejects(
        observe(cluster),
        (error) => error instanceof NoAnswer && error.refused && /not inst/.test(error.message),
      );
    });
  });

  describe("on another way than straight to it by TLS", () => {
    const before = { ...process.env };
    const variables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [
      ...[name, name.toLowerCase()],
    ]);
    beforeEach(() => variables.forEach((name) => delete process.env[name]));
    afterEach(() => {
      variables.forEach((name) => delete process.env[name]);
      Object.assign(process.env, before);
    });
    const answers = { [kubeSystem]: { metadata: { uid: "218fc5a9" } } };
    const uidAt = (server: string, answer?: number) =>
      clusterUid(kubeconfigFor(server, { token: "t" }), { answer });
    const tooLate = { unseen: "the API server did not answer in time" };

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
      try {
        return await work(`127.0.0.1:${await listening(proxy)}`, asked, closed);
      } finally {
        proxy.closeAllConnections();
        proxy.close();
      }
    }

    it("is read by plain HTTP, as kubectl proxy speaks it, with the scheme or without", async () => {
      await withApi(answers, async (_, __, port) => {
        for (const server of [`http://127.0.0.1:${port}`, `127.0.0.1:${port}`]) {
          assert.deepEqual(await uidAt(server), { uid: "218fc5a9" }, server);
        }
      });
    });

    it("is reached through the proxy of the environment", async () => {
      await withApi(answers, (_, __, port) =>
        withProxy(port, async (proxy, asked) => {
          process.env.HTTP_PROXY = `http://${proxy}`;
          assert.deepEqual(await uidAt("http://cluster.invalid"), { uid: "218fc5a9" });
          assert.deepEqual(asked, ["cluster.invalid:80"]);
        }),
      );
    });

    it("waits for a proxy that does not answer no longer than for an answer, and leaves no request open", async () => {
      await withProxy(undefined, async (proxy, asked, closed) => {
        process.env.HTTPS_PROXY = proxy;
        assert.deepEqual(await uidAt("https://cluster.invalid", 300), tooLate);
        assert.deepEqual(asked, ["cluster.invalid:443"]);
        await closed;
      });
    });

    it("waits for an answer no longer than its time, and leaves no request open", async () => {
      const server = net.createServer();
      const closed = new Promise((resolve) =>
        server.once("connection", (socket) =>
          socket
            .resume()
            .on("error", () => undefined)
            .once("close", resolve),
        ),
      );
      assert.deepEqual(await uidAt(`http://127.0.0.1:${await listening(server)}`, 200), tooLate);
      await closed;
      server.close();
    });
  });
});
