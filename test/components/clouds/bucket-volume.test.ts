import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { BucketMount, Cluster } from "../../../components/cluster/cluster";
import { anAksCluster } from "../../support/aks";
import { aCluster } from "../../support/clusters";
import { at, deploy, valueOf } from "../../support/deploy";
import { anEksCluster } from "../../support/eks";
import { aGkeCluster } from "../../support/gke";
import { outlivers } from "../../support/outlives";

const clusters = { gke: aGkeCluster, eks: anEksCluster, aks: anAksCluster };
const buckets = { gke: "acme-models", eks: "acme-models", aks: "shared/acme/models" };

/** Runs a program that mounts the cloud's bucket, and gives what the pods get, by value. */
async function mounted(
  kind: keyof typeof buckets,
  mount: Partial<BucketMount> = {},
  make: () => Cluster = clusters[kind],
) {
  const run = await deploy(() =>
    make().bucketVolume("chat-models", {
      ...{ namespace: "teams", serviceAccount: "chat", bucket: buckets[kind], write: false },
      ...mount,
    }),
  );
  const { dependsOn, ...volume } = run.result;
  const urns = await Promise.all(dependsOn.map(({ urn }) => valueOf(urn)));
  return {
    ...run,
    volume: await valueOf(pulumi.output(volume)),
    waitsFor: urns.map((urn) => urn.split("::").slice(-2).join(" ").split("$").at(-1)),
  };
}

describe("a bucket as a volume on GKE", () => {
  it("is a volume of the pod's own, with Cloud Storage FUSE beside the pod's containers", async () => {
    const { volume, waitsFor } = await mounted("gke");

    assert.deepEqual(volume, {
      serviceAccountAnnotations: {},
      podLabels: {},
      podAnnotations: {
        "gke-gcsfuse/volumes": "true",
        "gke-gcsfuse/cpu-request": "250m",
        "gke-gcsfuse/cpu-limit": "0",
        "gke-gcsfuse/memory-request": "256Mi",
        "gke-gcsfuse/memory-limit": "0",
        "gke-gcsfuse/ephemeral-storage-limit": "0",
      },
      source: {
        csi: {
          driver: "gcsfuse.csi.storage.gke.io",
          readOnly: true,
          volumeAttributes: {
            bucketName: "acme-models",
            mountOptions: "implicit-dirs,file-mode=444,dir-mode=555",
          },
        },
      },
    });
    assert.deepEqual(waitsFor, ["gcp:storage/bucketIAMMember:BucketIAMMember cluster-chat-models"]);
  });

  it("is written to by whichever user the image runs as, in the folder alone", async () => {
    const { volume, find } = await mounted("gke", { write: true, folder: "models/digits" });

    assert.equal(volume.source.csi?.readOnly, false);
    assert.equal(
      volume.source.csi?.volumeAttributes?.mountOptions,
      "implicit-dirs,file-mode=666,dir-mode=777,only-dir=models/digits",
    );
    assert.equal(
      find("gcp:storage/bucketIAMMember:BucketIAMMember", "cluster-chat-models").inputs.role,
      "roles/storage.objectUser",
    );
  });

  it("finds the driver in the cluster", async () => {
    const { find } = await mounted("gke");

    assert.deepEqual(
      at(find("gcp:container/cluster:Cluster", "cluster"), "addonsConfig.gcsFuseCsiDriverConfig"),
      { enabled: true },
    );
  });

  it("puts nothing beside the containers of pods that only have the access", async () => {
    const { result } = await deploy(() =>
      aGkeCluster().bucketAccess("chat-models", {
        ...{ namespace: "teams", serviceAccount: "chat", bucket: "acme-models", write: false },
      }),
    );

    assert.deepEqual(result.podAnnotations, {});
  });
});

