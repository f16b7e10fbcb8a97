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
  const limited = new Set(["gate", "draw"]);
  return deploy(() => buildEnvironment(stack, undefined, { limited }, watcher));
}

/** Name of each object that the program makes for these files, with its kind. */
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

const secretsOfChat = ["Secret chat-env", "Secret chat-pull-0"];

describe("an environment", () => {
  it("is its providers, its namespaces, and the objects of each service of all files", async () => {
    assert.deepEqual(
      await names(),
      [
        "pulumi:providers:kubernetes cluster",
        "pulumi:providers:kubernetes cluster-own-namespaces",
        ...["chat", "vision"].flatMap(objectsOfNamespace),
        ...["gate", "chat", "look", "draw"].flatMap(objectsOf),
        ...secretsOfChat,
      ].sort(),
    );
  });

  const withoutChat = stackFile
    .replace("teams/chat.yaml, ", "")
    .replace(/^ {2}(mobileKey|registryLogin): .*$/gm, "");
  for (const [what, changed, lost] of [
    ["an entry", { "teams/vision.yaml": vision.replace(/^ {2}look: .*$/m, "") }, objectsOf("look")],
    ["a file", { "Pulumi.prod.yaml": withoutChat }, [...objectsOf("chat"), ...secretsOfChat]],
  ] as const) {
    it(`loses the objects of ${what} that is removed, and no others`, async () => {
      assert.deepEqual([...(await names(changed)), ...lost].sort(), await names());
    });
  }

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

  it("is what the stack file says of the cluster, its namespaces, its network and its entries", async () => {
    const { find } = await run();
    for (const [type, name, path, expected] of [
      ["apps/v1:Deployment", "gate", "metadata.namespace", "shared"],
      ["apps/v1:Deployment", "chat", "metadata.namespace", "chat"],
      ["apps/v1:Deployment", "draw", "metadata.namespace", "vision"],
      ["core/v1:Service", "look-service", "spec.loadBalancerClass", "example.com/ilb"],
      // A namespace that is left as it is has its own rules for what goes out.
      ["networking.k8s.io/v1:NetworkPolicy", "gate-network", "spec.policyTypes", ["Ingress"]],
    ] as const) {
      assert.deepEqual(at(find(`kubernetes:${type}`, name), path), expected, `${name} ${path}`);
    }
    const labels = (name: string) =>
      JSON.stringify(at(find("kubernetes:core/v1:Namespace", name), "metadata.labels"));
    assert.match(labels("chat"), /"pod-security.kubernetes.io\/enforce":"restricted"/);
    assert.match(labels("vision"), /"pod-security.kubernetes.io\/enforce":"baseline"/);
    const chat = find("kubernetes:networking.k8s.io/v1:NetworkPolicy", "chat-network");
    assert.deepEqual(at(chat, "spec.policyTypes"), ["Ingress", "Egress"]);
    const provider = find("pulumi:providers:kubernetes", "cluster");
    assert.match(String(provider.inputs.kubeconfig), /^current-context: test$/m);
  });

  it("makes a Service anew that limited ranges before, but in its own namespaces, where that goes in place", async () => {
    const { find } = await run();
    const anew = ["gate", "draw", "look"].map(
      (service) =>
        find("kubernetes:core/v1:Service", `${service}-service`).options.deleteBeforeReplace,
    );
    assert.deepEqual(anew, [true, undefined, undefined]);
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

  it("exports the addresses of each service, which are no secrets", async () => {
    const { result } = await run();

    const addresses: Record<string, unknown> = {};
    for (const [name, { url, internalUrl }] of Object.entries(result.services)) {
      assert.deepEqual(
        [await pulumi.isSecret(url), await pulumi.isSecret(internalUrl)],
        [false, false],
      );
      addresses[name] = [await valueOf(url), await valueOf(internalUrl)];
    }
    assert.deepEqual(Object.keys(result), ["services", "kubeconfig", "cluster", "clusterIdentity"]);
    assert.deepEqual(addresses, {
      gate: [undefined, "http://gate.shared.svc.cluster.local"],
      chat: ["http://203.0.113.7", "http://chat.chat.svc.cluster.local"],
      look: ["http://203.0.113.7", "http://look.vision.svc.cluster.local"],
      draw: [undefined, "http://draw.vision.svc.cluster.local"],
    });
  });

  it("hands secrets to the entries that refer to them, as secrets, and shows them nowhere else", async () => {
    const { find, resources } = await run();

    const secretType = "kubernetes:core/v1:Secret";
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const [variables, login] = [find(secretType, "chat-env"), find(secretType, "chat-pull-0")];
    assert.deepEqual(variables.inputs.data, { KEY: base64(secrets.mobileKey) });
    assert.deepEqual(login.inputs.data, { ".dockerconfigjson": base64(secrets.registryLogin) });
    assert.deepEqual([variables.secrets, login.secrets], [["data"], ["data"]]);
    for (const { type, name, inputs } of resources.filter((one) => one.type !== secretType)) {
      const text = JSON.stringify(inputs);
      for (const value of [...Object.values(secrets), base64(secrets.mobileKey)]) {
        assert.ok(!text.includes(value), `${type} ${name}`);
      }
    }
  });

  it("gives rollouts that share a surge slot the time to take it in turn", async () => {
    const larger = stackFile.replace("min: 3, max: 3", "min: 4, max: 4");
    const { find, warnings } = await run({ "Pulumi.prod.yaml": larger });

    const deadlineOf = (service: string) =>
      at(find("kubernetes:apps/v1:Deployment", service), "spec.progressDeadlineSeconds");
    const alone = 55 + 600 + 10 + 15;
    assert.equal(deadlineOf("look"), alone + alone, "waits for the one replica of draw");
    assert.equal(deadlineOf("draw"), alone + 2 * alone, "waits for the two replicas of look");
    assert.equal(deadlineOf("chat"), 55 + 120 + 10 + 15, "shares its pool with nobody");
    assert.deepEqual(warnings, []);
  });

  it("warns of the one replica that has no surge slot, and of nothing else", async () => {
    const { warnings } = await run();

    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^draw: one replica and no surge capacity on pool l4/);
  });

  it("has what entries take from Secrets and ConfigMaps of their namespace", async () => {
    const gate = `gate: { image: "gate:v1", env: { MODE: { existingConfigMap: app, key: mode } },
      envFrom: [{ existingSecret: all }], mounts: { /etc/tls: { existingSecret: tls, key: ca.crt } } }`;
    const changed = stackFile.replace('gate: { image: "gate:v1" }', gate);
    const { find } = await run({ "Pulumi.prod.yaml": changed });

    const deployment = find("kubernetes:apps/v1:Deployment", "gate");
    const main = "spec.template.spec.containers[0]";
    assert.deepEqual(at(deployment, `${main}.env`), [
      { name: "MODE", valueFrom: { configMapKeyRef: { name: "app", key: "mode" } } },
    ]);
    assert.deepEqual(at(deployment, `${main}.envFrom`), [{ secretRef: { name: "all" } }]);
    assert.equal(at(deployment, `${main}.volumeMounts[0].subPath`), "ca.crt");
    assert.deepEqual(at(deployment, "spec.template.spec.volumes[0].secret"), { secretName: "tls" });
  });
});
