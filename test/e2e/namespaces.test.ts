import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { collectorImage, waitingImage } from "../../components/serving/log-shipping";
import { kubectl } from "../../local/cluster";
import { checkout } from "../../local/folder";
import { loadSidecarImages } from "../../local/sidecar-images";
import { run } from "../../process/run";
import { onPath } from "../../local/tools";
import { assertConnections } from "../support/connections";
import { podsOf } from "../support/containers";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

const stack = "e2e-namespaces";
const models = "e2e-models";
const front = "e2e-front";
/** A namespace that is not of the stack, with a collector in it. */
const central = "e2e-central";
const namespaces = [models, front, central];
const image = "digits:e2e-1";

const http = ["python", "-m", "http.server", "8000"];
const small = { image, cpu: "10m", memory: "64Mi", command: http };
const server = { ...small, health: "/", startup: "1m", drain: "1s" };
/** Two workers that serve each other; `up` waits for none of a schedule. */
const train = { ...small, workers: 2, schedule: "0 3 1 1 *", timeout: "1h" };

/** A pod as somebody starts it by hand. */
const byHand = (name: string, container: object, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: models },
  spec: {
    containers: [
      {
        name: "main",
        image,
        command: ["sleep", "600"],
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          runAsNonRoot: true,
          seccompProfile: { type: "RuntimeDefault" },
        },
        ...container,
      },
    ],
    terminationGracePeriodSeconds: 0,
    ...spec,
  },
});

