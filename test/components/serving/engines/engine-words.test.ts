import assert from "node:assert/strict";
import type { ServedModel } from "../../../../components/serving/engines/engine";
import { engineProblems, type EngineName } from "../../../../components/serving/engines/engines";
import { onL4, served } from "./served";

const words = (name: EngineName, engineArgs: string[], of: ServedModel = onL4) =>
  engineProblems(name, { ...of, engineArgs }).map(
    ({ path, found, problem }) => `${path.join(".")} ${found}: ${problem}`,
  );

const stray = "no argument, and the value of none";

describe("the arguments of an engine", () => {
  for (const [passed, place, found] of [
    [[""], 0, '""'],
    [["positional"], 0, '"positional"'],
    [["--seed=1", "2"], 1, '"2"'],
    [["--seed", "1", "--", "x"], 2, '"--"'],
    [["--enable-prefix-caching", "oops"], 1, '"oops"'],
    [["--enable_prefix_caching", "oops"], 1, '"oops"'],
    [["--no-enable-prefix-caching", "oops"], 1, '"oops"'],
  ] as const) {
    it(`have no words of no argument: ${JSON.stringify(passed)}`, () => {
      assert.deepEqual(words("vllm", [...passed]), [`engineArgs.${place} ${found}: ${stray}`]);
    });
  }

  it("may have several values, and negative ones", () => {
    assert.deepEqual(words("vllm", ["--seed", "-1", "--middleware", "a", "b"]), []);
  });

  it("have a value behind no flag of any engine", () => {
    const embed = served({ shape: { task: "embed", weightType: "bf16" } });
    const gguf = served({ shape: { weightType: "gguf", file: "a.gguf" } });
    assert.deepEqual(words("sglang", ["--enable-mixed-chunk", "1"]), [
      `engineArgs.1 "1": ${stray}`,
    ]);
    assert.deepEqual(words("llama.cpp", ["--jinja", "1"], gguf), [`engineArgs.1 "1": ${stray}`]);
    assert.deepEqual(words("tei", ["--disable-spans", "1"], embed), [`engineArgs.1 "1": ${stray}`]);
    assert.deepEqual(words("tei", ["--auto-truncate", "false"], embed), []);
  });

  it("are in no file that nobody looks at", () => {
    for (const name of ["vllm", "sglang"] as const) {
      assert.deepEqual(words(name, ["--config", "/x.yaml"]), [
        'engineArgs.0 "--config": sets what follows from the entry',
      ]);
    }
  });

  it("keep no prompts of llama.cpp in memory that a pod on CPUs does not have", () => {
    const gguf = { name: "acme/SmolLM2-GGUF", weightType: "gguf", file: "smol.Q4_1.gguf" } as const;
    const passed = ["--cache-ram", "8192"];
    const onCpus = served({ shape: gguf, fit: { gpus: 0 } });
    assert.deepEqual(words("llama.cpp", passed, onCpus), [
      'engineArgs.0 "--cache-ram": sets what follows from the entry',
    ]);
    assert.deepEqual(words("llama.cpp", passed, served({ shape: gguf, fit: { gpus: 1 } })), []);
  });
});

describe("the adapters of a model", () => {
  const adapters = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, `acme/a${at}`]));

  it("are at most as many as GPUs are sure to have memory for", () => {
    assert.deepEqual(engineProblems("vllm", { ...onL4, adapters: adapters(8) }), []);
    const [problem] = engineProblems("vllm", { ...onL4, adapters: adapters(64) });
    assert.deepEqual([problem?.path, problem?.found], [["adapters"], "64 adapters"]);
  });
});