describe("a bucket as a volume on EKS", () => {
  it("is a volume of the cluster with one claim, read with the identity of the pod", async () => {
    const { volume } = await mounted("eks");
    const claim = volume.claim?.name ?? "";

    assert.match(claim, /^chat-models-[0-9a-f]{10}$/);
    assert.deepEqual(volume, {
      serviceAccountAnnotations: {},
      podLabels: {},
      podAnnotations: {},
      source: { persistentVolumeClaim: { claimName: claim, readOnly: true } },
      claim: {
        volumeName: `teams-${claim}`,
        volume: {
          accessModes: ["ReadOnlyMany"],
          storageClassName: "",
          capacity: { storage: "1Pi" },
          persistentVolumeReclaimPolicy: "Retain",
          claimRef: { namespace: "teams", name: claim },
          mountOptions: ["allow-other", "read-only"],
          csi: {
            driver: "s3.csi.aws.com",
            volumeHandle: `teams-${claim}`,
            volumeAttributes: { bucketName: "acme-models", authenticationSource: "pod" },
          },
        },
        name: claim,
        namespace: "teams",
        spec: {
          accessModes: ["ReadOnlyMany"],
          storageClassName: "",
          volumeName: `teams-${claim}`,
          resources: { requests: { storage: "1Pi" } },
        },
      },
    });
  });

  it("has another name once it is another volume, because Kubernetes changes none", async () => {
    const names = await Promise.all([
      ...["acme-models", "acme-models", "acme-logs"].map((bucket) => nameFor({ bucket })),
      ...[{ write: true }, { folder: "digits" }].map(nameFor),
    ]);

    assert.equal(names[0], names[1]);
    assert.equal(new Set(names).size, 4);

    async function nameFor(mount: Partial<BucketMount>) {
      const { volume } = await mounted("eks", mount);
      return volume.claim?.volumeName;
    }
  });

  it("is written to by whichever user the image runs as, in the folder alone", async () => {
    const { volume } = await mounted("eks", { write: true, folder: "models/digits" });

    assert.deepEqual(volume.claim?.volume.mountOptions, [
      ...["allow-other", "allow-delete", "allow-overwrite", "file-mode 0666", "dir-mode 0777"],
      "prefix models/digits/",
    ]);
    assert.deepEqual(volume.claim.spec.accessModes, ["ReadWriteMany"]);
    assert.deepEqual(volume.claim.volume.accessModes, ["ReadWriteMany"]);
    assert.equal(volume.source.persistentVolumeClaim?.readOnly, false);
  });

  it("is looked for in the cluster's own region where Mountpoint does not find it by itself", async () => {
    const govCloud = () => anEksCluster({ region: "us-gov-west-1" });
    const { volume } = await mounted("eks", {}, govCloud);

    assert.deepEqual(volume.claim?.volume.mountOptions, [
      ...["allow-other", "read-only", "region us-gov-west-1"],
    ]);
  });

  for (const mode of ["auto", "nodeGroups"] as const) {
    it(`brings the driver with the first one, onto GPU nodes, too, ${mode === "auto" ? "on Auto Mode" : "with node groups"}`, async () => {
      const run = await deploy(() => {
        const cluster = anEksCluster({ mode });
        const chat = { namespace: "teams", serviceAccount: "chat", write: false };
        return ["models", "logs"].map((bucket) =>
          cluster.bucketVolume(`chat-${bucket}`, { ...chat, bucket }),
        );
      });
      const drivers = run.resources.filter(
        ({ inputs }) => inputs.addonName === "aws-mountpoint-s3-csi-driver",
      );

      assert.deepEqual(
        drivers.map(({ name, inputs }) => [name, inputs.configurationValues]),
        [["cluster-aws-mountpoint-s3-csi-driver", '{"node":{"tolerateAllTaints":true}}']],
      );
      for (const { dependsOn } of run.result)
        assert.ok(dependsOn.some((one) => one === drivers[0]?.resource));
      const before = outlivers(
        run,
        run.find("aws:eks/addon:Addon", "cluster-aws-mountpoint-s3-csi-driver"),
      );
      assert.ok(
        before.has(
          mode === "auto"
            ? "kubernetes:karpenter.sh/v1:NodePool cluster-nodes-gpu-serving-system"
            : "aws:eks/nodeGroup:NodeGroup cluster-nodes-system-us-east-1a",
        ),
        [...before].join("\n"),
      );
    });
  }

  it("costs nothing where nobody mounts a bucket", async () => {
    const { resources } = await deploy(() => anEksCluster());

    assert.ok(!resources.some(({ type }) => type === "aws:eks/addon:Addon"));
  });
});

