import { goTool, type System, type ToolSet } from "./tool-set";

const fromGitHub = (repository: string, tag: string, asset: string) => ({
  url: `https://github.com/${repository}/releases/download/${tag}/${asset}`,
  checksum: { release: `https://api.github.com/repos/${repository}/releases/tags/${tag}`, asset },
});

const kubernetesVersion = "v1.35.4";
const components = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
];
const [, major, minor] = /^v(\d+)\.(\d+)/.exec(kubernetesVersion) ?? [];
const says = (at: string) =>
  `-X ${at}.gitVersion=${kubernetesVersion} -X ${at}.gitMajor=${major} -X ${at}.gitMinor=${minor}`;

const kubernetesSet = {
  version: kubernetesVersion,
  download: (command: string, { os, arch }: System) => {
    const url = `https://dl.k8s.io/${kubernetesVersion}/bin/${os}/${arch}/${command}`;
    return { url, checksum: { file: `${url}.sha256` } };
  },
};
const kubernetesModule = {
  folder: "kubernetes",
  ldflags: `${says("k8s.io/component-base/version")} ${says("k8s.io/client-go/pkg/version")}`,
};

/** The administrator's command, one minor version around the cluster's. */
export const kubectlTool: ToolSet = {
  ...{ ...kubernetesSet, name: "kubectl", commands: ["kubectl"] },
  onPath: { args: ["version", "--client"], says: /v1\.3[456]\./ },
  module: { ...kubernetesModule, packages: { kubectl: "k8s.io/kubernetes/cmd/kubectl" } },
  compileSeconds: 35,
};

/** The engine and its Node.js language host. */
export const pulumiTools: ToolSet = {
  name: "pulumi",
  version: "v3.245.0",
  commands: ["pulumi", "pulumi-language-nodejs"],
  // The engine must not be older than the SDK in package.json.
  onPath: { args: ["version"], says: /^v3\.(24[5-9]|2[5-9]\d|[3-9]\d\d)\./ },
  download: (command, { os, arch }) => ({
    ...fromGitHub(
      "pulumi/pulumi",
      "v3.245.0",
      `pulumi-v3.245.0-${os}-${arch === "amd64" ? "x64" : arch}.tar.gz`,
    ),
    member: `pulumi/${command}`,
  }),
  module: {
    folder: "pulumi",
    packages: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
    ldflags: "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.245.0",
    // Of the language host, the last one that is a Go module with a tag is much older than the engine.
    scripts: {
      "pulumi-language-nodejs": `#!/bin/sh
checkout=$(dirname "$(readlink -f "$0")")/../../..
exec node --import="$checkout/node_modules/tsx/dist/loader.mjs" "$checkout/local/language-host.ts" "$@"
`,
    },
  },
  compileSeconds: 420,
};

const cloud = (file: string) => `cmd/pulumi/cloud/${file}.go`;

/**
 * The engine for state on this machine. Where it is compiled, it is without what reaches buckets and keys of clouds, and without
 * `pulumi api`: half of the work.
 */
export const localPulumiTools: ToolSet = {
  ...pulumiTools,
  module: {
    ...pulumiTools.module,
    without: {
      what: "clouds",
      module: "github.com/pulumi/pulumi/pkg/v3",
      files: [
        ...["operations/operations_aws.go", "operations/operations_gcp.go"],
        ...["api", "describe", "describe_markdown", "fields", "ls"].map(cloud),
        ...["paginate", "pathmatch", "schema", "spec", "spec_fetch"].map(cloud),
      ],
      patch: "without-clouds.patch",
    },
  },
  compileSeconds: 195,
};

/** The Kubernetes provider, compiled where Pulumi cannot download its own: the only version that is a Go module with a tag. */
export const providerTool: ToolSet = {
  name: "pulumi-resource-kubernetes",
  version: "v2.0.0",
  commands: ["pulumi-resource-kubernetes"],
  onPath: { args: ["-version"], says: /^4\./ },
  module: {
    folder: "provider-kubernetes",
    packages: {
      "pulumi-resource-kubernetes":
        "github.com/pulumi/pulumi-kubernetes/provider/v2/cmd/pulumi-resource-kubernetes",
    },
    ldflags: "-X github.com/pulumi/pulumi-kubernetes/provider/v2/pkg/version.Version=v2.0.0",
  },
  compileSeconds: 80,
};

