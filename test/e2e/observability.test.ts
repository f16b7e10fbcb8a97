import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { dashboards } from "../../components/monitoring/dashboards";
import { grafanaImage } from "../../components/monitoring/grafana";
import { prometheusImage } from "../../components/monitoring/prometheus";
import { stateMetricsImage } from "../../components/monitoring/state-metrics";
import { loadSidecarImages } from "../../local/sidecar-images";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

const name = "e2e-observability";
const watching = "e2e-watching";
const image = "digits:e2e-1";
const key = "a key of the test";

/** A server with llama.cpp's figures at a port of their own; with a key it shows them to nobody else. */
const server = `
import http.server, os, threading
key = os.environ.get("KEY")
class Figures(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        allowed = key is None or self.headers.get("Authorization") == f"Bearer {key}"
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        if allowed: self.wfile.write(b"llamacpp:requests_deferred 7\\nllamacpp:requests_processing 2\\n")
    def log_message(self, *_): pass
threading.Thread(target=http.server.ThreadingHTTPServer(("", 9100), Figures).serve_forever, daemon=True).start()
http.server.ThreadingHTTPServer(("", 8000), http.server.SimpleHTTPRequestHandler).serve_forever()
`;
const queue = {
  ...{ image, cpu: "50m", memory: "128Mi", startup: "3m", drain: "0s" },
  command: ["python", "-c", server],
  metrics: { path: "/metrics", port: 9100 },
};

/** What Prometheus answers to a query: the labels and the value of each series. */
interface Answer {
  data: { result: { metric: Record<string, string>; value: [number, string] }[] };
}

describe("observability on the local cluster", function () {
  this.timeout(20 * 60_000);
  this.slow(120_000);
  inSteps(this);

  const local = cluster(this);

  function pulumi(command: string[], services: object, mayFail = false) {
    const file = join(local.folder, `Pulumi.${name}.yaml`);
    const config = {
      cluster: { kind: "existing", kubeconfig: local.kubeconfig },
      namespaces: { [name]: {} },
      observability: { namespace: watching, disk: "1Gi", memory: "512Mi" },
      services,
    };
    writeFileSync(file, stringify({ config }));
    return local.pulumi([...command, "--stack", name, "--config-file", file], mayFail);
  }
  const up = (services: object) => pulumi(["up", "--yes", "--skip-preview"], services);

  /** Asks Prometheus by the way of the API server, as kubectl's proxy does. */
  async function ask(path: string): Promise<unknown> {
    const at = `/api/v1/namespaces/${watching}/services/prometheus:9090/proxy/api/v1/${path}`;
    const { stdout } = await local.kubectl(["get", "--raw", at]);
    return JSON.parse(stdout);
  }

  /** The series of a query, once there are so many. */
  async function series(query: string, count = 1) {
    for (const end = Date.now() + 180_000; ; await sleep(2000)) {
      const { data } = (await ask(`query?query=${encodeURIComponent(query)}`)) as Answer;
      if (data.result.length >= count) return data.result;
      if (Date.now() > end) {
        const targets = JSON.stringify(await ask("targets?state=active")).slice(0, 4000);
        throw new Error(`${data.result.length} of ${count} series of ${query}\n${targets}`);
      }
    }
  }

  before(async () => {
    await local.image(image, { VERSION: "1" });
    await loadSidecarImages([prometheusImage, stateMetricsImage, grafanaImage]);
    await local.newStack(name);
  });
  after(async () => {
    await pulumi(["destroy", "--yes", "--skip-preview"], {}, true);
    await local.pulumi(["stack", "rm", name, "--yes"], true);
  });

  it("reads the figures of each replica of a service, each once, through its network policy", async () => {
    await up({ queue: { ...queue, replicas: 2 } });

    const found = await series('llamacpp:requests_deferred{app="queue"}', 2);
    assert.equal(found.length, 2);
    assert.equal(new Set(found.map(({ metric }) => metric.pod)).size, 2);
    for (const { metric, value } of found) {
      assert.deepEqual([metric.namespace, metric.job, value[1]], [name, "gpu-serving", "7"]);
    }
  });

  it("answers the query that a dashboard shows and an autoscaler asks", async () => {
    const [sum] = await series(
      `sum(llamacpp:requests_deferred{namespace="${name}",app="queue"}) > 0`,
    );
    assert.equal(sum?.value[1], "14");
  });

  it("knows how many replicas are wanted and ready, and loads all alerts", async () => {
    const selector = `{namespace="${name}",deployment="queue"}`;
    const [ready] = await series(`kube_deployment_status_replicas_ready${selector} == 2`);
    assert.equal(ready?.value[1], "2");
    const { data } = (await ask("rules")) as {
      data: { groups: { rules: { health: string }[] }[] };
    };
    const rules = data.groups.flatMap((group) => group.rules);
    assert.ok(rules.length >= 10, `${rules.length} alerts`);
    assert.deepEqual([...new Set(rules.map(({ health }) => health))], ["ok"]);
  });

  it("takes every query of every dashboard", async () => {
    const values = { namespace: name, app: "queue", node: ".*" };
    for (const [file, { panels }] of Object.entries(dashboards())) {
      for (const { expr } of panels.flatMap(({ targets }) => targets)) {
        const query = Object.entries(values).reduce(
          (text, [variable, value]) => text.replaceAll(`$${variable}`, value),
          expr,
        );
        assert.ok(!query.includes("$"), `${file}: ${query}`);
        await ask(`query?query=${encodeURIComponent(query)}`);
      }
    }
    const wanted = dashboards()["gpu-serving-llama-cpp.json"]?.panels.find(
      ({ title }) => title === "Replicas",
    )?.targets[0]?.expr;
    const query = wanted?.replaceAll("$namespace", name).replaceAll("$app", "queue");
    const [replicas] = await series(`${query}`);
    assert.equal(replicas?.value[1], "2");
  });

  it("tells of a replica that shows its figures to nobody", async () => {
    await up({ queue: { ...queue, env: { KEY: key } } });

    const [down] = await series('up{job="gpu-serving",app="queue"} == 0');
    assert.equal(down?.metric.namespace, name);
  });

  it("keeps its figures when its pod is replaced", async () => {
    const before = Math.floor(Date.now() / 1000);
    await local.kubectl(["delete", "pod", "-n", watching, "prometheus-0", "--wait"]);
    await local.kubectl([
      ...["wait", "-n", watching, "--for=condition=Ready", "pod/prometheus-0", "--timeout=180s"],
    ]);

    const then = `query?query=${encodeURIComponent('count(up{job="gpu-serving"})')}&time=${before}`;
    const { data } = (await ask(then)) as Answer;
    assert.ok(data.result.length > 0, "nothing is left of the time before");
  });
});
