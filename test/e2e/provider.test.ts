import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { cluster, usesCurrentProvider } from "../support/local-cluster";
import { moved, type MovedCluster } from "../support/moved-cluster";
import { inSteps } from "../support/steps";

const stack = "e2e-provider";
const namespace = "e2e-provider";

/** A server of a moment, whose version is in its environment. */
const server = (version: string, more: object = {}) => ({
  ...{ image: "digits:e2e-1", command: ["python", "-m", "http.server", "8000"], health: "/" },
  ...{ cpu: "20m", memory: "64Mi", startup: "20s", drain: "1s", env: { VERSION: version } },
  ...more,
});
const exposed = { expose: { scope: "public", allow: ["127.0.0.0/8"] } };
const crashing = { command: ["python", "-c", "raise SystemExit('no model')"], startup: "10s" };

interface Kubeconfig {
  clusters: { name: string }[];
  contexts: { context: { cluster: string } }[];
}

describe("Pulumi's Kubernetes provider on the local cluster", function () {
  this.slow(60_000);
  inSteps(this);

  const local = cluster(this);
  let elsewhere: MovedCluster | undefined;
  let kubeconfig = local.kubeconfig;

  async function pulumi(command: string[], services: object, mayFail = false) {
    const file = join(local.folder, `Pulumi.${stack}.yaml`);
    const config = {
      cluster: { kind: "existing", kubeconfig },
      namespaces: { [namespace]: {} },
      services,
    };
    writeFileSync(file, stringify({ config }));
    return local.pulumi([...command, "--stack", stack, "--config-file", file], mayFail);
  }
  const up = (services: object, mayFail = false) =>
    pulumi(["up", "--yes", "--skip-preview"], services, mayFail);
  const get = async (object: string, path: string) =>
    (
      await local.kubectl([
        ...["get", ...object.split(" "), "--namespace", namespace],
        ...["--output", `jsonpath=${path}`],
      ])
    ).stdout;
  /** Ids of what must stay. The old provider that can be compiled replaces a Service whose type changes. */
  const ids = () => {
    const kinds = ["deployments", "serviceaccounts", "networkpolicies"];
    return get(
      [...kinds, ...(usesCurrentProvider() ? ["services"] : [])].join(","),
      "{.items[*].metadata.uid}",
    );
  };

  before(async () => {
    await local.image("digits:e2e-1", { VERSION: "1" });
    await local.newStack(stack);
  });
  after(async () => {
    kubeconfig = local.kubeconfig;
    await pulumi(["destroy", "--yes", "--skip-preview"], {}, true);
    await local.pulumi(["stack", "rm", stack, "--yes"], true);
    elsewhere?.close();
  });

  it("a service that is exposed no longer passes its preview and loses its load balancer, and nothing else", async () => {
    await up({ one: server("1", exposed) });
    const before = await ids();
    await pulumi(["preview"], { one: server("1") });
    await up({ one: server("1") });
    assert.equal(
      await get("service one", "{.spec.type} {.spec.loadBalancerSourceRanges}"),
      "ClusterIP ",
    );
    assert.equal(await ids(), before);
    await pulumi(["preview", "--expect-no-changes"], { one: server("1") });
  });

  it("what was scaled by hand is as the file says after the next change", async () => {
    await local.kubectl(["scale", "deployment/one", "--replicas=2", "--namespace", namespace]);
    await up({ one: server("2") });
    assert.equal(await get("deployment one", "{.spec.replicas}"), "1");
  });

  it("what was scaled by hand is as the file says after up --refresh", async () => {
    await local.kubectl(["scale", "deployment/one", "--replicas=2", "--namespace", namespace]);
    await pulumi(["up", "--yes", "--skip-preview", "--refresh"], { one: server("2") });
    assert.equal(await get("deployment one", "{.spec.replicas}"), "1");
  });

  it("of services that change together one crashes: up fails, and the next one has it to do again", async () => {
    const others = (version: string) =>
      Object.fromEntries(["one", "two", "three", "four"].map((name) => [name, server(version)]));
    await up(others("2"));
    const broken = { ...others("3"), two: server("3", crashing) };
    const { code, output } = await up(broken, true);
    assert.notEqual(code, 0, output);
    assert.match(output, /e2e-provider\/two/);
    for (const name of ["one", "three", "four"]) {
      assert.equal(
        await get(
          `deployment ${name}`,
          "{.status.updatedReplicas} {.status.availableReplicas} {.status.replicas}",
        ),
        "1 1 1",
      );
    }
    const { output: preview } = await pulumi(["preview"], broken);
    assert.match(preview, /1 to update/);
    await up({ one: server("3") });
  });

  it("another address and another authority of the cluster replace nothing", async function () {
    if (!usesCurrentProvider()) this.skip();
    await up({ one: server("3") });
    const before = await ids();
    elsewhere = await moved(readFileSync(local.kubeconfig, "utf8"));
    kubeconfig = join(local.folder, "moved.kubeconfig");
    writeFileSync(kubeconfig, elsewhere.kubeconfig, { mode: 0o600 });
    const { output } = await up({ one: server("3") });
    // The two providers of the cluster, and no object.
    assert.match(output, /Resources:\n +~ 2 updated\n +\d+ unchanged\n/);
    assert.equal(await ids(), before);
  });

  it("a kubeconfig that leads to another cluster is refused before anything is touched", async () => {
    const before = await ids();
    const config = parse(readFileSync(local.kubeconfig, "utf8")) as Kubeconfig;
    for (const it of config.clusters) it.name = "other";
    for (const { context } of config.contexts) context.cluster = "other";
    kubeconfig = join(local.folder, "other.kubeconfig");
    writeFileSync(kubeconfig, stringify(config), { mode: 0o600 });
    const { code, output } = await up({ one: server("3") }, true);
    assert.notEqual(code, 0);
    assert.match(output, /cluster: not the cluster that the objects of this stack are on/);
    assert.equal(await ids(), before);
  });
});
