import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { kubectl } from "../../local/cluster";
import { run } from "../../process/run";
import { assertConnections } from "../support/connections";
import { podsOf } from "../support/containers";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

const namespace = "e2e-pods";
/** Namespaces of others: one is a caller, the other is not. */
const monitoring = "e2e-pods-monitoring";
const others = "e2e-pods-others";
const image = "digits:e2e-1";
const ports = { main: 8000, rest: 8001, metrics: 8002, management: 8003, tls: 8443 };

/** A server on several ports, one of them with TLS, that says as whom and with what it runs. */
const program = `
import http.server, json, os, socket, ssl, threading
def read(file):
    try:
        return open(file).read().strip()
    except OSError as error:
        return error.strerror
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        said = {
            "user": os.getuid(), "group": os.getgid(),
            "env": {name: os.environ[name] for name in os.environ if name.startswith("SAYS_")},
            "files": {file: read(file) for file in ["/etc/mode", "/work/prepared"]},
            "licences": socket.gethostbyname("licence-server"),
            "token": os.path.exists("/var/run/secrets/kubernetes.io/serviceaccount/token"),
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())
    def log_message(self, *_):
        pass
for port in [${Object.values(ports).join(", ")}]:
    server = http.server.ThreadingHTTPServer(("", port), Answer)
    if port == ${ports.tls}:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("/etc/tls/tls.crt", "/etc/tls/tls.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever).start()
`;
const small = { image, cpu: "20m", cpuLimit: "1", memory: "64Mi" };
const server = {
  ...small,
  command: ["python", "-c", program],
  user: 4242,
  startup: "1m",
  drain: "1s",
  health: { path: "/ready", port: ports.tls, https: true },
  ports: {
    rest: ports.rest,
    metrics: { port: ports.metrics, callers: [{ namespace: monitoring }] },
    management: { port: ports.management, callers: [] },
  },
  env: {
    SAYS_TOKEN: { existingSecret: "database", key: "password" },
    SAYS_MODE: { existingConfigMap: "settings", key: "mode" },
  },
  envFrom: [{ existingSecret: "database", prefix: "SAYS_DB_" }],
  mounts: {
    "/etc/tls": { existingSecret: "tls" },
    "/etc/mode": { existingConfigMap: "settings", key: "mode" },
    "/work": "work",
  },
  initContainers: [
    { name: "prepare", image, user: 4242, command: ["sh", "-c", "id -u > /work/prepared"] },
  ],
  serviceAccount: { name: "trusted", token: true },
  priorityClass: "e2e-pods",
  labels: { team: "search" },
  podPatch: { hostAliases: [{ ip: "192.0.2.7", hostnames: ["licence-server"] }] },
  annotations: { pods: { "example.com/scrape": "true" }, service: { "example.com/owner": "us" } },
};
const plain = {
  ...small,
  command: ["python", "-m", "http.server", "8000"],
  health: "/",
  startup: "1m",
  drain: "1s",
};
const parts = {
  ...small,
  command: ["python", "-c", "import os; print('part', os.environ['JOB_COMPLETION_INDEX'])"],
  completions: 3,
  parallelism: 2,
  timeout: "5m",
};

