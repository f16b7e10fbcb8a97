import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { at, deploy, valueOf, type Recorded, type Run } from "../../../support/deploy";
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

function theCluster<Result extends object>({ find }: Run<Result>, name = "cluster") {
  return find(clusterType, name);
}

describe("a GKE cluster", () => {
  it("has a network of its own, whose nodes have no address and get out through Cloud NAT", async () => {
    const run = await deployGke();

    assert.equal(
      at(run.find("gcp:compute/network:Network", "cluster-network"), "autoCreateSubnetworks"),
      false,
    );
    const subnetwork = run.find("gcp:compute/subnetwork:Subnetwork", "cluster-subnetwork").inputs;
    assert.equal(subnetwork.network, "cluster-network-id");
    assert.equal(subnetwork.privateIpGoogleAccess, true);
    assert.equal(subnetwork.ipCidrRange, "10.0.0.0/20");
    assert.deepEqual(subnetwork.secondaryIpRanges, [
      { rangeName: "pods", ipCidrRange: "10.4.0.0/14" },
      { rangeName: "services", ipCidrRange: "10.1.0.0/20" },
    ]);
    const nat = run.find("gcp:compute/routerNat:RouterNat", "cluster-nat").inputs;
    assert.equal(nat.sourceSubnetworkIpRangesToNat, "ALL_SUBNETWORKS_ALL_IP_RANGES");
    assert.equal(nat.router, "test-cluster");
    const { inputs } = theCluster(run);
    assert.deepEqual(inputs.privateClusterConfig, { enablePrivateNodes: true });
    assert.equal(inputs.network, "cluster-network-id");
    assert.equal(inputs.subnetwork, "cluster-subnetwork-id");
    assert.deepEqual(inputs.ipAllocationPolicy, {
      clusterSecondaryRangeName: "pods",
      servicesSecondaryRangeName: "services",
    });
  });

  it("takes the address ranges it is given", async () => {
    const run = await deployGke({
      ranges: { nodes: "172.16.0.0/22", pods: "172.20.0.0/16", services: "172.17.0.0/20" },
    });

    const { inputs } = run.find("gcp:compute/subnetwork:Subnetwork", "cluster-subnetwork");
    assert.equal(inputs.ipCidrRange, "172.16.0.0/22");
    assert.deepEqual(inputs.secondaryIpRanges, [
      { rangeName: "pods", ipCidrRange: "172.20.0.0/16" },
      { rangeName: "services", ipCidrRange: "172.17.0.0/20" },
    ]);
  });

  it("enforces NetworkPolicy, by Dataplane V2", async () => {
    const run = await deployGke();

    assert.equal(at(theCluster(run), "datapathProvider"), "ADVANCED_DATAPATH");
    assert.equal(run.result.enforcesNetworkPolicy, true);
  });

  it("is reached through the endpoint that IAM protects, and no other, unless it is told who may reach it", async () => {
    const { inputs } = theCluster(await deployGke());

    assert.deepEqual(inputs.controlPlaneEndpointsConfig, {
      dnsEndpointConfig: { allowExternalTraffic: true },
      ipEndpointsConfig: { enabled: false },
    });
    assert.equal(inputs.masterAuthorizedNetworksConfig, undefined);
  });

  it("is reached from the given ranges by address, and then not by name", async () => {
    const { inputs } = theCluster(
      await deployGke({ access: ["203.0.113.0/24", "198.51.100.7/32"] }),
    );

    assert.deepEqual(inputs.controlPlaneEndpointsConfig, {
      dnsEndpointConfig: { allowExternalTraffic: false },
      ipEndpointsConfig: { enabled: true },
    });
    assert.deepEqual(inputs.privateClusterConfig, {
      enablePrivateNodes: true,
      enablePrivateEndpoint: false,
    });
    assert.deepEqual(inputs.masterAuthorizedNetworksConfig, {
      cidrBlocks: [{ cidrBlock: "203.0.113.0/24" }, { cidrBlock: "198.51.100.7/32" }],
      gcpPublicCidrsAccessEnabled: false,
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

  it("takes over objects that an interrupted run left, with a secret kubeconfig", async () => {
    const provider = (await deployGke()).find(providerType, "cluster");

    assert.equal(provider.inputs.upsertExistingObjects, "true");
    assert.deepEqual(provider.secrets, ["kubeconfig"]);
  });

  it("encrypts its Secrets with a key that GKE alone may use", async () => {
    const run = await deployGke();

    assert.deepEqual(at(theCluster(run), "databaseEncryption"), {
      state: "ENCRYPTED",
      keyName: "cluster-secrets-id",
    });
    assert.equal(
      at(run.find("gcp:kms/keyRing:KeyRing", "cluster-secrets-ring"), "location"),
      "us-central1",
    );
    assert.deepEqual(
      run.find("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "cluster-secrets-use").inputs,
      {
        cryptoKeyId: "cluster-secrets-id",
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: "serviceAccount:service-1234@container-engine-robot.iam.gserviceaccount.com",
      },
    );
  });

  it("leaves the name of the key ring to Pulumi, because a ring cannot be made twice", async () => {
    const ring = (await deployGke()).find("gcp:kms/keyRing:KeyRing", "cluster-secrets-ring");

    assert.equal(ring.inputs.name, undefined);
  });

  it("knows the Google groups of the domain that it is told, and none otherwise", async () => {
    const groups = async (args: Parameters<typeof deployGke>[0]) =>
      theCluster(await deployGke(args)).inputs.authenticatorGroupsConfig;

    assert.deepEqual(await groups({ groupsDomain: "acme.example" }), {
      securityGroup: "gke-security-groups@acme.example",
    });
    assert.equal(await groups({}), undefined);
  });

  it("logs what the control plane does, and gives no client certificates", async () => {
    const { inputs } = theCluster(await deployGke());

    assert.deepEqual(inputs.loggingConfig, {
      enableComponents: [
        ...["SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER", "WORKLOADS"],
      ],
    });
    assert.deepEqual(inputs.masterAuth, {
      clientCertificateConfig: { issueClientCertificate: false },
    });
    assert.equal(inputs.enableShieldedNodes, true);
  });

  it("follows the channel regular", async () => {
    const run = await deployGke({ pools: { l4: l4Pool() } });

    const { inputs } = theCluster(run);
    assert.deepEqual(inputs.releaseChannel, { channel: "REGULAR" });
    assert.equal(inputs.minMasterVersion, undefined);
    for (const pool of run.resources.filter(({ type }) => type === poolType)) {
      assert.equal(pool.inputs.version, undefined);
    }
  });

  it("follows another channel on request", async () => {
    const { inputs } = theCluster(await deployGke({ channel: "stable" }));

    assert.deepEqual(inputs.releaseChannel, { channel: "STABLE" });
  });

  it("stays on a version, and its nodes follow the control plane", async () => {
    const run = await deployGke({ version: "1.35", pools: { l4: l4Pool() } });

    const { inputs } = theCluster(run);
    assert.equal(inputs.minMasterVersion, "1.35");
    assert.deepEqual(at({ inputs }, "maintenancePolicy.maintenanceExclusions"), [
      {
        exclusionName: "stays-on-its-version",
        startTime: "2026-01-01T00:00:00Z",
        exclusionOptions: {
          scope: "NO_MINOR_OR_NODE_UPGRADES",
          endTimeBehavior: "UNTIL_END_OF_SUPPORT",
        },
      },
    ]);
    for (const pool of run.resources.filter(({ type }) => type === poolType)) {
      assert.equal(pool.inputs.version, "1.35.8-gke.1225000");
    }
  });

  it("is in a release channel and lets its nodes be upgraded whatever its version, because GKE wants both", async () => {
    for (const version of [undefined, "1.35"]) {
      const run = await deployGke({ version, pools: { l4: l4Pool() } });

      assert.deepEqual(theCluster(run).inputs.releaseChannel, { channel: "REGULAR" });
      for (const pool of run.resources.filter(({ type }) => type === poolType)) {
        assert.equal(at(pool, "management.autoUpgrade"), true, pool.name);
      }
    }
  });

  it("is upgraded at weekends, and follows its channel again once it has no version", async () => {
    const { inputs } = theCluster(await deployGke());

    assert.deepEqual(inputs.maintenancePolicy, {
      recurringWindow: {
        startTime: "2026-01-03T01:00:00Z",
        endTime: "2026-01-03T09:00:00Z",
        recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
      },
      maintenanceExclusions: [],
    });
    assert.equal(new Date("2026-01-03T01:00:00Z").getUTCDay(), 6);
  });

  it("cannot be deleted, on Google Cloud or by Pulumi, and neither can its key", async () => {
    const run = await deployGke();

    assert.equal(at(theCluster(run), "deletionProtection"), true);
    assert.equal(theCluster(run).options.protect, true);
    assert.equal(run.find("gcp:kms/cryptoKey:CryptoKey", "cluster-secrets").options.protect, true);
  });

  it("can be deleted once its protection is off", async () => {
    const run = await deployGke({ deletionProtection: false });

    assert.equal(at(theCluster(run), "deletionProtection"), false);
    assert.deepEqual(
      run.resources.filter(({ options }) => options.protect).map(({ name }) => name),
      [],
    );
  });

  it("labels everything that costs money", async () => {
    const tags = { "cost-centre": "ml-42", team: "chat" };
    const capacity = [{ kind: "spot" as const }, { kind: "on-demand" as const }];
    const run = await deployGke({ tags, pools: { l4: l4Pool({ capacity }) } });

    const labels: Record<string, (resource: Recorded) => unknown> = {
      [clusterType]: (it) => at(it, "resourceLabels"),
      [poolType]: (it) => at(it, "nodeConfig.resourceLabels"),
      "gcp:kms/cryptoKey:CryptoKey": (it) => at(it, "labels"),
      "kubernetes:storage.k8s.io/v1:StorageClass": (it) =>
        Object.fromEntries(
          String(at(it, "parameters.labels"))
            .split(",")
            .map((label) => label.split("="))
            .map(([key = "", value = ""]) => [key, value]),
        ) satisfies Record<string, string>,
    };
    // Google Cloud bills nothing for these, or takes no labels on them (Cloud NAT).
    const unlabelled = [
      ...["compute/network:Network", "compute/subnetwork:Subnetwork", "compute/router:Router"],
      ...["compute/routerNat:RouterNat", "serviceaccount/account:Account", "kms/keyRing:KeyRing"],
      ...["projects/iAMMember:IAMMember", "kms/cryptoKeyIAMMember:CryptoKeyIAMMember"],
      ...["projects/serviceIdentity:ServiceIdentity", "projects/service:Service"],
    ].map((type) => `gcp:${type}`);
    const others = run.resources.filter(({ type }) => !unlabelled.includes(type));
    for (const resource of others) {
      if (resource.type === providerType || resource.type.endsWith(":ComputeClass")) continue;
      assert.deepEqual(
        labels[resource.type]?.(resource),
        tags,
        `${resource.type} ${resource.name}`,
      );
    }
    assert.deepEqual(at(theCluster(run), "nodeConfig.resourceLabels"), tags);
  });

  it("makes disks of both kinds where the pod is", async () => {
    const run = await deployGke({ pools: { l4: l4Pool() } });

    const made = (name: string) => run.find("kubernetes:storage.k8s.io/v1:StorageClass", name);
    const { inputs, provider } = made("cluster-disk");
    assert.deepEqual(inputs.metadata, { name: run.result.diskStorageClass });
    assert.equal(inputs.provisioner, "pd.csi.storage.gke.io");
    assert.deepEqual(inputs.parameters, { type: "pd-balanced" });
    assert.equal(inputs.volumeBindingMode, "WaitForFirstConsumer");
    assert.match(provider, /pulumi:providers:kubernetes::cluster-objects::/);
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

  it("knows GKE's own account by the project's number, which Google tells more surely than the account", async () => {
    const run = await deployGke();

    assert.deepEqual(
      run.calls.map(({ token }) => token),
      ["gcp:organizations/getProject:getProject"],
    );
    const use = run.find("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "cluster-secrets-use");
    assert.deepEqual(await outlivedBy(use), [
      "gcp:projects/serviceIdentity:ServiceIdentity cluster-gke",
    ]);
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

  it("has no device plugin and no pods of ours at all", async () => {
    const { resources } = await deployGke({ pools: { l4: l4Pool() } });

    assert.deepEqual(
      resources
        .filter(({ type }) => type.startsWith("kubernetes:"))
        .map(({ type }) => type)
        .sort(),
      [
        "kubernetes:cloud.google.com/v1:ComputeClass",
        "kubernetes:storage.k8s.io/v1:StorageClass",
        "kubernetes:storage.k8s.io/v1:StorageClass",
      ],
    );
  });

  it("hands a provider to every Kubernetes object of its own, and the same access to everybody else's", async () => {
    const { resources, find } = await deployGke({ pools: { l4: l4Pool() } });

    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.equal(objects.length, 3);
    for (const { name, provider } of objects) {
      assert.match(provider, /pulumi:providers:kubernetes::cluster-objects::/, name);
    }
    assert.deepEqual(
      find(providerType, "cluster").inputs,
      find(providerType, "cluster-objects").inputs,
    );
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
      const run = await deployGke({ project: undefined });
      assert.equal(at(theCluster(run), "project"), "from-config");
      assert.deepEqual(at(theCluster(run), "workloadIdentityConfig"), {
        workloadPool: "from-config.svc.id.goog",
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

    await assert.rejects(refused, (error: Error) => {
      assert.match(error.message, /^cluster: cluster\.zones\.0: /);
      assert.match(
        error.message,
        /\npools\.l4\.capacity\.1: capacity type given twice, got "spot"; /,
      );
      assert.match(
        error.message,
        /\nclusterName: not a name of a cluster, got "Prod_1"; allowed: /,
      );
      return true;
    });
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
    const configs = [
      at(theCluster(run), "nodeConfig"),
      ...run.resources.filter(({ type }) => type === poolType).map((it) => at(it, "nodeConfig")),
    ];
    assert.equal(configs.length, 3);
    for (const config of configs) {
      const node = { inputs: { config } };
      assert.equal(at(node, "config.serviceAccount"), "nodes@acme-ml.iam.gserviceaccount.com");
      assert.equal(at(node, "config.workloadMetadataConfig.mode"), "GKE_METADATA");
      assert.equal(at(node, "config.shieldedInstanceConfig.enableSecureBoot"), true);
      assert.equal(at(node, "config.shieldedInstanceConfig.enableIntegrityMonitoring"), true);
      assert.equal(at(node, "config.gcfsConfig.enabled"), true);
    }
  });

  it("belong to the autoscaler: an update never resets how many there are", async () => {
    const { resources } = await deployGke({ pools: { l4: l4Pool() } });

    const pools = resources.filter(({ type }) => type === poolType);
    assert.equal(pools.length, 2);
    for (const { name, inputs, options } of pools) {
      assert.deepEqual(options.ignoreChanges, ["initialNodeCount", "nodeCount"], name);
      assert.equal(inputs.nodeCount, undefined, name);
    }
  });

  it("go before others of another kind come, because quota seldom holds both", async () => {
    const { resources } = await deployGke({ pools: { l4: l4Pool() } });

    for (const { type, name, options } of resources) {
      assert.equal(options.deleteBeforeReplace, type === poolType ? true : undefined, name);
    }
  });

  it("of the first pool, which goes at once, do not replace the cluster", async () => {
    const cluster = theCluster(await deployGke());

    assert.equal(cluster.inputs.removeDefaultNodePool, true);
    // Three nodes, one in each zone: with SSDs of 100 GB they would not fit the quota of a new project.
    assert.equal(at(cluster, "nodeConfig.diskType"), "pd-standard");
    assert.equal(at(cluster, "nodeConfig.diskSizeGb"), 50);
    assert.deepEqual(cluster.options.ignoreChanges, ["nodeConfig", "initialNodeCount"]);
  });

  it("include two or more without GPU, over the zones", async () => {
    const system = (zones?: string[]) =>
      deployGke({ zones }).then(({ find }) => find(poolType, "cluster-system"));

    const { inputs } = await system();
    assert.deepEqual(inputs.autoscaling, {
      totalMinNodeCount: 2,
      totalMaxNodeCount: 6,
      locationPolicy: "BALANCED",
    });
    assert.equal(inputs.initialNodeCount, 1);
    assert.equal((await system(["us-central1-a"])).inputs.initialNodeCount, 2);
    assert.equal(at({ inputs }, "nodeConfig.machineType"), "e2-standard-4");
    assert.equal(at({ inputs }, "nodeConfig.diskType"), "pd-balanced");
    assert.equal(at({ inputs }, "nodeConfig.diskSizeGb"), 80);
    assert.equal(at({ inputs }, "nodeConfig.taints"), undefined);
    assert.equal(at({ inputs }, "nodeConfig.spot"), undefined);
    assert.deepEqual(inputs.upgradeSettings, { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 });
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

  it("begins with what runs in it: the compute classes and the StorageClass outlive that", async () => {
    const { find } = await deployGke({ pools });

    assert.deepEqual(await outlivedBy(find(providerType, "cluster")), [
      "kubernetes:cloud.google.com/v1:ComputeClass cluster-l4-ladder",
      "kubernetes:storage.k8s.io/v1:StorageClass cluster-disk",
      "kubernetes:storage.k8s.io/v1:StorageClass cluster-hyperdisk",
    ]);
  });

  it("goes on with these: nodes, NAT and roles outlive them", async () => {
    const { find } = await deployGke({ pools });

    assert.deepEqual(await outlivedBy(find(providerType, "cluster-objects")), [
      needed[0],
      `${clusterType} cluster`,
      `${poolType} cluster-l4-on-demand`,
      `${poolType} cluster-l4-spot`,
      system,
      ...needed.slice(1),
    ]);
  });

  it("goes on with the GPU pools, then the system pool, while they have NAT and roles", async () => {
    const { find } = await deployGke({ pools });

    for (const name of ["cluster-l4-spot", "cluster-l4-on-demand"]) {
      assert.deepEqual(await outlivedBy(find(poolType, name)), [
        needed[0],
        system,
        ...needed.slice(1),
      ]);
    }
    assert.deepEqual(await outlivedBy(find(poolType, "cluster-system")), needed);
  });

  it("takes GKE's right to the key last", async () => {
    assert.deepEqual(await outlivedBy(theCluster(await deployGke())), [
      "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember cluster-secrets-use",
    ]);
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
  const access = { namespace: "chat", serviceAccount: "llama", bucket: "acme-models" };
  const type = "gcp:storage/bucketIAMMember:BucketIAMMember";

  it("is a role of the service account itself on that bucket alone", async () => {
    const run = await deploy(() => {
      const cluster = aGkeCluster();
      return { grant: cluster.bucketAccess("llama-models", { ...access, write: false }) };
    });

    const binding = run.find(type, "cluster-llama-models");
    assert.deepEqual(binding.inputs, {
      bucket: "acme-models",
      role: "roles/storage.objectViewer",
      member:
        "principal://iam.googleapis.com/projects/1234/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/subject/ns/chat/sa/llama",
    });
    const { serviceAccountAnnotations, podLabels, dependsOn } = run.result.grant;
    assert.deepEqual(
      { serviceAccountAnnotations, podLabels },
      { serviceAccountAnnotations: {}, podLabels: {} },
    );
    assert.equal(dependsOn.length, 1);
    assert.match(
      await valueOf(dependsOn[0]?.urn ?? pulumi.output("")),
      /BucketIAMMember::cluster-llama-models$/,
    );
    assert.deepEqual(await outlivedBy(binding), [`${clusterType} cluster`]);
  });

  it("allows writing only where it is asked for", async () => {
    const { find } = await deploy(() =>
      aGkeCluster().bucketAccess("w", { ...access, write: true }),
    );

    assert.equal(at(find(type, "cluster-w"), "role"), "roles/storage.objectUser");
  });

  it("makes no key and no Google account for pods", async () => {
    const { resources } = await deploy(() =>
      aGkeCluster().bucketAccess("w", { ...access, write: true }),
    );

    const accounts = resources.filter(({ type }) => type.startsWith("gcp:serviceaccount/"));
    assert.deepEqual(
      accounts.map(({ name }) => name),
      ["cluster-nodes"],
    );
  });
});
