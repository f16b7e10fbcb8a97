import assert from "node:assert/strict";
import {
  passedProblems,
  passedValue,
} from "../../../../components/serving/engines/passed-arguments";

const own = {
  contextTokens: ["--max-model-len", "-c"],
  gpus: ["--tensor-parallel-size", "-tp"],
  apiKey: ["--api-key"],
  fit: ["--dtype"],
};
const plain = { underscores: false, beginnings: false, flags: [] };

describe("the value of an argument that an entry passes", () => {
  const rank = (...words: string[]) =>
    passedValue(words, "--max-lora-rank", { ...plain, underscores: true });

  it("stands behind it or behind =, and the last one counts", () => {
    assert.equal(rank("--max-lora-rank", "64"), "64");
    assert.equal(rank("--max_lora_rank=64"), "64");
    assert.equal(rank("--max-lora-rank=8", "--seed", "1", "--max-lora-rank", "32"), "32");
    assert.equal(rank("--seed", "1"), undefined);
  });
});

describe("arguments that an entry passes", () => {
  for (const [words, reading, ...refused] of [
    [["--seed", "1", "value"], plain],
    [["--max-model-len", "10"], plain, "--max-model-len"],
    [["--seed", "1", "--max-model-len=10"], plain, "--max-model-len"],
    [["--max_model_len", "10"], plain],
    [["--max_model_len=a_b"], { ...plain, underscores: true }, "--max-model-len"],
    [["--max-model", "10"], plain],
    [["--max-model", "10"], { ...plain, beginnings: true }, "--max-model"],
    [["-c", "10", "-c10", "-c=10"], plain, "-c", "-c10", "-c"],
    [["-cache", "-1", "-"], plain],
    [["-tp", "2", "-tp=2"], plain, "-tp", "-tp"],
  ] as const) {
    it(`are looked at: ${words.join(" ")}${reading === plain ? "" : " (read freely)"}`, () => {
      const found = passedProblems([...words], own, reading).map(({ found }) => found);
      assert.deepEqual(
        found,
        refused.map((word) => `"${word}"`),
      );
    });
  }

  it("are refused with their place and the key to write, and never with their value", () => {
    assert.deepEqual(passedProblems(["--seed", "--api-key=secret"], own, plain), [
      {
        path: ["engineArgs", 1],
        problem: "sets what follows from the entry",
        found: '"--api-key"',
        allowed: "arguments that follow from no key of the entry",
        fix: "remove it and write apiKey",
      },
    ]);
    const [fit] = passedProblems(["--dtype"], own, plain);
    assert.match(fit?.fix ?? "", /^remove it, because it follows from the model/);
  });
});
