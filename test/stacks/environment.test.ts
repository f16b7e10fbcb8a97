import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { buildEnvironment, type Watcher } from "../../stacks/environment";
import { at, deploy, valueOf, type Recorded } from "../support/deploy";
import { fromFile, type Files } from "./stack-files";

const stackFile = `
config:
  cluster:
    kind: existing
    kubeconfig: test/fixtures/kubeconfig.yaml
    loadBalancer: { internal: { class: example.com/ilb } }
  pools:
    l4: { gpu: L4, select: { pool: l4 }, nodes: { min: 3, max: 3 } }
    h100: { gpu: H100, gpusPerNode: 8, select: { pool: h100 }, nodes: { min: 1, max: 1 } }
  namespaces:
    chat: {}
    vision: { podSecurity: baseline }
    shared: { create: false }
  namespace: shared
  include: [teams/chat.yaml, teams/vision.yaml]
  services:
    gate: { image: "gate:v1" }
  mobileKey: { secure: AAABBB }
  registryLogin: { secure: AAABBB }
`;

const chat = `
namespace: chat
services:
  chat:
    image: chat:v1
    gpus: 4
    pool: h100
    startup: 2m
    env: { MODE: fast, KEY: { secret: mobileKey } }
    pullSecrets: [registryLogin]
    expose: { scope: public, allow: [203.0.113.0/24] }
`;

const vision = `
namespace: vision
services:
  look: { image: "look:v1", gpus: 1, pool: l4, replicas: 2, expose: { scope: internal } }
  draw: { image: "draw:v1", gpus: 1, pool: l4, replicas: 1, podSecurity: baseline }
`;

const files: Files = {
  "Pulumi.prod.yaml": stackFile,
  "teams/chat.yaml": chat,
  "teams/vision.yaml": vision,
};

const secrets = { mobileKey: "k3y", registryLogin: '{"auths":{}}' };

/** Runs the program for these files; secrets have the values that the engine would decrypt. */
function run(changed: Files = {}, watcher?: Watcher) {
  const stack = {
    ...fromFile({ ...files, ...changed }),
    secrets: Object.fromEntries(
      Object.entries(secrets).map(([key, value]) => [key, pulumi.secret(value)]),
    ),
  };
  return deploy(() => buildEnvironment(stack, undefined, {}, watcher));
}

async function names(changed: Files = {}): Promise<string[]> {
  const { resources } = await run(changed);
  return resources.map(({ type, name }) => `${type.replace(/^kubernetes:.*:/, "")} ${name}`).sort();
}

const objectsOf = (service: string) => [
  `Deployment ${service}`,
  `NetworkPolicy ${service}-network`,
  `PodDisruptionBudget ${service}-budget`,
  `Service ${service}-service`,
  `ServiceAccount ${service}-account`,
];

const objectsOfNamespace = (name: string) => [
  `LimitRange ${name}-limits`,
  `Namespace ${name}`,
  `NetworkPolicy ${name}-closed`,
  `NetworkPolicy ${name}-dns`,
];