describe("namespaces on the local cluster", function () {
  this.slow(30_000);
  inSteps(this);

  const local = cluster(this);
  const file = (name: string) => path.join(local.folder, name);

  async function pulumi(command: string[], config: object, mayFail = false) {
    writeFileSync(file(`Pulumi.${stack}.yaml`), stringify({ config }));
    const target = ["--stack", stack, "--config-file", file(`Pulumi.${stack}.yaml`)];
    return local.pulumi([...command, ...target], mayFail);
  }
  async function get(what: string[], jsonpath: string): Promise<string> {
    return (await local.kubectl(["get", ...what, "--output", `jsonpath=${jsonpath}`])).stdout;
  }
  /** Makes an object; `said` is what the API server says against it. */
  async function create(object: object, ...flags: string[]) {
    writeFileSync(file("by-hand.json"), JSON.stringify(object));
    const { code, stderr } = await kubectl(["create", "-f", file("by-hand.json"), ...flags], {
      mayFail: true,
    });
    return { code, said: stderr };
  }
  const addressOf = (namespace: string, entry: string) =>
    get(
      ["pods", "--namespace", namespace, "--selector", `app=${entry}`],
      "{.items[0].status.podIP}",
    );

  const of = (namespace: string, entry: string) => [
    ...["--namespace", namespace, `deployment/${entry}`, "--container", entry],
  ];
  const pod = (name: string, namespace = models) => ["--namespace", namespace, name];
  /** In a namespace that nothing closes: what does not let it in is the policy of the other end. */
  const collector = pod("collector", central);

  /** Asks the API server as somebody else. */
  async function may(who: string[], verb: string, what: string, namespace = models) {
    // After a slash kubectl expects an object's name.
    const [resource = "", subresource = ""] = what.split("/");
    const question = ["auth", "can-i", verb, resource, `--subresource=${subresource}`];
    const target = ["--namespace", namespace, ...who];
    return (await kubectl([...question, ...target], { mayFail: true })).stdout.trim();
  }
  const operator = ["--as=eve", "--as-group=e2e-operators", "--as-group=system:authenticated"];
  const viewer = ["--as=ada", "--as-group=system:authenticated"];
  const stranger = ["--as=mallory", "--as-group=system:authenticated"];

  const clear = () =>
    local.kubectl([...["delete", "namespace", "--ignore-not-found", "--wait=true"], ...namespaces]);

  let apiServer = { host: "", port: 0 };

  before(async function () {
    // The first image of a machine brings its base along.
    this.timeout(900_000);
    await local.image(image, { VERSION: "1" });
    await loadSidecarImages([collectorImage, waitingImage]);
    await clear();
    await local.newStack(stack);
    await local.kubectl(["create", "namespace", central]);
    const metadata = { name: "collector", namespace: central, labels: { app: "collector" } };
    const made = await create({
      ...{ apiVersion: "v1", kind: "List" },
      items: [
        { ...byHand("collector", { command: http }), metadata },
        {
          ...{ apiVersion: "v1", kind: "Service", metadata },
          spec: { selector: metadata.labels, ports: [{ port: 8000 }] },
        },
      ],
    });
    assert.equal(made.code, 0, made.said);
    const [host = "", port = ""] = (
      await get(
        ["endpointslices", "--selector", "kubernetes.io/service-name=kubernetes"],
        "{.items[0].endpoints[0].addresses[0]} {.items[0].ports[0].port}",
      )
    ).split(" ");
    apiServer = { host, port: Number(port) };
  });
  after(async () => {
    // What destroy does is told elsewhere; these servers take their time to end.
    await local.kubectl([...["delete", "pods", "--all", "--now", "--wait=false"], "-n", models]);
    await local.kubectl([...["delete", "pods", "--all", "--now", "--wait=false"], "-n", front]);
    await clear();
    await local.pulumi(["stack", "rm", stack, "--force", "--yes"], true);
  });

  it("up makes them, and what runs in them answers its probes through a closed network", async () => {
    const logs = { to: `http://collector.${central}:8000`, files: ["/var/log/server/*.log"] };
    writeFileSync(
      file("e2e-front.yaml"),
      stringify({ namespace: front, services: { gate: { ...server, logs } } }),
    );
    const pool = { gpu: "L4", gpusPerNode: 8, select: { "gpu-serving/pool": "dev" } };
    await pulumi(["up", "--yes", "--skip-preview"], {
      cluster: { kind: "existing", kubeconfig: local.kubeconfig },
      pools: { dev: { ...pool, nodes: { min: 1, max: 1 } } },
      namespaces: {
        [models]: {
          quota: { gpus: 2, cpu: 4, memory: "8Gi", pods: 16 },
          limits: { cpu: "1500m", memory: "1536Mi" },
          operators: ["e2e-operators"],
          viewers: ["user:ada"],
        },
        [front]: {},
      },
      namespace: models,
      include: [path.relative(checkout, file("e2e-front.yaml"))],
      services: {
        guarded: { ...server, callers: ["friend", "gate"] },
        friend: server,
        fetches: {
          ...server,
          egress: [`${apiServer.host}/32`],
          expose: { scope: "public", allow: ["127.0.0.0/8"] },
        },
      },
      jobs: { train },
    });
    const [ready] = await podsOf(models, "guarded");
    assert.equal(ready?.status.containerStatuses?.[0]?.ready, true);
  });

  it("a declared caller connects to a server, of the same namespace and of another", async () => {
    await assertConnections([
      [of(models, "friend"), `guarded.${models}`, 80, "connected"],
      [of(front, "gate"), `guarded.${models}`, 80, "connected"],
    ]);
  });

  it("nobody else does, by its name or by its address", async () => {
    const address = await addressOf(models, "guarded");
    await assertConnections([
      [of(models, "fetches"), `guarded.${models}`, 80, "no answer"],
      [of(models, "fetches"), address, 8000, "no answer"],
      [collector, address, 8000, "no answer"],
    ]);
  });

  it("a server without callers is reached from its namespace alone, at its port alone", async () => {
    const address = await addressOf(models, "friend");
    await assertConnections([
      [of(models, "fetches"), address, 8000, "connected"],
      [of(models, "fetches"), address, 8001, "no answer"],
      [of(front, "gate"), address, 8000, "no answer"],
      [collector, address, 8000, "no answer"],
    ]);
  });

  it("a server behind a load balancer is reached from outside of the cluster", async () => {
    const { stdout } = await local.pulumi(["stack", "output", "services", "--json", "-s", stack]);
    const { url = "" } = (JSON.parse(stdout) as Record<string, { url?: string }>).fetches ?? {};
    assert.match(url, /^http:\/\/127\./);
    assert.equal((await fetch(url)).status, 200);
  });

  it("pods connect to the ranges that their entry lists and to no others", async () => {
    const { host, port } = apiServer;
    await assertConnections([
      [of(models, "fetches"), host, port, "connected"],
      [of(models, "fetches"), `collector.${central}`, 8000, "no answer"],
      [of(models, "friend"), host, port, "no answer"],
    ]);
  });

  it("a collector outside of the stack is reached by the pods whose logs it takes, and by no other", async () => {
    await assertConnections([
      [of(front, "gate"), `collector.${central}`, 8000, "connected"],
      [of(models, "friend"), `collector.${central}`, 8000, "no answer"],
    ]);
  });

  it("the workers of a job reach each other, and nobody else reaches them", async () => {
    const run = ["create", "job", "train-now", "--from=cronjob/train", "--namespace", models];
    await local.kubectl(run);
    const ready = ["wait", "job/train-now", "--for=jsonpath={.status.ready}=2", "--timeout=300s"];
    await local.kubectl([...ready, "--namespace", models]);
    const names = await get(
      ["pods", "--namespace", models, "--selector", "app=train"],
      "{.items[*].metadata.name}",
    );
    const [first = "", second = ""] = names.split(" ");
    const address = await get(["pod", first, "--namespace", models], "{.status.podIP}");
    await assertConnections([
      [pod(second), address, 8000, "connected"],
      [of(models, "friend"), address, 8000, "no answer"],
    ]);
  });

  it("a pod that somebody starts by hand counts in the quota with the default requests and limits", async () => {
    const used = () =>
      get(["quota/quota", "--namespace", models], "{.status.used.requests\\.memory}");
    const before = await used();
    const { code, said } = await create(byHand("by-hand", {}));
    assert.equal(code, 0, said);

    const resources = await get(
      ["pod", "by-hand", "--namespace", models],
      "{.spec.containers[0].resources}",
    );
    assert.deepEqual(JSON.parse(resources), {
      limits: { cpu: "1500m", memory: "1536Mi" },
      requests: { cpu: "500m", memory: "1Gi" },
    });
    assert.notEqual(await used(), before);
  });

  it("such a pod finds names by DNS, and reaches nobody", async () => {
    const wait = ["wait", "pod/by-hand", "--namespace", models, "--for=condition=Ready"];
    await local.kubectl([...wait, "--timeout=300s"]);
    // A name that is not found says so.
    await assertConnections([
      [pod("by-hand"), `friend.${models}`, 80, "no answer"],
      [pod("by-hand"), `guarded.${models}`, 80, "no answer"],
      [pod("by-hand"), apiServer.host, apiServer.port, "no answer"],
    ]);
  });

  it("a quota refuses what goes beyond it, GPUs too", async () => {
    const gpus = { resources: { limits: { "nvidia.com/gpu": "3" } } };
    const pods = { resources: { requests: { memory: "1Gi", cpu: "64" }, limits: { cpu: "64" } } };

    const asksGpus = await create(byHand("gpus", gpus), "--dry-run=server");
    assert.notEqual(asksGpus.code, 0);
    assert.match(asksGpus.said, /exceeded quota: quota, requested: requests\.nvidia\.com\/gpu=3/);
    const asksCpu = await create(byHand("cpu", pods), "--dry-run=server");
    assert.notEqual(asksCpu.code, 0);
    assert.match(asksCpu.said, /exceeded quota: quota, requested: requests\.cpu=64/);
    const fits = { resources: { limits: { "nvidia.com/gpu": "2" } } };
    assert.equal((await create(byHand("fits", fits), "--dry-run=server")).code, 0);
  });

  it("Pod Security restricted refuses a pod that may become root", async () => {
    const { code, said } = await create(
      byHand("root", { securityContext: { runAsUser: 0 } }),
      "--dry-run=server",
    );
    assert.notEqual(code, 0);
    assert.match(said, /violates PodSecurity "restricted:latest"/);
    assert.match(said, /runAsUser=0/);
  });

  it("viewers may look at everything but Secrets and change nothing", async () => {
    for (const what of ["pods", "pods/log", "deployments.apps", "jobs.batch", "resourcequotas"])
      assert.equal(await may(viewer, "get", what), "yes", what);
    for (const [verb, what] of [
      ...[
        ["get", "secrets"],
        ["list", "secrets"],
        ["delete", "pods"],
        ["create", "pods/exec"],
      ],
      ...[
        ["patch", "deployments.apps"],
        ["create", "jobs.batch"],
        ["create", "pods"],
      ],
    ] as const)
      assert.equal(await may(viewer, verb, what), "no", `${verb} ${what}`);
    assert.equal(await may(viewer, "get", "pods", front), "no");
  });

  it("operators may look, restart, scale, enter and start again, and read no Secret", async () => {
    for (const [verb, what] of [
      ...[
        ["get", "pods"],
        ["get", "pods/log"],
        ["delete", "pods"],
        ["create", "pods/exec"],
      ],
      ...[
        ["create", "pods/portforward"],
        ["create", "pods/eviction"],
      ],
      ...[
        ["patch", "deployments.apps"],
        ["patch", "deployments.apps/scale"],
      ],
      ...[
        ["create", "jobs.batch"],
        ["delete", "jobs.batch"],
        ["patch", "cronjobs.batch"],
      ],
    ] as const)
      assert.equal(await may(operator, verb, what), "yes", `${verb} ${what}`);
    for (const [verb, what] of [
      ...[
        ["get", "secrets"],
        ["list", "secrets"],
        ["delete", "deployments.apps"],
      ],
      ...[
        ["create", "pods"],
        ["create", "rolebindings.rbac.authorization.k8s.io"],
      ],
      ...[
        ["patch", "networkpolicies.networking.k8s.io"],
        ["patch", "resourcequotas"],
      ],
    ] as const)
      assert.equal(await may(operator, verb, what), "no", `${verb} ${what}`);
    assert.equal(await may(operator, "delete", "pods", front), "no");
  });

  it("who is named nowhere may not even look", async () => {
    assert.equal(await may(stranger, "get", "pods"), "no");
  });

  it("an operator restarts a server as `kubectl rollout restart` does", async () => {
    const restart = ["rollout", "restart", "deployment/friend", "--namespace", models];
    await local.kubectl([...restart, ...operator]);
    const status = ["rollout", "status", "deployment/friend", "--namespace", models];
    await local.kubectl([...status, "--timeout=300s", ...operator]);
    const refused = await kubectl([...restart, ...viewer], { mayFail: true });
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /cannot patch resource "deployments"/);
  });
});

describe("the local cluster's firewall", () => {
  it("is told what a policy says, in all forms that a policy may have", async function () {
    if (onPath("go") === undefined) this.skip();
    const cwd = path.join(checkout, "local", "tools", "kubernetes");
    const env = {
      ...process.env,
      CGO_ENABLED: "0",
      GOFLAGS: "-mod=readonly -buildvcs=false",
      GOWORK: "off",
    };
    const test = ["test", "-trimpath", "-vet=off", "-count=1", "-v", "./network-policies"];
    const { stdout } = await run("go", test, { cwd, env });
    assert.match(stdout, /^--- PASS: TestRules/m);
  });
});
