import assert from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { readStackFile } from "../../stacks/config";
import { UnseenValues } from "../../stacks/problems";
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
      ports: {},
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
      ports: {},
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
      completions: 1,
      parallelism: 1,
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
  placements: {},
  warnings: [],
  volumes: {},
};

/** The value of an output, as far as it is known. */
function settled(output: pulumi.Output<string>) {
  return new Promise((resolve) => output.apply(resolve));
}

const readers = { "a file": fromFile, "a running program": fromProgram };
const withoutVersion = `chat:latest@sha256:${"0".repeat(64)}`;
const images = ({ services }: Stack) => Object.values(services).map(({ image }) => image);

/** What a stack file may say below `config:`, beside a cluster, and what a reader then finds where. */
const taken: [
  claim: string,
  config: string,
  found: (stack: Stack) => unknown,
  expected: unknown,
][] = [
  [
    "takes keys with the project's name",
    'gpu-serving:services: { chat: { image: "chat:v1" } }',
    images,
    ["chat:v1"],
  ],
  [
    "takes the tag latest where a digest says what it is",
    `services: { chat: { image: "${withoutVersion}" } }`,
    images,
    [withoutVersion],
  ],
  [
    "takes a namespace that looks like a number for its name",
    `namespaces: { "5": {}, chat: {} }
          namespace: 5
          services: { chat: { image: "chat:v1" } }`,
    ({ services }) => services.chat?.namespace,
    "5",
  ],
  [
    "puts a service with GPUs on the one pool whose nodes have enough",
    `pools:
            small: { gpu: L4, select: { pool: small }, nodes: { max: 1 } }
            large: { gpu: L4, gpusPerNode: 4, select: { pool: large }, nodes: { max: 1 } }
          services:
            chat: { image: "chat:v1", gpus: 2 }
            api: { image: "api:v1" }`,
    ({ services }) => [services.chat?.pool, services.api?.pool],
    ["large", undefined],
  ],
  [
    "leaves the disk and the GPUs of a service without replicas to a job",
    `pools: { l4: { gpu: L4, select: { pool: l4 }, nodes: { max: 1 } } }
          volumes: { work: { disk: 5Gi, access: one-pod } }
          services: { chat: { image: "chat:v1", gpus: 1, replicas: 0, mounts: { /w: work } } }
          jobs: { tune: { image: "tune:v1", gpus: 1, mounts: { /w: { volume: work, write: true } } } }`,
    ({ services, jobs }) => [services.chat?.count, jobs.tune?.count],
    [0, 1],
  ],
  [
    "follows anchors and merges",
    `services:
            embed: &embed { image: "embed:v1", port: 6000 }
            rank: { <<: *embed, image: "rank:v1" }`,
    ({ services }) => [services.rank?.image, services.rank?.port],
    ["rank:v1", 6000],
  ],
  [
    "exports no secret that only another program's key names",
    "other:apiToken: { secure: AAABBB }",
    ({ secrets }) => secrets,
    {},
  ],
];

