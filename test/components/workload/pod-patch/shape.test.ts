import assert from "node:assert/strict";
import { isPodPatch, patchShapeProblems } from "../../../../components/workload/pod-patch/shape";
import { deployChat } from "../../../support/clusters";

describe("the form of a patch", () => {
  for (const [what, patch, ...says] of [
    ["a field that is misspelt", { hostAlias: [] }, 'hostAlias: did you mean "hostAliases"?'],
    [
      "one in a container of a list",
      { containers: [{ name: "a", securityContext: { capabilities: { dropp: [] } } }] },
      'containers.0.securityContext.capabilities.dropp: did you mean "drop"?',
    ],
    [
      "a field of a container",
      { workingDir: "/app" },
      "workingDir: write it of a container: containers: [{ name: NAME, workingDir: ... }]",
    ],
    [
      "what is around the spec",
      { metadata: {}, spec: {} },
      "metadata: remove it, and write labels or annotations.pods",
      "spec: write the keys below spec themselves",
    ],
    ["directives", { $patch: "replace" }, "$patch: remove it"],
    [
      "other types",
      {
        dnsConfig: { nameservers: "10.0.0.1", options: [{ name: "ndots", value: 1 }] },
        enableServiceLinks: "true",
        terminationGracePeriodSeconds: "5",
        securityContext: [],
        containers: [{ name: "a", resources: { limits: { "rdma/hca": 1 } } }],
      },
      'dnsConfig.nameservers: write a list: ["10.0.0.1"]',
      'dnsConfig.options.0.value: quote it: "1"',
      "enableServiceLinks: write true or false",
      "terminationGracePeriodSeconds: write a number",
      "securityContext: write a map",
      'containers.0.resources.limits.rdma/hca: quote it: "1"',
    ],
    [
      "nothing behind a colon",
      { hostname: null, dnsConfig: null, volumes: null },
      ...["hostname", "dnsConfig"].map(
        (key) => `${key}: write a value, or remove the key: a patch removes nothing of the pod`,
      ),
      "volumes: write a value, or remove the key: a patch removes nothing of the pod",
    ],
    [
      "items that nothing tells apart",
      { containers: [{ tty: true }, { name: "a" }, { name: "a" }] },
      "containers.0: add name",
      'containers.2: write one item for "a"',
    ],
  ] as const) {
    it(`is looked at: ${what}`, () => {
      const problems = patchShapeProblems(patch);
      assert.deepEqual(
        problems.map(({ path, fix }) => `${path.join(".")}: ${fix}`),
        says,
      );
      assert.equal(isPodPatch(patch), false);
    });
  }

  it("is good with ports by number and by name, and quantities as text", () => {
    const httpGet = (port: number | string) => ({ postStart: { httpGet: { port } } });
    const containers = [
      { name: "a", lifecycle: httpGet(80), resources: { limits: { "rdma/hca": "1" } } },
      { name: "b", lifecycle: httpGet("http") },
    ];
    assert.deepEqual(patchShapeProblems({ containers, nodeSelector: { a: "b" } }), []);
  });

  it("is refused by a component before anything else of the patch", async () => {
    const podPatch = { hostNetwork: true, hostAlias: [] };
    await assert.rejects(
      deployChat({ podPatch }),
      /chat: podPatch\.hostAlias: unknown key, got \[\]; allowed: activeDeadlineSeconds, .*, volumes\. Did you mean "hostAliases"\?$/,
    );
  });
});