/** What runs the cluster on Docker. */
export const kindTool: ToolSet = {
  ...goTool("kind", "v0.33.0", "sigs.k8s.io/kind", 30),
  onPath: { args: ["version"], says: /v0\.(3[3-9]|[4-9]\d)\./ },
  download: (_, { os, arch }) =>
    fromGitHub("kubernetes-sigs/kind", "v0.33.0", `kind-${os}-${arch}`),
};

/** Keeps simulated nodes ready; in the cluster on Docker it also gives load balancers their addresses. */
export const kwokTool: ToolSet = {
  ...goTool("kwok", "v0.8.0", "sigs.k8s.io/kwok/cmd/kwok", 110),
  onPath: { args: ["--version"], says: /0\.8\./ },
  download: (_, { os, arch }) => fromGitHub("kubernetes-sigs/kwok", "v0.8.0", `kwok-${os}-${arch}`),
};

/**
 * The embedded cluster's own components, in the order they are wanted. All are of one Go module, with the versions that Kubernetes and
 * CoreDNS agree on: what they share is compiled once.
 */
export const embeddedTools: ToolSet[] = [
  {
    ...{ ...kubernetesSet, name: "kubernetes", commands: components },
    onPath: { args: ["--version"], says: /v1\.35\./ },
    module: {
      ...kubernetesModule,
      packages: Object.fromEntries(
        components.map((command) => [command, "gpu-serving/local/tools/kubernetes/components"]),
      ),
    },
    compileSeconds: 480,
  },
  {
    ...goTool("etcd", "v3.6.8", "go.etcd.io/etcd/server/v3", 15, "kubernetes"),
    onPath: { args: ["--version"], says: /etcd Version: 3\.6\./ },
    download: (command, { os, arch }) => ({
      ...fromGitHub("etcd-io/etcd", "v3.6.8", `etcd-v3.6.8-${os}-${arch}.tar.gz`),
      member: `etcd-v3.6.8-${os}-${arch}/${command}`,
    }),
  },
  {
    ...goTool("coredns", "v1.14.2", "gpu-serving/local/tools/kubernetes/coredns", 15, "kubernetes"),
    onPath: { args: ["-version"], says: /CoreDNS-1\./ },
    download: (command, { os, arch }) => ({
      ...fromGitHub("coredns/coredns", "v1.14.2", `coredns_1.14.2_${os}_${arch}.tgz`),
      member: command,
    }),
  },
];

/**
 * Makes the embedded cluster keep NetworkPolicies, which its network plugins know nothing of; of the same modules as the components, so
 * that little is left to compile.
 */
export const networkPoliciesTool: ToolSet = goTool(
  "network-policies",
  "v1",
  "gpu-serving/local/tools/kubernetes/network-policies",
  3,
  "kubernetes",
);

/** The container that holds a pod's network. */
export const pauseTool: ToolSet = goTool("pause", "v1", "gpu-serving/local/tools/pause", 1);

/** Finds faults in the workflows of GitHub Actions. */
export const actionlintTool: ToolSet = {
  name: "actionlint",
  version: "v1.7.12",
  commands: ["actionlint"],
  onPath: { args: ["-version"], says: /^v?1\.(7\.(1[2-9]|[2-9]\d)|[89]\.|\d\d)/ },
  download: (command, { os, arch }) => ({
    ...fromGitHub("rhysd/actionlint", "v1.7.12", `actionlint_1.7.12_${os}_${arch}.tar.gz`),
    member: command,
  }),
  module: {
    folder: "actionlint",
    packages: { actionlint: "github.com/rhysd/actionlint/cmd/actionlint" },
    ldflags: "-X github.com/rhysd/actionlint.version=1.7.12",
  },
  compileSeconds: 20,
};