for (const [source, read] of Object.entries(readers)) {
  describe(`a stack read from ${source}`, () => {
    it("has everything the files say, in their order, with defaults applied and times in seconds", () => {
      const { secrets, ...stack } = read(everything);
      assert.deepStrictEqual(stack, expected);
      assert.deepStrictEqual(Object.keys(secrets).sort(), ["apiToken", "registryLogin"]);
      for (const key of ["services", "namespaces"] as const) {
        assert.deepStrictEqual(Object.keys(stack[key]), Object.keys(expected[key]));
      }
      assert.deepStrictEqual(Object.keys(stack.cluster.pools), ["l4", "a100"]);
    });

    it("may have a cluster and nothing else, with the namespace models", () => {
      const files = { "Pulumi.prod.yaml": "config: { cluster: { kind: existing } }" };
      assert.deepStrictEqual(read(files), {
        name: "prod",
        cluster: { kind: "existing", loadBalancer: {}, pools: {} },
        ...{ placements: {}, warnings: [], volumes: {}, services: {}, jobs: {}, secrets: {} },
        namespaces: { models: { ...bare, podSecurity: "restricted", create: true } },
      });
    });

    for (const [claim, config, found, expected] of taken) {
      it(claim, () => {
        const file = `
        config:
          cluster: { kind: existing }
          ${config}`;
        assert.deepStrictEqual(found(read({ "Pulumi.prod.yaml": file })), expected);
      });
    }

    it("lets the stack dev leave versions out", () => {
      const config =
        'cluster: { kind: existing }, services: { chat: { image: chat }, vision: { image: "vision:latest" } }';
      const stack = read({ "Pulumi.dev.yaml": `config: { ${config} }` });
      assert.deepStrictEqual(images(stack), ["chat", "vision:latest"]);
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
      assert.match(
        refusal(() => fromProgram(files(login))),
        /^Pulumi\.prod\.yaml:5: services\.chat\.pullSecrets\[0\]: what registryLogin holds is not a Docker config\n +found: +a secret \(not shown\)$/m,
      );
    });
  }

  for (const [config, refused] of [
    ['{"auths": {"r.example": {}}, "credsStore": "desktop"}', true],
    ['{"auths": {}, "credHelpers": {"r.example": "ecr-login"}}', true],
    ['{"auths": {"r.example": {"auth": "dTpw"}, "other": {}}}', true],
    // As the command of the remedy writes it.
    ['{"auths":{"r.example":{"username":"u","password":"p","auth":"dTpw"}}}', false],
  ] as const) {
    it(`is ${refused ? "refused" : "taken"} by where its logins are: ${config}`, () => {
      const said = () => fromProgram(files(config));
      if (refused)
        assert.match(refusal(said), /are in a credential helper.*[^]*kubectl create secret/);
      else assert.ok(said().secrets.registryLogin);
    });
  }

  it("is not looked into where it cannot be decrypted", () => {
    assert.deepStrictEqual(Object.keys(fromFile(files("hunter2")).secrets), ["registryLogin"]);
  });
});