describe("a bucket as a volume on AKS", () => {
  it("is a volume of the cluster with one claim, read with the identity of the service account", async () => {
    const { volume, waitsFor } = await mounted("aks");

    assert.deepEqual(volume.serviceAccountAnnotations, {
      "azure.workload.identity/client-id": "client of teams_chat",
    });
    const claim = volume.claim?.name ?? "";
    assert.match(claim, /^chat-models-[0-9a-f]{10}$/);
    assert.deepEqual(volume.source, {
      persistentVolumeClaim: { claimName: claim, readOnly: true },
    });
    assert.deepEqual(volume.claim?.volume, {
      accessModes: ["ReadOnlyMany"],
      storageClassName: "",
      capacity: { storage: "1Pi" },
      persistentVolumeReclaimPolicy: "Retain",
      claimRef: { namespace: "teams", name: claim },
      mountOptions: ["-o allow_other", "--virtual-directory=true", "-o ro"],
      csi: {
        driver: "blob.csi.azure.com",
        volumeHandle: `teams-${claim}`,
        volumeAttributes: {
          protocol: "fuse2",
          subscriptionID: "00000000-0000-4000-8000-000000000001",
          resourceGroup: "shared",
          storageAccount: "acme",
          containerName: "models",
          clientID: "client of teams_chat",
          mountWithWorkloadIdentityToken: "true",
        },
      },
    });
    assert.deepEqual(waitsFor, [
      "azure-native:managedidentity:FederatedIdentityCredential cluster-teams_chat-trust",
      "azure-native:authorization:RoleAssignment cluster-chat-models",
    ]);
  });

  it("is written to in the folder alone", async () => {
    const { volume } = await mounted("aks", { write: true, folder: "digits" });

    assert.deepEqual(volume.claim?.volume.mountOptions, [
      ...["-o allow_other", "--virtual-directory=true", "--subdirectory=digits"],
    ]);
  });

  it("finds the driver in the cluster", async () => {
    const { find } = await mounted("aks");
    const cluster = find("azure-native:containerservice:ManagedCluster", "cluster");

    assert.deepEqual(at(cluster, "storageProfile.blobCSIDriver"), { enabled: true });
  });

  it("is refused to what is no container", async () => {
    await assert.rejects(
      mounted("aks", { bucket: "models" }),
      /bucket: not a container of a storage account, got "models"; allowed: group\/account\/container/,
    );
  });
});

describe("a bucket as a volume", () => {
  it("is refused on a cluster of others", async () => {
    const { result } = await deploy(() => aCluster());

    assert.throws(() => result.bucketVolume(), /gives no access to buckets/);
  });

  for (const [kind, make] of Object.entries(clusters)) {
    it(`takes folders, names with dots included, and refuses what is none, on ${kind}`, async () => {
      const { result: volumeOf } = await deploy(() => {
        const cluster: Cluster = make();
        const chat = { namespace: "teams", serviceAccount: "chat", write: false };
        const of = (folder: string) =>
          cluster.bucketVolume("chat-models", { ...chat, bucket: "shared/acme/models", folder });
        of("models/llama-3.1/..v2");
        return of;
      });

      for (const folder of ["", "/models", "models/", "a//b", "../secrets", "a/../b", "a,o=b"]) {
        assert.throws(
          () => volumeOf(folder),
          /^Error: chat-models: folder: not a folder of a bucket, got .* write it like models\/digits\.$/,
          folder,
        );
      }
    });
  }
});
