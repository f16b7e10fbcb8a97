import assert from "node:assert/strict";
import { fromFile, refusal } from "../stack-files";

const pools = {
  arm: "arm: { machine: m7g.2xlarge, nodes: { max: 4 } }",
  amd: "amd: { machine: m7i.2xlarge, nodes: { max: 4 }, capacity: [spot] }",
  gpu: "gpu: { gpu: L4, nodes: { max: 1 } }",
};

/** What a service that is too large for the cluster's own nodes is told to do, on a cluster with these pools. */
function remedy(entry: string, ...declared: (keyof typeof pools)[]): string {
  const said = refusal(() =>
    fromFile({
      "Pulumi.prod.yaml": `config:
  cluster: { kind: eks, region: us-east-1, mode: nodeGroups, access: [203.0.113.0/24] }
  pools: { ${declared.map((name) => pools[name]).join(", ")} }
  services:
    large: { ${entry}, port: 8000, cpu: 4 }
`,
    }),
  );
  const [, fix] = /do: +lower it, or (.*)/.exec(said) ?? [];
  return fix ?? said;
}

describe("a pod that is too large for the cluster's own nodes", () => {
  const image = "image: 'api:v1'";
  const build = "build: ./examples/digits";
  const onLarger = "run it on a pool of larger nodes: pool:";

  it("is told of pools whose nodes run its image: those without ARM processors, where there is one", () => {
    assert.equal(remedy(image, "arm", "amd", "gpu"), `${onLarger} amd`);
    assert.equal(remedy(image, "arm", "gpu"), `${onLarger} arm, if its images are there for arm64`);
  });

  it("is told of all of them where its image is built for the nodes", () => {
    assert.equal(remedy(build, "arm", "amd"), `${onLarger} arm or amd`);
    assert.equal(remedy(build, "arm"), `${onLarger} arm`);
  });
});
