import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { Monitoring, type MonitoringArgs } from "../../../components/monitoring/monitoring";
import { aCluster, l4 } from "../../support/clusters";
import { at, deploy, valueOf, type Run } from "../../support/deploy";

const types = {
  server: "kubernetes:apps/v1:StatefulSet",
  deployment: "kubernetes:apps/v1:Deployment",
  daemon: "kubernetes:apps/v1:DaemonSet",
  policy: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  map: "kubernetes:core/v1:ConfigMap",
  role: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
};
const pod = "spec.template.spec";

const cpu = { select: { pool: "cpu" }, nodes: { min: 0, max: 1 } };

const run = (args: Partial<MonitoringArgs> = {}) =>
  deploy(
    () =>
      new Monitoring("observability", {
        cluster: aCluster({ pools: { l4 } }),
        namespaces: ["chat"],
        ...args,
      }),
  );

/** Every pod that was declared. */
const podsOf = ({ resources }: Run<object>) =>
  resources.filter((it) => at(it, `${pod}.containers[0].image`) !== undefined);

describe("the monitoring of a stack", () => {
  it("hands its provider to every child: objects of its namespace that of own namespaces, others the cluster's", async () => {
    const { resources } = await run({ gpuExporter: true });
    const own = /cluster-own-namespaces/;

    for (const it of resources.filter(({ type }) => type.startsWith("kubernetes:"))) {
      const inside = at(it, "metadata.namespace") === "observability";
      assert.match(it.provider, /cluster/, `${it.type} ${it.name}`);
      if (!/-(?:limits|closed|dns)$/.test(it.name)) {
        assert.equal(own.test(it.provider), inside, `${it.type} ${it.name}`);
      }
    }
  });

  it("pins every image", async () => {
    const images = podsOf(await run({ gpuExporter: true })).map((it) => [
      it.name,
      at(it, `${pod}.containers[0].image`),
    ]);

    assert.deepEqual(Object.fromEntries(images), {
      prometheus: "docker.io/prom/prometheus:v3.13.4",
      grafana: "docker.io/grafana/grafana:13.2.3",
      "kube-state-metrics": "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.20.0",
      "dcgm-exporter": "nvcr.io/nvidia/k8s/dcgm-exporter:4.5.3-4.8.2-distroless",
    });
  });

  it("passes the Pod Security Standard that its namespace enforces", async () => {
    const found = await run();

    for (const it of podsOf(found)) {
      assert.equal(at(it, `${pod}.securityContext.runAsNonRoot`), true, it.name);
      assert.deepEqual(at(it, `${pod}.securityContext.seccompProfile`), { type: "RuntimeDefault" });
      assert.deepEqual(at(it, `${pod}.containers[0].securityContext`), {
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        capabilities: { drop: ["ALL"] },
      });
    }
    const namespace = found.find("kubernetes:core/v1:Namespace", "observability");
    assert.equal(
      at(namespace, "metadata.labels")?.["pod-security.kubernetes.io/enforce" as never],
      "restricted",
    );
  });

  it("lets Prometheus look at pods, and nothing at Secrets", async () => {
    const { resources } = await run();
    const rules = resources.filter(({ type }) => type === types.role).map((it) => at(it, "rules"));

    assert.deepEqual(rules, [
      [
        { apiGroups: [""], resources: ["nodes", "pods"], verbs: ["list", "watch"] },
        {
          apiGroups: ["apps"],
          resources: ["deployments", "statefulsets"],
          verbs: ["list", "watch"],
        },
      ],
      [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }],
    ]);
  });

  it("keeps figures for 15 days on a disk of 50 GiB, of which four fifths may fill, or as long and as many as is said", async () => {
    const usual = await run();
    const said = await run({ retention: 3600, diskMiB: 1000 });
    const args = ({ find }: Run<object>) => {
      const all = at(find(types.server, "prometheus"), `${pod}.containers[0].args`);
      return (all as string[]).filter((arg) => arg.includes("retention"));
    };

    assert.deepEqual(args(usual), [
      "--storage.tsdb.retention.time=1296000s",
      "--storage.tsdb.retention.size=40960MB",
    ]);
    assert.deepEqual(args(said), [
      "--storage.tsdb.retention.time=3600s",
      "--storage.tsdb.retention.size=800MB",
    ]);
    const claim = usual.find("kubernetes:core/v1:PersistentVolumeClaim", "prometheus-disk");
    assert.equal(at(claim, "spec.resources.requests.storage"), "51200Mi");
  });

  it("gives Prometheus keys as files of a Secret, and not in its configuration", async () => {
    const key = pulumi.secret("k3y");
    const { find, resources } = await run({ keyed: [{ name: "chat", namespace: "chat", key }] });
    const secret = find("kubernetes:core/v1:Secret", "prometheus-keys");

    assert.deepEqual(secret.secrets, ["data"]);
    assert.deepEqual(at(secret, "data"), { chat: Buffer.from("k3y").toString("base64") });
    const config = at(find(types.map, "prometheus-config"), "data") as Record<string, string>;
    assert.ok(config["prometheus.yaml"]?.includes("/etc/prometheus-keys/chat"));
    const others = resources.filter((it) => it !== secret).map(({ inputs }) => inputs);
    assert.ok(!JSON.stringify(others).includes("k3y"));
  });

  it("opens Prometheus to Grafana and to whom it is told, Grafana to nobody", async () => {
    const { find } = await run({ readers: [{ namespace: "keda" }] });
    const ingress = (of: string) => at(find(types.policy, `${of}-network`), "spec.ingress");

    assert.deepEqual(ingress("prometheus"), [
      {
        ports: [{ protocol: "TCP", port: 9090 }],
        from: [
          { podSelector: { matchLabels: { app: "grafana" } } },
          { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "keda" } } },
        ],
      },
    ]);
    assert.deepEqual(ingress("grafana"), []);
    assert.deepEqual(ingress("kube-state-metrics"), [
      {
        ports: [{ protocol: "TCP", port: 8080 }],
        from: [{ podSelector: { matchLabels: { app: "prometheus" } } }],
      },
    ]);
  });

  it("lets nobody log in to Grafana without a password, and the user admin with one", async () => {
    const env = ({ find }: Run<object>) =>
      at(find(types.deployment, "grafana"), `${pod}.containers[0].env`) as { name: string }[];
    const names = (of: Run<object>) => env(of).map(({ name }) => name);
    const without = names(await run());
    const withOne = await run({ adminPassword: pulumi.secret("pa55") });

    assert.ok(without.includes("GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"));
    assert.ok(without.includes("GF_AUTH_ANONYMOUS_ENABLED"));
    assert.ok(!names(withOne).includes("GF_AUTH_ANONYMOUS_ENABLED"));
    assert.ok(names(withOne).includes("GF_SECURITY_ADMIN_PASSWORD"));
    const secret = withOne.find("kubernetes:core/v1:Secret", "grafana-admin");
    assert.deepEqual(at(secret, "data"), { password: Buffer.from("pa55").toString("base64") });
  });

  it("rolls Prometheus when what it reads or its alerts change", async () => {
    const name = async (args: Partial<MonitoringArgs>) =>
      at((await run(args)).find(types.map, "prometheus-config"), "metadata.name");

    const usual = await name({});
    assert.equal(await name({}), usual);
    assert.notEqual(await name({ firstToken: 3 }), usual);
    assert.notEqual(await name({ alertmanager: "http://alerts:9093" }), usual);
  });

  it("puts NVIDIA's exporter on the nodes of pools with NVIDIA's GPUs, where it is asked to", async () => {
    const cluster = () => aCluster({ pools: { l4, cpu } });
    const { find } = await deploy(
      () =>
        new Monitoring("observability", {
          cluster: cluster(),
          namespaces: ["a"],
          gpuExporter: true,
        }),
    );
    const daemon = find(types.daemon, "dcgm-exporter");

    assert.equal(at(daemon, "metadata.namespace"), "kube-system");
    assert.deepEqual(
      at(
        daemon,
        `${pod}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`,
      ),
      [{ matchExpressions: [{ key: "example.com/pool", operator: "In", values: ["l4"] }] }],
    );
    const { resources } = await run();
    assert.ok(!resources.some(({ type }) => type === types.daemon));
  });

  it("gives Grafana the dashboards and the address of Prometheus", async () => {
    const { find, result } = await run();
    const boards = at(find(types.map, "grafana-dashboards"), "data") as Record<string, string>;
    const files = at(find(types.map, "grafana-provisioning"), "data") as Record<string, string>;
    const sources = parse(files["datasources.yaml"] ?? "") as { datasources: { url: string }[] };

    assert.equal(Object.keys(boards).length, 5);
    assert.deepEqual(
      sources.datasources.map(({ url }) => url),
      ["http://prometheus.observability.svc.cluster.local:9090"],
    );
    assert.equal(
      await valueOf(result.prometheus),
      "http://prometheus.observability.svc.cluster.local:9090",
    );
    assert.equal(
      await valueOf(result.grafana),
      "kubectl --namespace observability port-forward service/grafana 3000:80",
    );
  });
});