describe("an environment", () => {
  it("is its providers, its namespaces, and the objects of each service of all files", async () => {
    assert.deepEqual(
      await names(),
      [
        "pulumi:providers:kubernetes cluster",
        "pulumi:providers:kubernetes cluster-own-namespaces",
        ...["chat", "vision"].flatMap(objectsOfNamespace),
        ...["gate", "chat", "look", "draw"].flatMap(objectsOf),
        "Secret chat-env",
        "Secret chat-pull-0",
      ].sort(),
    );
  });

  it("loses the objects of an entry that is removed, and no others", async () => {
    const without = vision.replace(/^ {2}look: .*$/m, "");

    const [before, after] = [await names(), await names({ "teams/vision.yaml": without })];
    assert.deepEqual(
      before.filter((name) => !after.includes(name)),
      objectsOf("look"),
    );
    assert.deepEqual(
      after.filter((name) => !before.includes(name)),
      [],
    );
  });

  it("loses the objects of a file that is no longer included, and no others", async () => {
    const without = stackFile
      .replace("teams/chat.yaml, ", "")
      .replace(/^ {2}(mobileKey|registryLogin): .*$/gm, "");

    const [before, after] = [await names(), await names({ "Pulumi.prod.yaml": without })];
    assert.deepEqual(
      before.filter((name) => !after.includes(name)),
      [...objectsOf("chat"), "Secret chat-env", "Secret chat-pull-0"].sort(),
    );
  });

  it("lets declared callers connect, opens their own way there, and lets entries out where they say so", async () => {
    const { find } = await run({
      "teams/vision.yaml": vision.replace(
        "replicas: 1, ",
        'callers: [chat], egress: ["0.0.0.0/0"], ',
      ),
    });
    const spec = (entry: string, path: string) =>
      at(find("kubernetes:networking.k8s.io/v1:NetworkPolicy", `${entry}-network`), path);
    const dns = { ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })) };
    const pods = (namespace: string, app: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: { matchLabels: { app } },
    });

    assert.deepEqual(spec("draw", "spec"), {
      podSelector: { matchLabels: { app: "draw" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ ports: [{ protocol: "TCP", port: 8000 }], from: [pods("chat", "chat")] }],
      egress: [{ to: [{ podSelector: {} }, { ipBlock: { cidr: "0.0.0.0/0" } }] }, dns],
    });
    assert.deepEqual(spec("chat", "spec.egress"), [
      { to: [{ podSelector: {} }, pods("vision", "draw")] },
      dns,
    ]);
    // A namespace that is left as it is has its own rules for what goes out.
    assert.deepEqual(spec("gate", "spec.policyTypes"), ["Ingress"]);
  });

  it("makes room first where a quota leaves none for one replica more", async () => {
    const strategy = async (quota: string) => {
      const { find } = await run({
        "Pulumi.prod.yaml": stackFile
          .replace(
            "vision: { podSecurity: baseline }",
            `vision: { podSecurity: baseline, quota: ${quota} }`,
          )
          .replace("nodes: { min: 3, max: 3 }", "nodes: { min: 3, max: 4 }"),
      });
      return at(find("kubernetes:apps/v1:Deployment", "draw"), "spec.strategy.rollingUpdate");
    };

    assert.deepEqual(await strategy("{ pods: 3 }"), { maxSurge: 0, maxUnavailable: 1 });
    assert.deepEqual(await strategy("{ pods: 4 }"), { maxSurge: 1, maxUnavailable: 0 });
  });

  it("takes nothing over but in namespaces that it makes: there all is its own", async () => {
    const { resources, find } = await run();
    const takesOver = ({ inputs }: Recorded) => inputs.upsertExistingObjects === "true";
    const made = (name: string) => find("pulumi:providers:kubernetes", name);
    assert.equal(takesOver(made("cluster")), false);
    assert.equal(takesOver(made("cluster-own-namespaces")), true);

    // The namespaces themselves, and the service in the namespace that somebody else made.
    const careful = [...["chat", "vision"].flatMap(objectsOfNamespace), ...objectsOf("gate")];
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    for (const { type, name, provider } of objects) {
      const expected = careful.includes(`${type.split(":").at(-1)} ${name}`)
        ? /::cluster::/
        : /::cluster-own-namespaces::/;
      assert.match(provider, expected, `${type} ${name}`);
    }
  });

  it("connects to the cluster of its kubeconfig", async () => {
    const provider = (await run()).find("pulumi:providers:kubernetes", "cluster");

    assert.match(String(provider.inputs.kubeconfig), /^current-context: test$/m);
  });

  it("puts services into the namespace of their file, made or found", async () => {
    const { find } = await run();

    const namespaceOf = (service: string) =>
      at(find("kubernetes:apps/v1:Deployment", service), "metadata.namespace");
    assert.deepEqual(
      ["gate", "chat", "look", "draw"].map((service) => [service, namespaceOf(service)]),
      [
        ["gate", "shared"],
        ["chat", "chat"],
        ["look", "vision"],
        ["draw", "vision"],
      ],
    );
  });

  it("holds its namespaces to the Pod Security Standard that they declare", async () => {
    const { find } = await run();

    const level = (name: string) => {
      const labels = at(find("kubernetes:core/v1:Namespace", name), "metadata.labels");
      return (labels as Record<string, unknown>)["pod-security.kubernetes.io/enforce"];
    };
    assert.deepEqual([level("chat"), level("vision")], ["restricted", "baseline"]);
  });

  it("hands its rollouts to a watcher, and what must not be shown of them", async () => {
    const told: { rollouts: string[]; secrets: pulumi.Output<string[]> }[] = [];
    await run({}, (_, rollouts, secrets) =>
      told.push({ rollouts: rollouts.map(({ name }) => name), secrets }),
    );

    const [{ rollouts, secrets: values } = assert.fail("nothing was handed over")] = told;
    assert.deepEqual(rollouts.sort(), ["chat", "draw", "gate", "look"]);
    assert.deepEqual(await valueOf(values), Object.values(secrets));
    assert.equal(await pulumi.isSecret(values), true);
  });

  it("exports the addresses of each service", async () => {
    const { result } = await run();

    const addresses = Object.entries(result.services).map(async ([name, { url, internalUrl }]) => [
      name,
      { url: await valueOf(url), internalUrl: await valueOf(internalUrl) },
    ]);
    assert.deepEqual(Object.keys(result), ["services", "kubeconfig", "cluster", "clusterIdentity"]);
    assert.deepEqual(Object.fromEntries(await Promise.all(addresses)), {
      gate: { url: undefined, internalUrl: "http://gate.shared.svc.cluster.local" },
      chat: { url: "http://203.0.113.7", internalUrl: "http://chat.chat.svc.cluster.local" },
      look: { url: "http://203.0.113.7", internalUrl: "http://look.vision.svc.cluster.local" },
      draw: { url: undefined, internalUrl: "http://draw.vision.svc.cluster.local" },
    });
  });

  it("exports addresses that are no secrets", async () => {
    const { result } = await run();

    for (const [name, { url, internalUrl }] of Object.entries(result.services)) {
      assert.equal(await pulumi.isSecret(url), false, name);
      assert.equal(await pulumi.isSecret(internalUrl), false, name);
    }
  });

  it("makes internal load balancers as the stack file says", async () => {
    const service = (await run()).find("kubernetes:core/v1:Service", "look-service");

    assert.equal(at(service, "spec.loadBalancerClass"), "example.com/ilb");
  });

  it("hands secrets to the entries that refer to them, as secrets", async () => {
    const { find } = await run();

    const secretType = "kubernetes:core/v1:Secret";
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const [variables, login] = [find(secretType, "chat-env"), find(secretType, "chat-pull-0")];
    assert.deepEqual(variables.inputs.data, { KEY: base64(secrets.mobileKey) });
    assert.deepEqual(login.inputs.data, { ".dockerconfigjson": base64(secrets.registryLogin) });
    assert.deepEqual([variables.secrets, login.secrets], [["data"], ["data"]]);
  });

  it("shows no secret in any other object", async () => {
    const { resources } = await run();

    for (const { type, name, inputs } of resources) {
      if (type === "kubernetes:core/v1:Secret") continue;
      const text = JSON.stringify(inputs);
      for (const value of [...Object.values(secrets), Buffer.from("k3y").toString("base64")]) {
        assert.ok(!text.includes(value), `${type} ${name}`);
      }
    }
  });

  it("counts all services of a pool before it calls a slot spare", async () => {
    const { find } = await run();

    const surgeOf = (service: string) =>
      at(find("kubernetes:apps/v1:Deployment", service), "spec.strategy.rollingUpdate.maxSurge");
    assert.deepEqual(
      ["look", "draw", "chat", "gate"].map((service) => [service, surgeOf(service)]),
      [
        ["look", 0],
        ["draw", 0],
        ["chat", 1],
        ["gate", 1],
      ],
    );
  });

  it("gives rollouts that share a spare slot the time to take it in turn", async () => {
    const larger = stackFile.replace("min: 3, max: 3", "min: 4, max: 4");
    const { find } = await run({ "Pulumi.prod.yaml": larger });

    const deadlineOf = (service: string) =>
      at(find("kubernetes:apps/v1:Deployment", service), "spec.progressDeadlineSeconds");
    const alone = 55 + 600 + 10 + 15;
    assert.equal(deadlineOf("look"), alone + alone, "waits for the one replica of draw");
    assert.equal(deadlineOf("draw"), alone + 2 * alone, "waits for the two replicas of look");
    assert.equal(deadlineOf("chat"), 55 + 120 + 10 + 15, "shares its pool with nobody");
  });

  it("warns of the one replica that has no slot to spare, and of nothing else", async () => {
    const { warnings } = await run();

    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^draw: one replica and no surge capacity on pool l4/);
  });
});
