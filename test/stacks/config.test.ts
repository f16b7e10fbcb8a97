import assert from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { readStackFile } from "../../stacks/config";
import type { Stack } from "../../stacks/stack";
import { fromFile, fromProgram, refusal, type Files } from "./stack-files";

const everything: Files = {
  "Pulumi.prod.yaml": `
    config:
      gcp:project: acme-ml
      pulumi:disable-default-providers: ["*"]
      cluster:
        kind: existing
        context: prod
        kubeconfig: keys/prod
        loadBalancer:
          public: { class: example.com/fast, readyTime: 4m, drainTime: 2m }
          internal: { annotations: { example.com/internal: "true" } }
      pools:
        l4: { gpu: L4, select: { pool: l4 }, nodes: { max: 2 } }
        a100:
          gpu: A100-80
          gpusPerNode: 8
          select: { pool: a100, zone: "1" }
          taints: ["nvidia.com/gpu=present:NoSchedule", "dedicated:NoExecute"]
          nodes: { min: 1, max: 3 }
      namespaces:
        chat: {}
        vision:
          podSecurity: baseline
          quota: { gpus: 5, cpu: 64, memory: 256Gi, pods: 50 }
          limits: { cpu: 4, memory: 8Gi }
          operators: [vision-ops]
          viewers: ["user:ada"]
        default: { create: false }
      namespace: chat
      include: [teams/vision.yaml]
      services:
        chat:
          image: registry.example/chat@sha256:${"0123456789abcdef".repeat(4)}
          port: 5000
          command: [python, serve.py]
          args: [--model, chat]
          env: { MODE: on, TOKEN: { secret: apiToken } }
          cpu: 0.5
          memory: 8Gi
          gpus: 2
          pool: a100
          replicas: 3
          health: /healthz
          startup: 1h30m
          drain: 90s
          pullSecrets: [registryLogin]
          expose: { scope: internal, allow: [10.0.0.0/8, "2001:DB8:0::/32"] }
          after: [evaluate]
          container: server
      gpu-serving:apiToken: { secure: hunter2 }
      registryLogin: { secure: '{"auths": {}}' }`,
  "teams/vision.yaml": `
    namespace: vision
    services:
      inference: { image: "vision:v1", podSecurity: baseline, gpus: 4 }
    jobs:
      evaluate: { image: "vision:v1", command: [python, evaluate.py], gpus: 1, pool: l4, timeout: 2h, retries: 3 }`,
};

const bare = { quota: {}, limits: {}, operators: [], viewers: [] };

