import assert from "node:assert/strict";
import { fromFile, refusal } from "../stack-files";

/** What a stack file with a model that has these keys is refused with; `more`: more sections. */
const refused = (keys: string, more = "") =>
  refusal(() =>
    fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }${more}
  pools:
    l4: { gpu: L4, select: { gpu: l4 }, nodes: { max: 6 } }
  services:
    chat: { model: Qwen/Qwen3-8B-AWQ, ${keys} }`,
    }),
  );
const range = "replicas: { min: 2, max: 6 }";
const fix = (text: string) => /do: +(.*)/.exec(text)?.[1];
const own =
  "where the cluster has a Prometheus, write its address in place of observability: autoscaling: { prometheus: http://prometheus.monitoring:9090 }";

describe("a range of replicas without what it needs", () => {
  it("names observability first, then KEDA, where the stack file has neither", () => {
    assert.equal(
      fix(refused(range)),
      `add observability: true and autoscaling: { keda: install } to the stack file; keda: existing where the cluster has it; ${own}`,
    );
  });

  it("names KEDA alone where observability has the figures, installed or of the cluster", () => {
    const existing = "{ existing: { prometheus: http://prometheus:9090, namespace: monitoring } }";
    for (const observability of ["true", existing]) {
      assert.equal(
        fix(refused(range, `\n  observability: ${observability}`)),
        "add autoscaling: { keda: install } to the stack file; keda: existing where the cluster has it",
      );
    }
  });

  it("names observability where KEDA alone is there, which is enough", () => {
    assert.equal(
      fix(refused(range, "\n  autoscaling: { keda: install }")),
      `add observability: true to the stack file, which installs one; ${own}`,
    );
    assert.equal(
      refused(range, "\n  autoscaling: { keda: install }\n  observability: true"),
      "nothing was refused",
    );
  });
});

describe("what replicas follow", () => {
  const both = "\n  autoscaling: { keda: install }\n  observability: true";

  it("stands beside a range, and is called back from within it", () => {
    const text = refused("replicas: { min: 2, max: 6, scaleOn: { queue: 5 } }", both);
    assert.match(text, /services\.chat\.replicas\.scaleOn: a key of the service/);
    assert.equal(fix(text), 'write it beside replicas: scaleOn: {"queue":5}');
  });

  it("is misspelt, which is said with the word that is meant", () => {
    assert.equal(fix(refused(`${range}, scaleOn: { queu: 5 }`, both)), 'did you mean "queue"?');
  });

  it("is no use of GPUs, which is said with what to write instead", () => {
    for (const key of ["gpu", "gpuUtilization"]) {
      const text = refused(`${range}, scaleOn: { ${key}: 70 }`, both);
      assert.match(text, new RegExp(`services\\.chat\\.scaleOn\\.${key}: not offered`));
      assert.equal(
        fix(text),
        "write queue: 10 for a model, or query and target with a metric of your own server",
      );
    }
  });
});

describe("a range of replicas with a maximum alone", () => {
  it("is told a minimum that every service takes", () => {
    assert.equal(fix(refused("replicas: { max: 4 }")), "add it, for example min: 1");
  });
});
