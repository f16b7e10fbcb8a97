import assert from "node:assert/strict";
import { refuseOnOtherCluster } from "../../../stacks/before/entries-there";
import { aPool } from "../../support/clusters";
import { fromFile } from "../stack-files";

const there = {
  pools: { l4: aPool({ runtimeClass: "nvidia" }) },
  loadBalancers: { public: { annotations: { "example.com/scheme": "internet-facing" } } },
};

/** What is wrong with a service, or a job, on the cluster of the other stack. */
function refusalOf(section: "services" | "jobs", entry: string): string {
  const stack = fromFile({
    "Pulumi.team.yaml": `config:
  cluster: { kind: existing, stack: acme/gpu-serving/platform }
  ${section}: { chat: { image: "chat:v1", ${entry} } }
`,
  });
  try {
    refuseOnOtherCluster(stack, there);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "accepted";
}

const open = "expose: { scope: public, allow: [203.0.113.0/24] }";

describe("an entry on the cluster of another stack", () => {
  for (const [what, section, entry, says] of [
    [
      "an annotation that its load balancers have",
      "services",
      `${open}, annotations: { service: { example.com/scheme: internal } }`,
      /^services\.chat\.annotations\.service\["example.com\/scheme"\]: written by us, .*; nothing was created or changed\.\n/,
    ],
    [
      "another RuntimeClass than its pool's",
      "services",
      "gpus: 1, podPatch: { runtimeClassName: gvisor }",
      /^services\.chat\.podPatch\.runtimeClassName: pods on nodes of pool l4 /,
    ],
    [
      "a pool that it lacks",
      "jobs",
      "gpus: 1, pool: h100",
      /^jobs\.chat\.pool: not a declared pool; /,
    ],
    [
      "more GPUs than its nodes have",
      "services",
      "gpus: 2",
      /^services\.chat\.gpus: more GPUs than a node /,
    ],
    [
      "a scope that it cannot make",
      "services",
      "expose: { scope: internal }",
      /^services\.chat\.expose\.scope: the stack of the cluster does not say .*\n.*\n +allowed: cluster, public\n/,
    ],
  ] as const) {
    it(`is refused before anything is registered: ${what}`, () =>
      assert.match(refusalOf(section, entry), says));
  }

  it("is accepted where it fits", () => {
    for (const entry of [
      `gpus: 1, ${open}, annotations: { service: { example.com/owner: us } }`,
      "gpus: 1, podPatch: { runtimeClassName: nvidia }",
      'mounts: { /models: { existingSecret: a } }, podPatch: { hostname: "chat" }',
    ])
      assert.equal(refusalOf("services", entry), "accepted");
    assert.equal(refusalOf("jobs", "gpus: 1, workers: 2, command: [python]"), "accepted");
  });

  it("is not looked at on any other cluster", () =>
    assert.doesNotThrow(() => refuseOnOtherCluster({ services: {}, jobs: {} }, undefined)));
});
