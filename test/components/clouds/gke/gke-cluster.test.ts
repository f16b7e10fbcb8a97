import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import {
  assertInputs,
  at,
  deploy,
  valueOf,
  type Recorded,
  type Run,
} from "../../../support/deploy";
import { gcp } from "../../../support/clouds/gcp";
import { aGkeCluster, deployGke, gkeMachine, l4Pool } from "../../../support/gke";

const clusterType = "gcp:container/cluster:Cluster";
const poolType = "gcp:container/nodePool:NodePool";
const providerType = "pulumi:providers:kubernetes";

/** Type and name of what a resource depends on by its options. */
async function outlivedBy({ options }: Recorded): Promise<string[]> {
  const dependsOn = options.dependsOn ?? [];
  assert.ok(Array.isArray(dependsOn));
  const urns = await Promise.all(
    dependsOn.filter((it) => pulumi.Resource.isInstance(it)).map(({ urn }) => valueOf(urn)),
  );
  return urns.map((urn) => urn.split("::").slice(-2).join(" ").replace(/^.*\$/, "")).sort();
}

function theCluster<Result extends object>({ find }: Run<Result>) {
  return find(clusterType, "cluster");
}

const poolsOf = ({ resources }: Run<object>) => resources.filter(({ type }) => type === poolType);

