import assert from "node:assert/strict";
import {
  passedProblems,
  passedValue,
  strayProblems,
} from "../../../../components/serving/engines/passed-arguments";

const own = {
  contextTokens: ["--max-model-len", "-c"],
  gpus: ["--tensor-parallel-size", "-tp"],
  apiKey: ["--api-key"],
  fit: ["--dtype"],
};
const plain = { underscores: false, flags: [] };
const ofBeginnings = {
  ...plain,
  flags: ["--enable-prefix-caching"],
  valued: [...Object.values(own).flat(), "--max-lora-rank", "--max-loras", "--seed"],
};

describe("the value of an argument that an entry passes", () => {
  const rank = (...words: string[]) =>
    passedValue(words, "--max-lora-rank", { ...plain, underscores: true });

  it("stands behind it or behind =, and the last one counts", () => {
    assert.equal(rank("--max-lora-rank", "64"), "64");
    assert.equal(rank("--max_lora_rank=64"), "64");
    assert.equal(rank("--max-lora-rank=8", "--seed", "1", "--max-lora-rank", "32"), "32");
    assert.equal(rank("--seed", "1"), undefined);
  });

  it("stands behind the beginning of its name, where no other argument begins so", () => {
    const rank = (word: string) => passedValue([word, "512"], "--max-lora-rank", ofBeginnings);
    assert.equal(rank("--max-lora-r"), "512");
    assert.equal(rank("--max-lora"), undefined);
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
    [["--max-model", "10"], ofBeginnings, "--max-model"],
    [["--te", "2", "--d=half", "-t", "2"], ofBeginnings, "--te", "--d", "-t"],
    [["--m", "10"], ofBeginnings, "--m"],
    [["--s", "1", "--max-lora", "1", "--apikey"], ofBeginnings],
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

  it("take no value behind the beginning of a flag", () => {
    const stray = (...words: string[]) =>
      strayProblems(words, ofBeginnings).map(({ found }) => found);
    assert.deepEqual(stray("--enable-prefix-cac", "oops", "--se", "1"), ['"oops"']);
  });

  it("have no value behind = where the engine takes the whole word for a name, and it is not shown", () => {
    const whole = { ...plain, equals: false };
    assert.deepEqual(strayProblems(["--seed=1", "--temp", "1=2"], whole), [
      {
        path: ["engineArgs", 0],
        allowed: "arguments by their names, each with its value behind it",
        problem: "no argument: the engine takes the whole word for its name",
        found: '"--seed=..."',
        fix: 'write the value as the next item: ["--seed", "<value>"]',
      },
    ]);
    assert.deepEqual(strayProblems(["--seed=1"], plain), []);
    assert.match(strayProblems(["1"], plain)[0]?.allowed ?? "", / behind it or behind =$/);
  });

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
