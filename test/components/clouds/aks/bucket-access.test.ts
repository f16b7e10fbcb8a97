import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { BucketAccess } from "../../../../components/cluster/cluster";
import { anAksCluster } from "../../../support/aks";
import { deploy, valueOf } from "../../../support/deploy";
import { fromFile, refusal } from "../../../stacks/stack-files";

const storage =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/shared/providers/Microsoft.Storage/storageAccounts";
const reader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const contributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";

/** Runs a program in which service accounts get access to buckets, by the name of each access. */
function deployAccess(accesses: Record<string, Partial<BucketAccess>>) {
  return deploy(() => {
    const cluster = anAksCluster();
    const grants = Object.entries(accesses).map(([name, access]) =>
      cluster.bucketAccess(name, {
        ...{
          namespace: "chat",
          serviceAccount: "vllm",
          bucket: "shared/acme/weights",
          write: false,
        },
        ...access,
      }),
    );
    return { cluster, grants };
  });
}

/** Who may do what where, of the roles on storage. */
function granted({ resources }: Awaited<ReturnType<typeof deployAccess>>) {
  return resources
    .filter(
      ({ type, inputs }) =>
        type.endsWith(":RoleAssignment") && /Storage/.test(String(inputs.scope)),
    )
    .map(({ inputs }) => [
      inputs.principalId,
      String(inputs.roleDefinitionId).split("/").at(-1),
      String(inputs.scope),
    ]);
}

describe("access to buckets on AKS", () => {
  it("is a role on exactly one container, to read or to write", async () => {
    const run = await deployAccess({
      read: {},
      write: { serviceAccount: "retrain", bucket: "shared/acme/models", write: true },
    });

    assert.deepEqual(granted(run), [
      ["principal of chat_vllm", reader, `${storage}/acme/blobServices/default/containers/weights`],
      [
        "principal of chat_retrain",
        contributor,
        `${storage}/acme/blobServices/default/containers/models`,
      ],
    ]);
  });

  it("is of one identity for one service account, because it can name only one", async () => {
    const run = await deployAccess({
      weights: {},
      cache: { bucket: "shared/acme/cache", write: true },
    });
    const identities = run.resources.filter(({ name }) => name === "cluster-chat_vllm");

    assert.equal(identities.length, 1);
    assert.deepEqual(
      granted(run).map(([who]) => who),
      ["principal of chat_vllm", "principal of chat_vllm"],
    );
  });

  it("takes the cluster's word for that service account and no other", async () => {
    const { find } = await deployAccess({ weights: {} });
    const { inputs } = find(
      "azure-native:managedidentity:FederatedIdentityCredential",
      "cluster-chat_vllm-trust",
    );

    assert.equal(inputs.issuer, "https://oidc.example/gpu-serving-test-cluster/");
    assert.equal(inputs.subject, "system:serviceaccount:chat:vllm");
    assert.deepEqual(inputs.audiences, ["api://AzureADTokenExchange"]);
    assert.equal(inputs.resourceName, "chat_vllm");
  });

  it("is carried by the service account and its pods, which wait for it", async () => {
    const { result } = await deployAccess({ weights: {} });
    const [grant] = result.grants;
    const annotations = await valueOf(pulumi.output(grant?.serviceAccountAnnotations));
    const urns = await Promise.all((grant?.dependsOn ?? []).map(({ urn }) => valueOf(urn)));

    assert.deepEqual(annotations, { "azure.workload.identity/client-id": "client of chat_vllm" });
    assert.deepEqual(grant?.podLabels, { "azure.workload.identity/use": "true" });
    assert.deepEqual(
      urns.map((urn) => urn.split("::").at(-1)),
      ["cluster-chat_vllm-trust", "cluster-weights"],
    );
  });

  it("finds a container by its names, by its id, and once its name is known", async () => {
    const id = `/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acme/blobServices/default/containers/c01`;
    const run = await deployAccess({
      elsewhere: { bucket: "other/acme/weights" },
      byId: { bucket: id },
      later: { bucket: pulumi.output("shared/acme/later") },
    });

    assert.deepEqual(
      granted(run).map(([, , scope]) => scope),
      [
        `${storage.replace("shared", "other")}/acme/blobServices/default/containers/weights`,
        id,
        `${storage}/acme/blobServices/default/containers/later`,
      ],
    );
  });

  for (const [bucket, taken] of [
    ["other/acme/weights", true],
    [`${storage}/acme/blobServices/default/containers/weights`, true],
    [`${storage.toLowerCase()}/acme/blobservices/default/containers/weights`, true],
    ["weights", false],
    ["acme/weights", false],
    ["gs://acme/weights", false],
    ["other/acme/", false],
    ["other/Acme/weights", false],
    ["other/acme/Weights", false],
    [`${storage}/acme`, false],
    [`${storage}/Acme/blobServices/default/containers/weights`, false],
    [`${storage}/acme/blobServices/default/containers/Weights`, false],
    ["/subscriptions/s/containers/weights", false],
  ] as const) {
    it(`is ${taken ? "given to" : "refused to, as it is no container,"} ${bucket}, by cluster and stack file alike`, async () => {
      const volumes = { weights: { bucket } };
      const config = { cluster: { kind: "aks", region: "westeurope" }, volumes };
      const stackFile = { "Pulumi.prod.yaml": JSON.stringify({ config }) };

      if (taken) {
        await deployAccess(volumes);
        assert.ok(fromFile(stackFile));
      } else {
        await assert.rejects(
          deployAccess(volumes),
          /weights: bucket: not a container of .*; allowed: group\/account\/container,/,
        );
        assert.match(
          refusal(() => fromFile(stackFile)),
          /volumes\.weights\.bucket: (not )?a bucket of /,
        );
      }
    });
  }

  for (const [where, bucket] of [
    ["the cluster's own resource group", "gpu-serving-test-cluster/acme/weights"],
    ["the nodes' resource group", "GPU-serving-test-cluster-nodes/acme/weights"],
    [
      "the cluster's own resource group, by its id",
      `${storage.replace("shared", "gpu-serving-test-cluster")}/acme/blobServices/default/containers/weights`,
    ],
  ] as const) {
    it(`is refused in ${where}, with which the data would go`, async () => {
      await assert.rejects(
        deployAccess({ weights: { bucket } }),
        /weights: bucket: .* deleted with it, got .* resource group that outlives the cluster/,
      );
    });
  }
});
