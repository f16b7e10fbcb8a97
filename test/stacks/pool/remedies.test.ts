import assert from "node:assert/strict";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy } from "../../support/deploy";
import { fromFile, refusal } from "../stack-files";

const clusters = {
  gke: "{ kind: gke, region: us-central1 }",
  eks: "{ kind: eks, region: us-east-1, access: [203.0.113.0/24] }",
  aks: "{ kind: aks, region: eastus }",
  existing: "{ kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }",
};

/** A stack of that kind, with a pool, and a service of these keys. */
const files = (kind: keyof typeof clusters, pools: string, entry = "") => ({
  "Pulumi.prod.yaml": `config:
  gcp:project: acme-ml
  cluster: ${clusters[kind]}
  pools: { ${pools} }
  services: { chat: { image: "chat:v1"${entry} } }
`,
});

/** What is to be done about the first problem. */
function remedy(...args: Parameters<typeof files>): string {
  const said = refusal(() => fromFile(files(...args)));
  return /do: +(.*)/.exec(said)?.[1] ?? said;
}

describe("a pool in the words of others", () => {
  for (const kind of ["gke", "eks", "aks"] as const) {
    for (const size of [
      "cpu: 8, memory: 32Gi",
      'vcpus: "8", ram: 32GiB',
      "cores: 7500m, memoryGiB: 32",
      "offers: { cpu: 8, memory: 32Gi }",
    ]) {
      it(`leads to the cheapest machine of ${kind} that is as large: ${size}`, () => {
        const fix = remedy(kind, `cpu: { ${size}, nodes: { max: 4 } }`);
        const [, machine] =
          /^write machine: (\S+), the cheapest of \w+ with at least 8 CPUs and 32 GiB$/.exec(fix) ??
          [];
        const { cluster } = fromFile(
          files(kind, `cpu: { machine: ${machine ?? assert.fail(fix)}, nodes: { max: 4 } }`),
        );
        assert.ok(cluster.kind === kind);
        const { vcpus = 0, memoryGiB = 0, gpu } = cluster.pools.cpu?.machine ?? {};
        assert.deepEqual([vcpus >= 8, memoryGiB >= 32, gpu], [true, true, undefined]);
      });
    }
  }

  it("leads to a whole GPU where one is named, and not to a part of it that costs less", () => {
    const fix = remedy(
      "eks",
      "l4: { gpu: L4, offers: { cpu: 4, memory: 28Gi }, nodes: { max: 4 } }",
    );
    const [, machine] = /^write machine: (\S+) in place of gpu, /.exec(fix) ?? [];

    assert.equal(machine, "g6.2xlarge");
  });

  it("leads to a larger machine with its GPU", () => {
    const fix = remedy("gke", "l4: { gpu: L4, cpu: 16, nodes: { max: 4 } }");
    const [, machine] =
      /^write machine: (\S+) in place of gpu, the cheapest of gke with at least 16 CPUs$/.exec(
        fix,
      ) ?? [];
    const { cluster } = fromFile(
      files("gke", `l4: { machine: ${machine ?? assert.fail(fix)}, nodes: { max: 4 } }`),
    );
    assert.ok(cluster.kind === "gke");
    const { vcpus = 0, gpu } = cluster.pools.l4?.machine ?? {};
    assert.deepEqual([vcpus >= 16, gpu], [true, "L4"]);
  });

  it("keeps the name of its machine, or leads to one of this cloud", () => {
    const pool = (named: string) => `cpu: { ${named}, nodes: { max: 4 } }`;
    assert.equal(remedy("eks", pool("instanceTypes: [m7i.2xlarge]")), "write machine: m7i.2xlarge");
    assert.equal(remedy("gke", pool("machineType: n2-standard-8")), "write machine: n2-standard-8");
    assert.match(
      remedy("aks", pool("vmSize: m7i.2xlarge")),
      /^write machine: Standard_\S+, the cheapest of aks /,
    );
    assert.match(
      remedy("gke", pool("cpu: 4000")),
      /^write machine in its place; the catalog has none of gke with 4000 CPUs$/,
    );
  });

  it("says on an existing cluster what pods find on a node", () => {
    const pool = (more: string) => `cpu: { select: { pool: cpu }, nodes: { max: 4 }${more} }`;
    const fix = remedy("existing", pool(", cpu: 8, memory: 32Gi"));
    assert.match(
      fix,
      /^write offers: \{ cpu: CPU, memory: MEMORY \} with what pods find on one node: /,
    );
    const { cluster } = fromFile(files("existing", pool(", offers: { cpu: 8, memory: 28Gi }")));
    assert.ok(cluster.kind === "existing");
    assert.deepEqual(cluster.pools.cpu?.offers, { cpu: "8", memory: "28Gi" });
  });
});