describe("a GKE cluster", () => {
  it("has a network of its own, whose nodes have no address and get out through Cloud NAT", async () => {
    const run = await deployGke();

    assertInputs(run.find("gcp:compute/network:Network", "cluster-network"), {
      autoCreateSubnetworks: false,
    });
    assertInputs(run.find("gcp:compute/subnetwork:Subnetwork", "cluster-subnetwork"), {
      network: "cluster-network-id",
      privateIpGoogleAccess: true,
      ipCidrRange: "10.0.0.0/20",
      secondaryIpRanges: [
        { rangeName: "pods", ipCidrRange: "10.4.0.0/14" },
        { rangeName: "services", ipCidrRange: "10.1.0.0/20" },
      ],
    });
    assertInputs(run.find("gcp:compute/routerNat:RouterNat", "cluster-nat"), {
      sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
      router: "test-cluster",
    });
    assertInputs(theCluster(run), {
      privateClusterConfig: { enablePrivateNodes: true },
      network: "cluster-network-id",
      subnetwork: "cluster-subnetwork-id",
      ipAllocationPolicy: {
        clusterSecondaryRangeName: "pods",
        servicesSecondaryRangeName: "services",
      },
    });
  });

  it("takes the address ranges it is given", async () => {
    const run = await deployGke({
      ranges: { nodes: "172.16.0.0/22", pods: "172.20.0.0/16", services: "172.17.0.0/20" },
    });

    assertInputs(run.find("gcp:compute/subnetwork:Subnetwork", "cluster-subnetwork"), {
      ipCidrRange: "172.16.0.0/22",
      "secondaryIpRanges.0.ipCidrRange": "172.20.0.0/16",
      "secondaryIpRanges.1.ipCidrRange": "172.17.0.0/20",
    });
  });

  it("enforces NetworkPolicy, by Dataplane V2", async () => {
    const run = await deployGke();

    assert.equal(at(theCluster(run), "datapathProvider"), "ADVANCED_DATAPATH");
    assert.equal(run.result.enforcesNetworkPolicy, true);
  });

  it("is reached through the endpoint that IAM protects, or by address from the given ranges", async () => {
    assertInputs(theCluster(await deployGke()), {
      controlPlaneEndpointsConfig: {
        dnsEndpointConfig: { allowExternalTraffic: true },
        ipEndpointsConfig: { enabled: false },
      },
      masterAuthorizedNetworksConfig: undefined,
    });
    assertInputs(theCluster(await deployGke({ access: ["203.0.113.0/24", "198.51.100.7/32"] })), {
      controlPlaneEndpointsConfig: {
        dnsEndpointConfig: { allowExternalTraffic: false },
        ipEndpointsConfig: { enabled: true },
      },
      privateClusterConfig: { enablePrivateNodes: true, enablePrivateEndpoint: false },
      masterAuthorizedNetworksConfig: {
        cidrBlocks: [{ cidrBlock: "203.0.113.0/24" }, { cidrBlock: "198.51.100.7/32" }],
        gcpPublicCidrsAccessEnabled: false,
      },
    });
  });

  it("hands out a kubeconfig that asks for a token each time, as a secret", async () => {
    const { result } = await deployGke();

    assert.equal(await pulumi.isSecret(result.kubeconfig), true);
    assert.deepEqual(parse(await valueOf(result.kubeconfig)), {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        { name: "test-cluster", cluster: { server: "https://gke-1.us-central1.gke.goog" } },
      ],
      contexts: [
        { name: "test-cluster", context: { cluster: "test-cluster", user: "test-cluster" } },
      ],
      users: [
        {
          name: "test-cluster",
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1beta1",
              command: "gke-gcloud-auth-plugin",
              installHint: "gcloud components install gke-gcloud-auth-plugin",
              provideClusterInfo: true,
              interactiveMode: "IfAvailable",
            },
          },
        },
      ],
      "current-context": "test-cluster",
    });
  });

  it("names address and authority in the kubeconfig where it is reached by address", async () => {
    const { result } = await deployGke({ access: ["203.0.113.0/24"] });

    const { clusters } = parse(await valueOf(result.kubeconfig)) as { clusters: unknown };
    assert.deepEqual(clusters, [
      {
        name: "test-cluster",
        cluster: {
          server: "https://203.0.113.5",
          "certificate-authority-data": "Y2VydGlmaWNhdGU=",
        },
      },
    ]);
  });

  it("encrypts its Secrets with a key that GKE alone may use", async () => {
    const run = await deployGke();

    assertInputs(theCluster(run), {
      databaseEncryption: { state: "ENCRYPTED", keyName: "cluster-secrets-id" },
    });
    // A key ring cannot be made twice, so Pulumi names it.
    assertInputs(run.find("gcp:kms/keyRing:KeyRing", "cluster-secrets-ring"), {
      ...{ location: "us-central1", name: undefined },
    });
    const use = run.find("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "cluster-secrets-use");
    assert.deepEqual(use.inputs, {
      cryptoKeyId: "cluster-secrets-id",
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member: "serviceAccount:service-1234@container-engine-robot.iam.gserviceaccount.com",
    });
    assert.deepEqual(
      run.calls.map(({ token }) => token),
      ["gcp:organizations/getProject:getProject"],
    );
    assert.deepEqual(await outlivedBy(use), [
      "gcp:projects/serviceIdentity:ServiceIdentity cluster-gke",
    ]);
  });

  it("knows the Google groups of the domain that it is told, and none otherwise", async () => {
    assertInputs(theCluster(await deployGke({ groupsDomain: "acme.example" })), {
      authenticatorGroupsConfig: { securityGroup: "gke-security-groups@acme.example" },
    });
    assertInputs(theCluster(await deployGke()), { authenticatorGroupsConfig: undefined });
  });

  it("logs what the control plane does, and gives no client certificates", async () => {
    assertInputs(theCluster(await deployGke()), {
      "loggingConfig.enableComponents": [
        ...["SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER", "WORKLOADS"],
      ],
      masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
      enableShieldedNodes: true,
    });
  });

  for (const [version, channel, minMasterVersion, nodes] of [
    [undefined, undefined, undefined, undefined],
    [undefined, "stable", undefined, undefined],
    ["1.35", undefined, "1.35", "1.35.8-gke.1225000"],
  ] as const) {
    it(`is in the channel ${channel ?? "regular"}, on the version ${version ?? "of the channel"}, and upgraded at weekends, nodes included`, async () => {
      const run = await deployGke({ version, channel, pools: { l4: l4Pool() } });

      assertInputs(theCluster(run), {
        releaseChannel: { channel: (channel ?? "regular").toUpperCase() },
        minMasterVersion,
        maintenancePolicy: {
          recurringWindow: {
            // A Saturday.
            startTime: "2026-01-03T01:00:00Z",
            endTime: "2026-01-03T09:00:00Z",
            recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
          },
          // None is a policy, too: the cluster follows its channel again once it has no version.
          maintenanceExclusions: version
            ? [
                {
                  exclusionName: "stays-on-its-version",
                  startTime: "2026-01-01T00:00:00Z",
                  exclusionOptions: {
                    scope: "NO_MINOR_OR_NODE_UPGRADES",
                    endTimeBehavior: "UNTIL_END_OF_SUPPORT",
                  },
                },
              ]
            : [],
        },
      });
      assert.equal(poolsOf(run).length, 2);
      // GKE wants upgrades of nodes in a release channel.
      for (const pool of poolsOf(run)) {
        assertInputs(pool, { version: nodes, "management.autoUpgrade": true });
      }
    });
  }

  it("cannot be deleted, on Google Cloud or by Pulumi, and neither can its key, unless its protection is off", async () => {
    for (const deletionProtection of [undefined, false]) {
      const run = await deployGke({ deletionProtection });

      assertInputs(theCluster(run), { deletionProtection: deletionProtection ?? true });
      assert.deepEqual(
        run.resources.filter(({ options }) => options.protect).map(({ name }) => name),
        deletionProtection === false ? [] : ["cluster-secrets", "cluster"],
      );
    }
  });

  it("labels everything that costs money", async () => {
    const tags = { "cost-centre": "ml-42", team: "chat" };
    const capacity = [{ kind: "spot" as const }, { kind: "on-demand" as const }];
    const run = await deployGke({ tags, pools: { l4: l4Pool({ capacity }) } });

    const inDisks = { "parameters.labels": "cost-centre=ml-42,team=chat" };
    const labels: Record<string, object> = {
      [clusterType]: { resourceLabels: tags, "nodeConfig.resourceLabels": tags },
      [poolType]: { "nodeConfig.resourceLabels": tags },
      "gcp:kms/cryptoKey:CryptoKey": { labels: tags },
      "kubernetes:storage.k8s.io/v1:StorageClass": inDisks,
    };
    // Google Cloud bills nothing for these, or takes no labels on them (Cloud NAT).
    const unlabelled = [
      ...["compute/network:Network", "compute/subnetwork:Subnetwork", "compute/router:Router"],
      ...["compute/routerNat:RouterNat", "serviceaccount/account:Account", "kms/keyRing:KeyRing"],
      ...["projects/iAMMember:IAMMember", "kms/cryptoKeyIAMMember:CryptoKeyIAMMember"],
      ...["projects/serviceIdentity:ServiceIdentity", "projects/service:Service"],
    ].map((type) => `gcp:${type}`);
    for (const resource of run.resources) {
      const { type } = resource;
      if (unlabelled.includes(type) || type === providerType || type.endsWith(":ComputeClass")) {
        continue;
      }
      const expected = labels[type];
      assert.ok(expected, type);
      assertInputs(resource, expected);
    }
  });

  it("makes disks of both kinds where the pod is", async () => {
    const run = await deployGke({ pools: { l4: l4Pool() } });

    const made = (name: string) => run.find("kubernetes:storage.k8s.io/v1:StorageClass", name);
    const { inputs } = made("cluster-disk");
    assertInputs(made("cluster-disk"), {
      metadata: { name: run.result.diskStorageClass },
      provisioner: "pd.csi.storage.gke.io",
      parameters: { type: "pd-balanced" },
      volumeBindingMode: "WaitForFirstConsumer",
    });
    assert.deepEqual(made("cluster-hyperdisk").inputs, {
      ...inputs,
      metadata: { name: "gpu-serving-hyperdisk" },
      parameters: { type: "hyperdisk-balanced" },
    });
  });

  it("tells of each pool which disks its machines take, the usual one first", async () => {
    const { result } = await deployGke({
      pools: {
        l4: l4Pool(),
        h100: l4Pool({ machine: gkeMachine("a3-highgpu-8g") }),
        g4: l4Pool({ machine: gkeMachine("g4-standard-48") }),
      },
    });

    assert.deepEqual(
      Object.values(result.pools).map(({ diskClasses }) => diskClasses),
      [
        ["gpu-serving-disk"],
        ["gpu-serving-disk", "gpu-serving-hyperdisk"],
        ["gpu-serving-hyperdisk"],
      ],
    );
  });

  it("switches on the APIs that it uses before anything of theirs, and leaves them on", async () => {
    const run = await deployGke();

    const apis = run.resources.filter(({ type }) => type === "gcp:projects/service:Service");
    assert.deepEqual(
      apis.map(({ inputs }) => inputs),
      [
        ...["cloudresourcemanager", "compute", "container", "containerfilesystem", "iam"],
        "cloudkms",
      ].map((api) => ({
        project: "acme-ml",
        service: `${api}.googleapis.com`,
        disableOnDestroy: false,
      })),
    );
    const all = apis.map(({ type, name }) => `${type} ${name}`).sort();
    for (const [type, name] of [
      ["gcp:compute/network:Network", "cluster-network"],
      ["gcp:serviceaccount/account:Account", "cluster-nodes"],
      ["gcp:kms/keyRing:KeyRing", "cluster-secrets-ring"],
      ["gcp:projects/serviceIdentity:ServiceIdentity", "cluster-gke"],
    ] as const) {
      assert.deepEqual(await outlivedBy(run.find(type, name)), all, name);
    }
  });

  it("hands Google Cloud nothing that its stand-in refuses", async () => {
    const reserved = { kind: "reserved", reservation: "r1", zone: "us-central1-a" } as const;
    const run = await deployGke({
      ...{ version: "1.35", access: ["203.0.113.0/24"] },
      pools: {
        near: l4Pool({
          ...{ network: "compact", zones: ["us-central1-a"] },
          capacity: [{ kind: "spot" }, { kind: "on-demand" }],
        }),
        apart: l4Pool({ capacity: [{ kind: "flex-start" }, { ...reserved, project: "shared" }] }),
        newer: l4Pool({ machine: gkeMachine("g4-standard-48") }),
        sliced: l4Pool({
          machine: gkeMachine("a2-highgpu-1g"),
          sharing: { kind: "mig", profile: "1g.5gb" },
        }),
      },
    });
    const nothing = {
      everything: () => [],
      all: () => [],
      known: () => undefined,
      switchedOff: () => [],
    };

    const asked = run.resources.filter(({ type }) => gcp.kinds[type]?.refuses);
    assert.ok(asked.length >= 10);
    for (const { type, name, inputs } of asked) {
      assert.equal(gcp.kinds[type]?.refuses?.(inputs, nothing), undefined, name);
    }
  });

  it("makes load balancers for the internet and for the networks joined to its own", async () => {
    const { result } = await deployGke();

    assert.deepEqual(result.loadBalancer("public"), {
      annotations: { "cloud.google.com/l4-rbs": "enabled" },
      ...{ readyTime: 0, drainTime: 0 },
    });
    assert.deepEqual(result.loadBalancer("internal"), {
      ...{ readyTime: 0, drainTime: 0 },
      annotations: {
        "networking.gke.io/load-balancer-type": "Internal",
        "networking.gke.io/internal-load-balancer-allow-global-access": "true",
      },
    });
  });

  it("has no pods of ours, hands a provider to its objects, and the same access to everybody else's", async () => {
    const { resources, find } = await deployGke({ pools: { l4: l4Pool() } });

    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.deepEqual(objects.map(({ type }) => type.split(":").at(-1)).sort(), [
      ...["ComputeClass", "StorageClass", "StorageClass"],
    ]);
    for (const { name, provider } of objects) {
      assert.match(provider, /pulumi:providers:kubernetes::cluster-objects::/, name);
    }
    const provider = find(providerType, "cluster");
    // Takes over objects that an interrupted run left.
    assertInputs(provider, { upsertExistingObjects: "true" });
    assert.deepEqual(provider.secrets, ["kubeconfig"]);
    assert.deepEqual(provider.inputs, find(providerType, "cluster-objects").inputs);
  });

  it("is the parent of everything it makes", async () => {
    const run = await deployGke({ pools: { l4: l4Pool() } });

    for (const { name, options } of run.resources) assert.equal(options.parent, run.result, name);
  });

  it("is usable twice in one program", async () => {
    const { resources } = await deploy(() => [
      aGkeCluster({ pools: { l4: l4Pool() } }, "one"),
      aGkeCluster({ pools: { l4: l4Pool() } }, "two"),
    ]);

    const names = resources.map(({ type, name }) => `${type} ${name}`);
    assert.equal(new Set(names).size, names.length);
    const shared = resources.filter(({ type }) =>
      /network:Network|router:Router|cluster:Cluster|account:Account/.test(type),
    );
    const inCloud = shared.map(
      ({ type, inputs }) => `${type} ${String(inputs.name ?? inputs.accountId)}`,
    );
    assert.equal(inCloud.length, 8);
    assert.equal(new Set(inCloud).size, inCloud.length);
  });

  it("is named in the cloud after its stack, or as it is told", async () => {
    assert.equal(at(theCluster(await deployGke()), "name"), "test-cluster");
    assert.equal(at(theCluster(await deployGke({ clusterName: "prod" })), "name"), "prod");
  });

  it("is made in the project of the configuration", async () => {
    pulumi.runtime.setAllConfig({ "gcp:project": "from-config" });
    try {
      assertInputs(theCluster(await deployGke({ project: undefined })), {
        project: "from-config",
        workloadIdentityConfig: { workloadPool: "from-config.svc.id.goog" },
      });
    } finally {
      pulumi.runtime.setAllConfig({});
    }
  });

  it("rejects a missing project", async () => {
    await assert.rejects(deployGke({ project: undefined }), {
      message:
        "cluster: project: missing: the Google Cloud project that everything is made in, got nothing; allowed: the id of a Google Cloud project. To fix it, run pulumi config set gcp:project <id>, or give project.",
    });
  });

  it("rejects everything that Google Cloud would refuse, in one error and before anything is made", async () => {
    const refused = deployGke({
      clusterName: "Prod_1",
      zones: ["europe-west4-a"],
      pools: { l4: l4Pool({ capacity: [{ kind: "spot" }, { kind: "spot" }] }) },
    });

    await assert.rejects(
      refused,
      /^Error: cluster: cluster\.zones\.0: not a zone .*\nclusterName: not a name of a cluster, got "Prod_1"; .*\npools\.l4\.capacity\.1: capacity type given twice, got "spot"; /,
    );
  });
});

