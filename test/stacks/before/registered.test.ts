import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { deployStack } from "../../../program";
import { aPool } from "../../support/clusters";
import { fromFile } from "../stack-files";

const cluster = {
  pools: { l4: aPool() },
  loadBalancers: { public: { annotations: { "example.com/scheme": "internet-facing" } } },
  namespaceLabels: {},
};

describe("a program on the cluster of another stack", () => {
  it("registers nothing before its entries fit what that stack tells", async () => {
    const stack = fromFile({
      "Pulumi.team.yaml": `config:
  cluster: { kind: existing, stack: acme/gpu-serving/platform }
  services:
    chat:
      image: "chat:v1"
      expose: { scope: public, allow: [203.0.113.0/24] }
      annotations: { service: { example.com/scheme: internal } }
`,
    });
    const registered: string[] = [];
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          registered.push(type);
          const outputs = { cluster, kubeconfig: "none" };
          return { id: name, state: { ...(inputs as object), outputs, secretOutputNames: [] } };
        },
        call: () => ({ outputs: {} }),
      },
      "gpu-serving",
      "team",
      false,
      "acme",
    );
    await assert.rejects(deployStack(stack), /^Error: services\.chat\.annotations\.service/);
    assert.deepEqual(registered, ["pulumi:pulumi:StackReference"]);
  });
});