describe("what pods ask for, on the local cluster", function () {
  this.slow(30_000);
  inSteps(this);

  const local = cluster(this);
  const file = (name: string) => path.join(local.folder, name);

  async function up(services: object, jobs: object = {}) {
    const config = {
      cluster: { kind: "existing", kubeconfig: local.kubeconfig },
      namespaces: { [namespace]: { create: false } },
      volumes: { work: { nodeCache: "16Mi" } },
      services,
      jobs,
    };
    writeFileSync(file("Pulumi.e2e-pods.yaml"), stringify({ config }));
    await local.pulumi([
      ...["up", "--yes", "--skip-preview", "--stack", namespace],
      ...["--config-file", file("Pulumi.e2e-pods.yaml")],
    ]);
  }
  const inNamespace = async (args: string[]) =>
    (await local.kubectl([...args, "--namespace", namespace])).stdout;
  const pod = (name: string, of: string) => ["--namespace", of, name];
  const deployment = (entry: string) => [
    ...["--namespace", namespace, `deployment/${entry}`, "--container", entry],
  ];
  const addressOf = (service: string) =>
    inNamespace(["get", `service/${service}`, "--output", "jsonpath={.spec.clusterIP}"]);
  const clear = () =>
    local.kubectl([
      ...["delete", "--ignore-not-found", "priorityclass/e2e-pods"],
      ...[namespace, monitoring, others].map((name) => `namespace/${name}`),
    ]);

  before(async function () {
    this.timeout(900_000);
    await local.image(image, { VERSION: "1" });
    await clear();
    await local.newStack(namespace);
    await run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-subj", "/CN=e2e-pods", "-keyout", file("tls.key"), "-out", file("tls.crt")],
    ]);
    const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
    const metadata = (name: string) => ({ name, namespace });
    const caller = (of: string) => ({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "caller", namespace: of } },
      spec: {
        containers: [{ name: "main", image, command: ["sleep", "600"] }],
        terminationGracePeriodSeconds: 0,
      },
    });
    const objects = [
      { kind: "Namespace", metadata: { name: namespace, labels: restricted } },
      { kind: "Namespace", metadata: { name: monitoring } },
      { kind: "Namespace", metadata: { name: others } },
      // A quota that refuses every pod with a container without the limit.
      { kind: "ResourceQuota", metadata: metadata("cpu"), spec: { hard: { "limits.cpu": "20" } } },
      { kind: "Secret", metadata: metadata("database"), stringData: { password: "s3cret" } },
      { kind: "ConfigMap", metadata: metadata("settings"), data: { mode: "fast" } },
      { kind: "ServiceAccount", metadata: metadata("trusted") },
      {
        ...{ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", value: 1000 },
        metadata: { name: "e2e-pods" },
      },
      caller(monitoring),
      caller(others),
    ];
    const manifests = objects.map((object) => stringify({ apiVersion: "v1", ...object }));
    writeFileSync(file("pods.yaml"), manifests.join("---\n"));
    await local.kubectl(["apply", "--server-side", "-f", file("pods.yaml")]);
    await inNamespace([
      ...["create", "secret", "tls", "tls"],
      ...[`--cert=${file("tls.crt")}`, `--key=${file("tls.key")}`],
    ]);
  });
  after(async () => {
    await clear();
    await local.pulumi(["stack", "rm", namespace, "--force", "--yes"], true);
  });

  it("the server runs as its user, with what exists in the namespace, once its init container is done", async () => {
    await up(
      {
        asked: { ...server, callers: ["friend", { namespace: monitoring }] },
        open: { ...server, expose: { scope: "public", allow: ["127.0.0.0/8"] } },
        friend: plain,
        idle: { ...plain, replicas: 0 },
      },
      { parts },
    );
    const { stdout } = await local.pulumi([
      "stack",
      "output",
      "services",
      "--json",
      "-s",
      namespace,
    ]);
    const { url = "" } = (JSON.parse(stdout) as Record<string, { url?: string }>).open ?? {};
    const answer: unknown = await (await fetch(url)).json();
    assert.deepEqual(answer, {
      user: 4242,
      group: 4242,
      env: { SAYS_TOKEN: "s3cret", SAYS_MODE: "fast", SAYS_DB_password: "s3cret" },
      files: { "/etc/mode": "fast", "/work/prepared": "4242" },
      licences: "192.0.2.7",
      token: true,
    });
  });

  it("its objects carry priority, labels, annotations and limits", async () => {
    const select = ["--selector", "app=asked,team=search", "--output"];
    const ofPod =
      "jsonpath={.items[*].spec.priority} {.items[*].metadata.annotations.example\\.com/scrape} {.items[*].spec.containers[*].resources.limits.cpu}";
    assert.equal(await inNamespace(["get", "pods", ...select, ofPod]), "1000 true 1");
    const ofService = "jsonpath={.items[*].metadata.annotations.example\\.com/owner}";
    assert.equal(await inNamespace(["get", "services", ...select, ofService]), "us");
  });

  it("each port answers those who may call it, and nobody else", async () => {
    const main = `asked.${namespace}`;
    const [friend, monitor, other] = [
      deployment("friend"),
      pod("caller", monitoring),
      pod("caller", others),
    ];
    await assertConnections([
      [friend, main, 80, "connected"],
      [monitor, main, 80, "connected"],
      [other, main, 80, "no answer"],
      [friend, main, ports.rest, "connected"],
      [other, main, ports.rest, "no answer"],
      [monitor, main, ports.metrics, "connected"],
      [friend, main, ports.metrics, "no answer"],
      [monitor, main, ports.management, "no answer"],
      [monitor, `open-cluster.${namespace}`, ports.metrics, "connected"],
      [other, `open-cluster.${namespace}`, ports.metrics, "no answer"],
    ]);
  });

  it("a job runs its parts, each once", async () => {
    const logs = ["logs", "--selector", "app=parts", "--tail=-1", "--prefix=false"];
    const said = (await inNamespace(logs)).trim().split("\n").sort();
    assert.deepEqual(said, ["part 0", "part 1", "part 2"]);
  });

  it("a service without replicas keeps its address, and answers there when it has some again", async () => {
    assert.deepEqual(await podsOf(namespace, "idle"), []);
    const address = await addressOf("idle");
    await up({ friend: plain, idle: plain }, { parts });
    assert.equal(await addressOf("idle"), address);
    await assertConnections([[deployment("friend"), address, 80, "connected"]]);
    const gone = await kubectl(["get", "service/open-cluster", "--namespace", namespace], {
      mayFail: true,
    });
    assert.match(gone.stderr, /NotFound/);
  });
});