describe("a stack whose values come from an ESC environment", () => {
  const files = (config: string): Files => ({
    "Pulumi.prod.yaml": `environment: [acme/prod]\nconfig: ${config}`,
    "teams/chat.yaml": `services: { chat: { image: "chat:v1", gpus: 1, env: { A: { secret: token } } } }`,
  });
  const l4 = { gpu: "L4", select: { pool: "l4" }, nodes: { max: 2 } };
  const environment = {
    "gpu-serving:cluster": { kind: "existing", context: "prod" },
    "gpu-serving:pools": { l4 },
    "gpu-serving:include": ["teams/chat.yaml"],
    "gpu-serving:token": { secure: "t0ken" },
  };

  it("has whole sections and secrets from there, also without a config of its own", () => {
    const { cluster, services, secrets } = fromProgram(files("{}"), environment);
    assert.deepEqual([cluster.kind, Object.keys(cluster.pools)], ["existing", ["l4"]]);
    assert.equal(services.chat?.pool, "l4");
    assert.deepEqual(Object.keys(secrets), ["token"]);
    const alone = { ...files("{}"), "Pulumi.prod.yaml": "environment: [acme/prod]" };
    assert.equal(fromProgram(alone, environment).services.chat?.pool, "l4");
  });

  it("has keys of one section from both, and of one key what the file says", () => {
    const own = files("{ gpu-serving:pools: { l4: { nodes: { max: 8 } } } }");
    const { cluster } = fromProgram(own, environment);
    assert.deepEqual(cluster.pools.l4?.nodes, { min: 0, max: 8 });
    assert.deepEqual(cluster.kind === "existing" && cluster.context, "prod");
  });

  it("is refused at the line of the environment for what is there, and at its own for what the file has", () => {
    const pools = { l4: { ...l4, gpus: 1 } };
    const config = "\n  gpu-serving:tags: [a]";
    const said = refusal(() =>
      fromProgram(files(config), { ...environment, "gpu-serving:pools": pools }),
    );
    assert.match(said, /^Pulumi\.prod\.yaml:1: pools\.l4\.gpus: unknown key$/m);
    assert.match(said, /^Pulumi\.prod\.yaml:3: tags: wrong type$/m);
  });

  it("is told how to keep a secret where one is inside of a section", () => {
    const pools = { l4: { ...l4, select: { pool: { secure: "l4" } } } };
    const said = refusal(() =>
      fromProgram(files("{}"), { ...environment, "gpu-serving:pools": pools }),
    );
    assert.match(said, /pools: a section with something encrypted[^]* in pulumiConfig of an env/);
  });

  /** What is only told of a file that is read without the environment. */
  const unseen = (config: string, more: Files = {}) => {
    try {
      fromFile({ ...files(config), ...more });
      return [];
    } catch (error) {
      assert.ok(error instanceof UnseenValues);
      return error.problems.map(({ path, problem }) => `${path.join(".")}: ${problem}`);
    }
  };
  const unless = "unless the environment has it, which is not opened here";

  it("is not refused without it for what it may have", () => {
    assert.deepEqual(unseen("{}"), [`cluster: missing, ${unless}`]);
    const existing = "cluster: { kind: existing }";
    assert.deepEqual(unseen(`{ ${existing}, include: [teams/chat.yaml] }`).length, 1);
    assert.deepEqual(unseen("{ cluster: { kind: gke, region: us-central1 } }"), [
      `gcp:project: missing: the project that everything is made in, ${unless}`,
    ]);
    assert.deepEqual(unseen(`{ ${existing} }`), []);
  });

  it("is told which command opens it", () => {
    assert.throws(() => fromFile(files("{}")), {
      message: /do: +run npm run preview -- prod, which opens it; else add it/,
    });
  });

  it("is refused without it for what it cannot change", () => {
    const said = refusal(() => fromFile(files("{ volumes: [a], tgas: {} }")));
    assert.match(said, /^2 problems [^]*volumes: wrong type[^]*tgas: unknown key/);
    const twice = refusal(() =>
      fromFile(
        files(
          '{ cluster: { kind: existing }, include: [teams/chat.yaml], services: { chat: { image: "c:v1" } } }',
        ),
      ),
    );
    assert.match(twice, /name given twice/);
  });
});

describe("a stack file read without an engine", () => {
  it("takes secrets for there that an ESC environment may have, and none in plain text", () => {
    const file = (more: string): Files => ({
      "Pulumi.prod.yaml": `
        ${more}
        config:
          cluster: { kind: existing }
          plain: a
          services: { chat: { image: "chat:v1", env: { A: { secret: token }, B: { secret: plain } } } }`,
    });
    const faults = (more: string) =>
      refusal(() => fromFile(file(more))).match(/env\.\w+\.secret: .*/g);
    const plain = "env.B.secret: stored in plain text, not as a secret";
    assert.deepEqual(faults("environment: [acme/prod]"), [plain]);
    assert.deepEqual(faults(""), ["env.A.secret: no such secret", plain]);
  });

  it("names the file that is not there", () => {
    const said = refusal(() => readStackFile("/nowhere/Pulumi.prod.yaml"));
    assert.match(said, /^Pulumi\.prod\.yaml: no such file\n.*"\/nowhere\/Pulumi\.prod\.yaml"$/m);
    assert.match(said, /or create it: pulumi stack init <stack>$/m);
  });

  it("takes the project's name from Pulumi.yaml", () => {
    const { cluster } = fromFile({
      "Pulumi.prod.yaml": "config: { acme:cluster: { kind: existing, context: a } }",
      "Pulumi.yaml": "name: acme",
    });
    assert.deepEqual(cluster, { kind: "existing", context: "a", loadBalancer: {}, pools: {} });
  });
});