describe("labels of nodes that an entry selects", () => {
  const described =
    "l4: { gpu: L4, select: { pool: l4, tier: gold }, nodes: { max: 2 } }, cpu: { select: { pool: cpu, tier: gold }, arch: arm64, nodes: { max: 2 } }, big: { select: { pool: big, tier: gold }, nodes: { max: 1 } }";
  const made =
    "l4: { machine: g2-standard-12, nodes: { max: 1 } }, cpu: { machine: n2-standard-8, nodes: { max: 4 } }";

  for (const [kind, pools, entry, labels, pool] of [
    ["existing", described, ", gpus: 1", "{ pool: l4 }", "l4"],
    ["existing", described, ", gpus: 1", "{ tier: gold }", "l4"],
    ["existing", described, "", "{ pool: cpu }", "cpu"],
    ["existing", described, "", "{ kubernetes.io/arch: arm64 }", "cpu"],
    ["gke", made, ", gpus: 1", "{ cloud.google.com/gke-accelerator: nvidia-l4 }", "l4"],
    ["gke", made, "", "{ node.kubernetes.io/instance-type: n2-standard-8 }", "cpu"],
    ["gke", made, "", "{ gpu-serving/pool: cpu }", "cpu"],
  ] as const) {
    it(`lead to the pool that has them on a cluster of kind ${kind}: ${labels}${entry}`, async () => {
      const fix = remedy(kind, pools, `${entry}, nodeSelector: ${labels}`);
      assert.equal(fix, `write pool: ${pool}`);
      const stack = fromFile(files(kind, pools, `${entry}, pool: ${pool}`));
      assert.equal(stack.services.chat?.pool, pool);
      if (kind !== "existing") return;
      const { find } = await deploy(() => buildEnvironment(stack));
      const selected = at(
        find("kubernetes:apps/v1:Deployment", "chat"),
        "spec.template.spec.nodeSelector.pool",
      );
      assert.equal(selected, pool);
    });
  }

  it("lead to a choice where several pools have them", () =>
    assert.equal(
      remedy("existing", described, ", nodeSelector: { tier: gold }"),
      "write pool: with one of cpu, big",
    ));

  it("are those of GPUs for entries with GPUs alone", () => {
    assert.match(
      remedy("existing", described, ", nodeSelector: { pool: l4 }"),
      /stay off .*; for a GPU of this pool write gpus: 1, pool: l4$/,
    );
    assert.match(
      remedy("existing", described, ", gpus: 1, nodeSelector: { pool: cpu }"),
      /^remove it: the nodes of pool cpu have no GPUs/,
    );
  });

  it("lead to nothing else where no pool has them", () =>
    assert.match(
      remedy("existing", described, ", nodeSelector: { disk: ssd }"),
      /^remove it: pods without GPUs stay off/,
    ));

  it("are found from an included file, too", () => {
    const own = files("existing", described)["Pulumi.prod.yaml"].replace(
      / {2}services: .*/,
      "  include: [team.yaml]",
    );
    const team = "services: { chat: { image: 'chat:v1', nodeSelector: { pool: cpu } } }";
    const said = refusal(() => fromFile({ "Pulumi.prod.yaml": own, "team.yaml": team }));
    assert.match(said, /do: +write pool: cpu$/m);
  });
});