describe("what Google Cloud takes although somebody should know", () => {
  it("is told, and made all the same", async () => {
    const run = await deployGke({
      zones: ["us-central1-a", "us-central1-b", "us-central1-c"],
      pools: { l4: l4Pool({ capacity: [{ kind: "spot" }], nodes: { min: 3, max: 4 } }) },
    });

    assert.equal(run.warnings.length, 1);
    assert.match(
      run.warnings[0] ?? "",
      /cluster: pools\.l4\.nodes\.min: nodes that always run, from capacity that the cloud takes back/,
    );
    assert.equal(run.find(poolType, "cluster-l4-spot").inputs.initialNodeCount, 1);
  });
});

describe("the nodes of a GKE cluster", () => {
  it("have an account that may write logs and metrics and pull and stream images, and no more", async () => {
    const run = await deployGke({ pools: { l4: l4Pool() } });

    assert.deepEqual(
      run.resources
        .filter(({ type }) => type === "gcp:projects/iAMMember:IAMMember")
        .map(({ inputs }) => inputs),
      [
        ...["roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader"],
        "roles/serviceusage.serviceUsageConsumer",
      ].map((role) => ({
        project: "acme-ml",
        role,
        member: "serviceAccount:nodes@acme-ml.iam.gserviceaccount.com",
      })),
    );
    for (const resource of [theCluster(run), ...poolsOf(run)]) {
      assertInputs(resource, {
        "nodeConfig.serviceAccount": "nodes@acme-ml.iam.gserviceaccount.com",
        "nodeConfig.workloadMetadataConfig.mode": "GKE_METADATA",
        "nodeConfig.shieldedInstanceConfig.enableSecureBoot": true,
        "nodeConfig.shieldedInstanceConfig.enableIntegrityMonitoring": true,
        "nodeConfig.gcfsConfig.enabled": true,
      });
    }
  });

  it("belong to the autoscaler, and go before others of another kind come, because quota seldom holds both", async () => {
    const { resources } = await deployGke({ pools: { l4: l4Pool() } });

    for (const { type, name, inputs, options } of resources) {
      const isPool = type === poolType;
      assert.equal(options.deleteBeforeReplace, isPool ? true : undefined, name);
      if (!isPool) continue;
      assert.deepEqual(options.ignoreChanges, ["initialNodeCount", "nodeCount"], name);
      assert.equal(inputs.nodeCount, undefined, name);
    }
  });

  it("of the first pool, which goes at once, do not replace the cluster", async () => {
    const cluster = theCluster(await deployGke());

    assertInputs(cluster, {
      removeDefaultNodePool: true,
      // Three nodes, one in each zone: with SSDs of 100 GB they would not fit the quota of a new project.
      "nodeConfig.diskType": "pd-standard",
      "nodeConfig.diskSizeGb": 50,
    });
    assert.deepEqual(cluster.options.ignoreChanges, ["nodeConfig", "initialNodeCount"]);
  });

  it("include two or more without GPU, over the zones", async () => {
    const system = (zones?: string[]) =>
      deployGke({ zones }).then(({ find }) => find(poolType, "cluster-system"));

    assertInputs(await system(), {
      autoscaling: { totalMinNodeCount: 2, totalMaxNodeCount: 6, locationPolicy: "BALANCED" },
      initialNodeCount: 1,
      "nodeConfig.machineType": "e2-standard-4",
      "nodeConfig.diskType": "pd-balanced",
      "nodeConfig.diskSizeGb": 80,
      "nodeConfig.taints": undefined,
      "nodeConfig.spot": undefined,
      upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
    });
    assertInputs(await system(["us-central1-a"]), { initialNodeCount: 2 });
  });
});

