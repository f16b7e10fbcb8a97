import assert from "node:assert/strict";
import { embeddedTools, kindTool, kubectlTool, kwokTool, pulumiTools } from "../../local/tool-list";

const [kubernetes, etcd] = embeddedTools;

describe("a tool on PATH", () => {
  for (const [said, set, taken] of [
    ["v3.245.0", pulumiTools, true],
    ["v3.251.2", pulumiTools, true],
    ["v3.244.9", pulumiTools, false],
    ["v2.300.0", pulumiTools, false],
    ["Client Version: v1.36.1\nKustomize Version: v5.7.1", kubectlTool, true],
    ["Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0", kubectlTool, false],
    ["Kubernetes v1.35.0", kubernetes, true],
    ["Kubernetes v1.36.0", kubernetes, false],
    ["etcd Version: 3.6.9\nGit SHA: abc", etcd, true],
    ["etcd Version: 3.5.2\nGit SHA: abc", etcd, false],
    ["kind v0.33.0 go1.25.0 linux/amd64", kindTool, true],
    ["kind v0.29.0 go1.24.0 linux/amd64", kindTool, false],
    ["kwok version 0.8.0 go1.25 (linux/amd64)", kwokTool, true],
  ] as const) {
    it(`${taken ? "is taken" : "is passed over"} when it says ${JSON.stringify(said)}`, () => {
      assert.equal(set?.onPath?.says.test(said), taken);
    });
  }
});

describe("an official download", () => {
  const arm = { os: "linux", arch: "arm64" };

  it("of Kubernetes is the command of this system, with its checksum beside it", () => {
    const url = "https://dl.k8s.io/v1.35.4/bin/linux/arm64/kubelet";
    assert.deepEqual(kubernetes?.download?.("kubelet", arm), {
      url,
      checksum: { file: `${url}.sha256` },
    });
  });

  it("of pulumi is a member of the release's archive, whose digest the release lists", () => {
    const asset = "pulumi-v3.245.0-linux-x64.tar.gz";
    assert.deepEqual(pulumiTools.download?.("pulumi", { os: "linux", arch: "amd64" }), {
      url: `https://github.com/pulumi/pulumi/releases/download/v3.245.0/${asset}`,
      checksum: {
        release: "https://api.github.com/repos/pulumi/pulumi/releases/tags/v3.245.0",
        asset,
      },
      member: "pulumi/pulumi",
    });
  });
});