const expected: Omit<Stack, "secrets"> = {
  name: "prod",
  cluster: {
    kind: "existing",
    context: "prod",
    kubeconfig: "keys/prod",
    loadBalancer: {
      public: { class: "example.com/fast", annotations: {}, readyTime: 240, drainTime: 120 },
      internal: { annotations: { "example.com/internal": "true" } },
    },
    pools: {
      l4: {
        gpu: "L4",
        gpusPerNode: 1,
        select: { pool: "l4" },
        taints: [],
        nodes: { min: 0, max: 2 },
      },
      a100: {
        gpu: "A100-80",
        gpusPerNode: 8,
        select: { pool: "a100", zone: "1" },
        taints: [
          { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" },
          { key: "dedicated", value: undefined, effect: "NoExecute" },
        ],
        nodes: { min: 1, max: 3 },
      },
    },
  },
  namespaces: {
    chat: { ...bare, podSecurity: "restricted", create: true },
    vision: {
      podSecurity: "baseline",
      create: true,
      quota: { gpus: 5, cpu: "64", memory: "256Gi", pods: 50 },
      limits: { cpu: "4", memory: "8Gi" },
      operators: ["vision-ops"],
      viewers: ["user:ada"],
    },
    default: { ...bare, podSecurity: "restricted", create: false },
  },
  services: {
    chat: {
      image: `registry.example/chat@sha256:${"0123456789abcdef".repeat(4)}`,
      port: 5000,
      command: ["python", "serve.py"],
      args: ["--model", "chat"],
      env: { MODE: "on", TOKEN: { secret: "apiToken" } },
      cpu: "500m",
      memory: "8Gi",
      gpus: 2,
      pool: "a100",
      replicas: 3,
      health: "/healthz",
      startup: 5400,
      drain: 90,
      pullSecrets: ["registryLogin"],
      expose: { scope: "internal", allow: ["10.0.0.0/8", "2001:db8::/32"] },
      podSecurity: "restricted",
      mounts: {},
      sidecars: {},
      after: ["evaluate"],
      container: "server",
      namespace: "chat",
      count: 3,
      demand: { gpus: 2, cpu: 500, memory: 8 * 1024 ** 3, pods: 1 },
    },
    inference: {
      image: "vision:v1",
      port: 8000,
      env: {},
      gpus: 4,
      pool: "a100",
      replicas: 1,
      startup: 600,
      drain: 30,
      pullSecrets: [],
      expose: { scope: "cluster", allow: [] },
      podSecurity: "baseline",
      mounts: {},
      sidecars: {},
      after: [],
      container: "inference",
      namespace: "vision",
      count: 1,
      demand: { gpus: 4, cpu: 500, memory: 1024 ** 3, pods: 1 },
    },
  },
  jobs: {
    evaluate: {
      image: "vision:v1",
      command: ["python", "evaluate.py"],
      env: {},
      gpus: 1,
      pool: "l4",
      timeout: 7200,
      retries: 3,
      workers: 1,
      pullSecrets: [],
      podSecurity: "restricted",
      mounts: {},
      sidecars: {},
      after: [],
      container: "evaluate",
      namespace: "vision",
      count: 1,
      demand: { gpus: 1, cpu: 500, memory: 1024 ** 3, pods: 1 },
    },
  },
  warnings: [],
  volumes: {},
};

/** The value of an output, as far as it is known. */
function settled(output: pulumi.Output<string>) {
  return new Promise((resolve) => output.apply(resolve));
}

const readers = { "a file": fromFile, "a running program": fromProgram };

for (const [source, read] of Object.entries(readers)) {
  describe(`a stack read from ${source}`, () => {
    it("has everything the files say, with defaults applied and times in seconds", () => {
      const { secrets, ...stack } = read(everything);
      assert.deepStrictEqual(stack, expected);
      assert.deepStrictEqual(Object.keys(secrets).sort(), ["apiToken", "registryLogin"]);
    });

    it("keeps services, pools and namespaces in the order of the files", () => {
      const stack = read(everything);
      assert.deepStrictEqual(Object.keys(stack.cluster.pools), ["l4", "a100"]);
      assert.deepStrictEqual(Object.keys(stack.namespaces), ["chat", "vision", "default"]);
      assert.deepStrictEqual(Object.keys(stack.services), ["chat", "inference"]);
    });

    it("may have a cluster and nothing else, with the namespace models", () => {
      const files = { "Pulumi.prod.yaml": "config: { cluster: { kind: existing } }" };
      assert.deepStrictEqual(read(files), {
        name: "prod",
        cluster: { kind: "existing", loadBalancer: {}, pools: {} },
        warnings: [],
        volumes: {},
        namespaces: { models: { ...bare, podSecurity: "restricted", create: true } },
        services: {},
        jobs: {},
        secrets: {},
      });
    });

    it("takes keys with and without the project's name", () => {
      const { services } = read({
        "Pulumi.prod.yaml": `
          config:
            gpu-serving:cluster: { kind: existing }
            gpu-serving:services: { chat: { image: "chat:v1" } }`,
      });
      assert.equal(services.chat?.image, "chat:v1");
    });

    it("puts a service with GPUs on the one pool whose nodes have enough", () => {
      const { services } = read({
        "Pulumi.prod.yaml": `
          config:
            cluster: { kind: existing }
            pools:
              small: { gpu: L4, select: { pool: small }, nodes: { max: 1 } }
              large: { gpu: L4, gpusPerNode: 4, select: { pool: large }, nodes: { max: 1 } }
            services:
              chat: { image: "chat:v1", gpus: 2 }
              api: { image: "api:v1" }`,
      });
      assert.deepStrictEqual([services.chat?.pool, services.api?.pool], ["large", undefined]);
    });

    it("lets the stack dev leave versions out", () => {
      const { services } = read({
        "Pulumi.dev.yaml": `
          config:
            cluster: { kind: existing }
            services: { chat: { image: chat }, vision: { image: "vision:latest" } }`,
      });
      assert.deepStrictEqual(
        Object.values(services).map(({ image }) => image),
        ["chat", "vision:latest"],
      );
    });

    it("takes the tag latest where a digest says what it is", () => {
      const image = `chat:latest@sha256:${"0".repeat(64)}`;
      const { services } = read({
        "Pulumi.prod.yaml": `
          config:
            cluster: { kind: existing }
            services: { chat: { image: "${image}" } }`,
      });
      assert.equal(services.chat?.image, image);
    });

    it("takes a namespace that looks like a number for its name", () => {
      const { services } = read({
        "Pulumi.prod.yaml": `
          config:
            cluster: { kind: existing }
            namespaces: { "5": {}, chat: {} }
            namespace: 5
            services: { chat: { image: "chat:v1" } }`,
      });
      assert.equal(services.chat?.namespace, "5");
    });

    it("follows anchors and merges", () => {
      const { services } = read({
        "Pulumi.prod.yaml": `
          config:
            cluster: { kind: existing }
            include: [teams/chat.yaml]
            services:
              embed: &embed { image: "embed:v1", port: 6000 }
              rank: { <<: *embed, image: "rank:v1" }`,
        "teams/chat.yaml": `
          services:
            small: &model { image: "chat:v1", port: 5000 }
            large: { <<: *model, memory: 64Gi }`,
      });
      assert.deepStrictEqual([services.rank?.image, services.rank?.port], ["rank:v1", 6000]);
      assert.deepStrictEqual(
        [services.large?.image, services.large?.port, services.large?.memory],
        ["chat:v1", 5000, "64Gi"],
      );
    });

    it("exports no secret that only another program's key names", () => {
      const { secrets } = read({
        "Pulumi.prod.yaml": `
          config:
            cluster: { kind: existing }
            other:apiToken: { secure: AAABBB }`,
      });
      assert.deepStrictEqual(secrets, {});
    });
  });
}

describe("a secret", () => {
  it("is decrypted and stays a secret in a running program", async () => {
    const { apiToken } = fromProgram(everything).secrets;
    assert.ok(apiToken);
    assert.equal(await settled(apiToken), "hunter2");
    assert.equal(await pulumi.isSecret(apiToken), true);
  });

  it("is unknown, and still a secret, without an engine", async () => {
    const { apiToken } = fromFile(everything).secrets;
    assert.ok(apiToken);
    assert.equal(await pulumi.isSecret(apiToken), true);
    const both = await Promise.race([settled(apiToken), settled(pulumi.output("something known"))]);
    assert.equal(both, "something known");
  });
});

describe("a pull secret", () => {
  const files = (login: string): Files => ({
    "Pulumi.prod.yaml": `
      config:
        cluster: { kind: existing }
        registryLogin: { secure: '${login}' }
        services: { chat: { image: "chat:v1", pullSecrets: [registryLogin] } }`,
  });

  for (const login of ["hunter2", "[]", '{"auths": "hunter2"}', ""]) {
    it(`is refused by a running program if Kubernetes would refuse it: '${login}'`, () => {
      assert.equal(
        refusal(() => fromProgram(files(login))),
        `1 problem in 1 file; nothing was created or changed.

Pulumi.prod.yaml:5: services.chat.pullSecrets[0]: what registryLogin holds is not a Docker config
    found:   a secret (not shown)
    allowed: JSON with the key "auths", as \`docker login\` writes it
    do:      store it again: pulumi config set --secret registryLogin < ~/.docker/config.json
`,
      );
    });
  }

  it("is not looked into where it cannot be decrypted", () => {
    assert.deepStrictEqual(Object.keys(fromFile(files("hunter2")).secrets), ["registryLogin"]);
  });
});

describe("a stack file read without an engine", () => {
  it("names the file that is not there", () => {
    assert.equal(
      refusal(() => readStackFile("/nowhere/Pulumi.prod.yaml")),
      `1 problem in 1 file; nothing was created or changed.

Pulumi.prod.yaml: no such file
    found:   "/nowhere/Pulumi.prod.yaml"
    allowed: the path of a YAML file that can be read
    do:      correct the path of the stack file, or create it: pulumi stack init <stack>
`,
    );
  });

  it("takes the project's name from Pulumi.yaml", () => {
    const { cluster } = fromFile({
      "Pulumi.prod.yaml": "config: { acme:cluster: { kind: existing, context: a } }",
      "Pulumi.yaml": "name: acme",
    });
    assert.deepEqual(cluster, { kind: "existing", context: "a", loadBalancer: {}, pools: {} });
  });
});