describe("the end of a GKE cluster", () => {
  const pools = { l4: l4Pool({ capacity: [{ kind: "spot" }, { kind: "on-demand" }] }) };
  const needed = [
    "gcp:compute/routerNat:RouterNat cluster-nat",
    "gcp:projects/iAMMember:IAMMember cluster-nodes-images",
    "gcp:projects/iAMMember:IAMMember cluster-nodes-runs",
    "gcp:projects/iAMMember:IAMMember cluster-nodes-streams",
  ];
  const system = `${poolType} cluster-system`;

  it("begins with what runs in it, then the objects, the GPU pools, the system pool, and takes GKE's right to the key last", async () => {
    const run = await deployGke({ pools });
    const gpuPools = [`${poolType} cluster-l4-on-demand`, `${poolType} cluster-l4-spot`];

    for (const [type, name, before] of [
      [
        providerType,
        "cluster",
        [
          "kubernetes:cloud.google.com/v1:ComputeClass cluster-l4-ladder",
          "kubernetes:storage.k8s.io/v1:StorageClass cluster-disk",
          "kubernetes:storage.k8s.io/v1:StorageClass cluster-hyperdisk",
        ],
      ],
      [providerType, "cluster-objects", [`${clusterType} cluster`, ...gpuPools, system, ...needed]],
      [poolType, "cluster-l4-spot", [system, ...needed]],
      [poolType, "cluster-l4-on-demand", [system, ...needed]],
      [poolType, "cluster-system", needed],
      [
        clusterType,
        "cluster",
        ["gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember cluster-secrets-use"],
      ],
    ] as const) {
      assert.deepEqual(await outlivedBy(run.find(type, name)), [...before].sort(), name);
    }
  });

  it("may take as long as clusters and pools take", async () => {
    const run = await deployGke({ pools });

    assert.deepEqual(theCluster(run).options.customTimeouts, {
      ...{ create: "60m", update: "120m", delete: "60m" },
    });
    // 30 minutes, and 75 for each of 12 nodes.
    assert.deepEqual(run.find(poolType, "cluster-l4-spot").options.customTimeouts, {
      ...{ create: "45m", update: "930m", delete: "60m" },
    });
  });
});

