import type { ToolSet } from "../../../local/tool-set";

/** Karpenter's own controller with the provider that makes simulated nodes; nobody publishes the command. */
export const karpenterTool: ToolSet = {
  name: "karpenter",
  version: "v1.8.0",
  commands: ["karpenter-kwok"],
  module: { folder: "karpenter", packages: { "karpenter-kwok": "sigs.k8s.io/karpenter/kwok" } },
  compileSeconds: 150,
};