describe("access to a bucket", () => {
  it("is a role of the service account itself on that bucket alone, without a key or a Google account", async () => {
    const access = { namespace: "chat", serviceAccount: "llama", bucket: "acme-models" };
    const run = await deploy(() => {
      const cluster = aGkeCluster();
      return [true, false].map((write) => cluster.bucketAccess(`${write}`, { ...access, write }));
    });

    for (const [at, role] of ["roles/storage.objectUser", "roles/storage.objectViewer"].entries()) {
      const binding = run.find("gcp:storage/bucketIAMMember:BucketIAMMember", `cluster-${at < 1}`);
      assert.deepEqual(binding.inputs, {
        ...{ bucket: "acme-models", role },
        member:
          "principal://iam.googleapis.com/projects/1234/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/subject/ns/chat/sa/llama",
      });
      assert.deepEqual(await outlivedBy(binding), [`${clusterType} cluster`]);
      // Clients ask for the bucket itself, which the roles on its objects do not allow.
      const itself = run.find(binding.type, `cluster-${at < 1}-itself`);
      const reader = { ...binding.inputs, role: "roles/storage.legacyBucketReader" };
      assert.deepEqual(itself.inputs, reader);
      assert.deepEqual(run.result[at], {
        ...{ serviceAccountAnnotations: {}, podLabels: {}, podAnnotations: {} },
        dependsOn: [binding.resource, itself.resource],
      });
    }
    const accounts = run.resources.filter(({ type }) => type.startsWith("gcp:serviceaccount/"));
    assert.deepEqual(
      accounts.map(({ name }) => name),
      ["cluster-nodes"],
    );
  });
});
