import assert from "node:assert/strict";
import type { Problem } from "../../components/problem";
import { lookUp } from "../../cli/quota";
import { pathText } from "../../stacks/problems";
import { CloudCommands, type Said } from "../support/cloud-command";

/** Shapes as in the reference of `gcloud compute regions describe`, `project-info describe` and `quotas info describe`. */
const quotas = (...list: [metric: string, limit: number, usage: number][]) => ({
  kind: "compute#region",
  quotas: list.map(([metric, limit, usage]) => ({ metric, limit, usage })),
});
const inZones = (name: string, ...zones: string[]) =>
  zones.map((zone) => ({ kind: "compute#machineType", name, zone }));

/** Shapes as in the reference of `aws service-quotas get-service-quota` and `aws ec2 describe-instance-type-offerings`. */
const serviceQuota = (QuotaCode: string, Value: number) => ({
  Quota: { ServiceCode: "ec2", QuotaCode, Value, Unit: "None", Adjustable: true },
});
const offering = (InstanceType: string, ...zones: string[]) =>
  zones.map((Location) => ({ InstanceType, LocationType: "availability-zone", Location }));
const offerings = (InstanceType: string, ...zones: string[]) => ({
  InstanceTypeOfferings: [
    ...offering(InstanceType, ...zones),
    ...offering("g5.xlarge", "us-east-1e"),
    ...offering("m7i.large", "us-east-1a", "us-east-1b", "us-east-1c", "us-east-1e"),
  ],
});

/** Nodes without GPUs on Google Cloud: their machine, where it is. */
const plainMachine = inZones("e2-standard-4", "us-central1-a", "us-central1-b", "us-central1-f");

/** Shapes as in the reference of `aws iam list-roles` and `aws logs describe-log-groups`: an account that has what it must. */
const readyAccount: Record<string, Said> = {
  "iam list-roles": { Roles: [{ RoleName: "AWSServiceRoleForEC2Spot" }] },
  "logs describe-log-groups": { logGroups: [] },
};

/** Shapes as in the reference of `az vm list-usage` and `az vm list-skus`. */
const usage = (value: string, currentValue: number, limit: number) => ({
  ...{ name: { value, localizedValue: value }, unit: "None" },
  ...{ currentValue: `${currentValue}`, limit: `${limit}` },
});
const sku = (name: string, family: string, zones: string[], restrictions: object[] = []) => ({
  ...{ resourceType: "virtualMachines", name, family, restrictions },
  locationInfo: [{ location: "eastus", zones }],
});
const plainSku = (...zones: string[]) => sku("Standard_D4ds_v5", "standardDDSv5Family", zones);
const diskSku = (name: string) => ({ resourceType: "disks", name, size: "P10", restrictions: [] });
/** As `az provider list` prints it through our query; Azure writes some names in lower case. */
const providers = (states: Record<string, string> = {}) =>
  Object.entries({
    "Microsoft.Compute": "Registered",
    "Microsoft.ContainerRegistry": "Registered",
    "Microsoft.ContainerService": "Registered",
    "Microsoft.ManagedIdentity": "Registered",
    "Microsoft.Network": "Registered",
    "Microsoft.OperationalInsights": "Registered",
    "microsoft.insights": "Registered",
    ...states,
  }).map(([namespace, registrationState]) => ({ namespace, registrationState }));

/** Shape as `gcloud services list --enabled --format=json` has it. */
const apis = (...names: string[]) =>
  names.map((name) => ({
    config: { name: `${name}.googleapis.com` },
    name: `projects/1234/services/${name}.googleapis.com`,
    state: "ENABLED",
  }));

const gke = {
  "gcp:project": "acme-ml",
  cluster: { kind: "gke", region: "us-central1" },
  namespaces: { chat: {} },
};
const eks = {
  cluster: { kind: "eks", region: "us-east-1", version: "1.35", access: ["203.0.113.0/24"] },
  namespaces: { chat: {} },
};
const aks = { cluster: { kind: "aks", region: "eastus" }, namespaces: { chat: {} } };

const l4 = {
  machine: "g2-standard-12",
  zones: ["us-central1-a", "us-central1-f"],
  nodes: { max: 4 },
  capacity: ["spot", "on-demand"],
};
const gkeAnswers: Record<string, Said> = {
  "compute regions describe us-central1": quotas(
    ["CPUS", 500, 12],
    ["NVIDIA_L4_GPUS", 1, 0],
    ["PREEMPTIBLE_NVIDIA_L4_GPUS", 8, 0],
    ["SSD_TOTAL_GB", 4000, 0],
  ),
  "services list --enabled": apis(
    ...["cloudkms", "cloudresourcemanager", "compute", "container", "containerfilesystem", "iam"],
  ),
  "compute project-info describe": quotas(["GPUS_ALL_REGIONS", 0, 0], ["CPUS_ALL_REGIONS", 32, 0]),
  "compute machine-types list": [
    ...plainMachine,
    ...inZones("g2-standard-12", "us-central1-a", "us-central1-b", "europe-west4-a"),
    // Zones may come as addresses.
    ...inZones(
      "n1-standard-4",
      "https://www.googleapis.com/compute/v1/projects/p/zones/us-central1-a",
    ),
    ...inZones("n1-standard-4", "us-central1-f"),
  ],
  "compute accelerator-types list": inZones("nvidia-tesla-t4", "us-central1-a"),
};

describe("the look-up of quota and zones", () => {
  let commands: CloudCommands;
  beforeEach(() => {
    commands = new CloudCommands();
  });
  afterEach(() => commands.remove());

  async function asked(config: object) {
    const found = await lookUp(commands.stackFile(config), commands.env);
    assert.ok(found, "nothing to ask");
    return found;
  }

  /** What is found, each problem as its path, what was found and what is allowed. */
  async function told(config: object) {
    const { missing, remarks, unasked } = await asked(config);
    const one = ({ path, found, allowed }: Problem) => `${pathText(path)}: ${found} | ${allowed}`;
    return { missing: missing.map(one), remarks: remarks.map(one), unasked };
  }

  /** The same of a stack on GKE, with answers besides the usual ones. */
  function onGoogle(pools: object, more: Record<string, Said> = {}) {
    commands.standIn("gcloud", { ...gkeAnswers, ...more });
    return told({ ...gke, pools });
  }

  it("tells all that Google Cloud lacks at once, and asks only what it needs, in the stack's project", async () => {
    assert.deepEqual(await onGoogle({ small: l4 }), {
      missing: [
        'pools.small.zones[1]: "us-central1-f" | us-central1-a, us-central1-b',
        "pools.small.nodes.max: 0 GPUs, 0 in use | at least 4 GPUs: 4 for small",
        "pools.small.nodes.max: 1 GPUs, 0 in use | at least 4 GPUs: 4 for small",
      ],
      remarks: [],
      unasked: [],
    });
    assert.deepEqual(commands.asked(), [
      "gcloud compute regions describe us-central1 --project=acme-ml --format=json",
      "gcloud compute project-info describe --project=acme-ml --format=json",
      "gcloud compute machine-types list --filter=name=(g2-standard-12 e2-standard-4) --project=acme-ml --format=json",
      "gcloud services list --enabled --project=acme-ml --format=json",
    ]);
  });

  it("counts the SSDs of nodes on Google Cloud, those without GPUs too, and leaves Hyperdisks aside", async () => {
    const ssds = async (limit: number, pools: object) => {
      const { missing } = await onGoogle(pools, {
        "compute regions describe us-central1": quotas(["SSD_TOTAL_GB", limit, 0]),
      });
      return missing.filter((one) => one.includes("GB"));
    };

    // 4 nodes of 200 GB, and 6 of 80.
    assert.deepEqual(await ssds(1279, { small: l4 }), [
      "pools.small.nodes.max: 1279 GB, 0 in use | at least 1280 GB: 800 for small, 480 for the cluster's own nodes",
    ]);
    assert.deepEqual(await ssds(1280, { small: l4 }), []);
    const newer = { machine: "g4-standard-48", zones: ["us-central1-b"], nodes: { max: 4 } };
    assert.deepEqual(await ssds(479, { newer }), [
      "cluster: 479 GB, 0 in use | at least 480 GB: 480 for the cluster's own nodes",
    ]);
  });

  it("tells which APIs of Google Cloud an up would have to switch on, with the command that does", async () => {
    commands.standIn("gcloud", {
      ...gkeAnswers,
      "services list --enabled": apis("compute", "container", "iam", "cloudresourcemanager"),
    });
    const { remarks } = await asked({ ...gke, pools: { small: l4 } });

    assert.deepEqual(
      remarks.map(({ path, found, fix }) => [path, found, fix]),
      [
        [
          ["gcp:project"],
          "containerfilesystem.googleapis.com, cloudkms.googleapis.com",
          "gcloud services enable containerfilesystem.googleapis.com cloudkms.googleapis.com --project=acme-ml",
        ],
      ],
    );
  });

  it("wants a zone for n1 machines that has the GPU as well", async () => {
    const { missing } = await onGoogle({
      small: { ...l4, machine: "n1-standard-4", gpusPerNode: 1 },
    });

    assert.equal(missing[0], 'pools.small.zones[1]: "us-central1-f" | us-central1-a');
  });

  describe("of the newer GPUs on Google Cloud", () => {
    const family = (gpu: string, value: string | undefined, region?: string) => ({
      dimensions: { gpu_family: gpu, ...(region === undefined ? {} : { region }) },
      details: value === undefined ? {} : { value },
      applicableLocations: region === undefined ? ["us-central1", "us-east4"] : [],
    });
    const missing = async (...dimensionsInfos: object[]) => {
      const pool = { machine: "a3-highgpu-8g", zones: ["us-central1-a"], nodes: { max: 2 } };
      const found = await onGoogle(
        { large: pool },
        {
          "compute project-info describe": quotas(["GPUS_ALL_REGIONS", 99, 0]),
          "compute machine-types list": [
            ...plainMachine,
            ...inZones("a3-highgpu-8g", "us-central1-a"),
          ],
          "beta quotas info describe GPUS-PER-GPU-FAMILY-per-project-region --service=compute.googleapis.com":
            { quotaId: "GPUS-PER-GPU-FAMILY-per-project-region", dimensionsInfos },
        },
      );
      return found.missing;
    };
    const short = (found: string) => [
      `pools.large.nodes.max: ${found} | at least 16 GPUs: 16 for large`,
    ];

    for (const [what, answered, found] of [
      ["reads an empty answer as none", [family("NVIDIA_H100", undefined)], "0 GPUs"],
      ["reads -1 as no limit", [family("NVIDIA_H100", "-1")], undefined],
      [
        "believes the region's own value more than that of all regions",
        [family("NVIDIA_H100", "64"), family("NVIDIA_H100", "8", "us-central1")],
        "8 GPUs",
      ],
      [
        "leaves other families and regions aside",
        [family("NVIDIA_H200", "64"), family("NVIDIA_H100", "64", "us-east4")],
        "nothing granted",
      ],
    ] as const) {
      it(what, async () => {
        assert.deepEqual(await missing(...answered), found ? short(found) : []);
      });
    }
  });

  it("tells what AWS lacks, by the codes of its quotas", async () => {
    const granted = { "L-3819A6DF": 64, "L-DB2E81BA": 8, "L-1216C47A": 5 };
    const question = "service-quotas get-service-quota --service-code ec2 --quota-code";
    commands.standIn("aws", {
      ...Object.fromEntries(
        Object.entries(granted).map(([code, value]) => [
          `${question} ${code}`,
          serviceQuota(code, value),
        ]),
      ),
      "ec2 describe-instance-type-offerings": offerings("g6.xlarge", "us-east-1a", "us-east-1d"),
      ...readyAccount,
    });
    const small = {
      ...{ machine: "g6.xlarge", nodes: { max: 4 }, capacity: ["spot", "on-demand"] },
      zones: ["us-east-1a", "us-east-1e"],
    };
    assert.deepEqual(await told({ ...eks, "aws:profile": "ml", pools: { small } }), {
      missing: [
        'pools.small.zones[1]: "us-east-1e" | us-east-1a, us-east-1d',
        "pools.small.nodes.max: 8 vCPUs | at least 16 vCPUs: 16 for small",
        "cluster: 5 vCPUs | at least 24 vCPUs: 24 for the cluster's own nodes",
      ],
      remarks: [],
      unasked: [],
    });
    assert.deepEqual(commands.asked(), [
      ...Object.keys(granted).map(
        (code) => `aws ${question} ${code} --region us-east-1 --output json --profile ml`,
      ),
      "aws ec2 describe-instance-type-offerings --location-type availability-zone --filters Name=instance-type,Values=g6.xlarge,m7i.large --region us-east-1 --output json --profile ml",
      "aws iam list-roles --path-prefix /aws-service-role/spot.amazonaws.com/ --region us-east-1 --output json --profile ml",
      "aws logs describe-log-groups --log-group-name-prefix /aws/eks/prod-cluster/cluster --region us-east-1 --output json --profile ml",
    ]);
  });

  describe("of what an account of AWS must have", () => {
    const found = async (account: Record<string, Said>, capacity = ["spot"], cluster = {}) => {
      commands.standIn("aws", {
        ...readyAccount,
        ...account,
        "service-quotas get-service-quota": serviceQuota("any", 999),
        "ec2 describe-instance-type-offerings": offerings("g6.xlarge", "us-east-1a"),
      });
      const pool = { machine: "g6.xlarge", nodes: { max: 1 }, zones: ["us-east-1a"], capacity };
      const stack = { ...eks, cluster: { ...eks.cluster, ...cluster }, pools: { small: pool } };
      const { missing, remarks } = await asked(stack);
      const shown = (list: Problem[]) =>
        list.map((one) => [pathText(one.path), one.found, one.fix]);
      return { missing: shown(missing), remarks: shown(remarks) };
    };
    const missing = async (account: Record<string, Said>) => (await found(account)).missing;
    const logGroup = (logGroupName: string) => ({
      "logs describe-log-groups": { logGroups: [{ logGroupName, retentionInDays: 90 }] },
    });

    const noRole = { "iam list-roles": { Roles: [] } };
    const makeRole =
      "make the role once: aws iam create-service-linked-role --aws-service-name spot.amazonaws.com";

    it("finds the role for spot nodes missing, where node groups are to have some", async () => {
      const nodeGroups = { mode: "nodeGroups" };

      assert.deepEqual(await found(noRole, ["on-demand", "spot"], nodeGroups), {
        missing: [["pools.small.capacity[1]", '"spot"', makeRole]],
        remarks: [],
      });
      assert.deepEqual((await found(noRole, ["on-demand"], nodeGroups)).missing, []);
    });

    for (const cluster of [{}, { mode: "auto" }]) {
      it(`only remarks on that with Auto Mode, which may make the role: ${JSON.stringify(cluster)}`, async () => {
        assert.deepEqual(await found(noRole, ["on-demand", "spot"], cluster), {
          missing: [],
          remarks: [
            [
              ...["pools.small.capacity[1]", '"spot"'],
              `nothing; where no spot node comes, ${makeRole}`,
            ],
          ],
        });
        assert.deepEqual((await found(noRole, ["on-demand"], cluster)).remarks, []);
      });
    }

    it("finds the log group that an earlier cluster has left", async () => {
      const left = logGroup("/aws/eks/prod-cluster/cluster");

      assert.deepEqual(await missing({ ...left, "eks list-clusters": { clusters: ["other"] } }), [
        [
          ...["cluster", '"/aws/eks/prod-cluster/cluster"'],
          "delete it, with the logs in it: aws logs delete-log-group --log-group-name /aws/eks/prod-cluster/cluster --region us-east-1",
        ],
      ]);
    });

    it("takes the log group of a living cluster, or of another one, as right", async () => {
      const own = logGroup("/aws/eks/prod-cluster/cluster");
      const others = logGroup("/aws/eks/prod-cluster/cluster-2");

      assert.deepEqual(
        await missing({ ...own, "eks list-clusters": { clusters: ["prod-cluster"] } }),
        [],
      );
      assert.deepEqual(await missing(others), []);
    });
  });

  describe("on Azure", () => {
    const small = {
      ...{ machine: "Standard_NC4as_T4_v3", nodes: { max: 4 } },
      ...{ capacity: ["spot", "on-demand"], zones: ["1", "2"] },
    };
    const answers = (...skus: object[]): Record<string, Said> => ({
      "vm list-usage": [
        usage("cores", 4, 100),
        usage("lowPriorityCores", 0, 10),
        usage("Standard NCASv3_T4 Family", 8, 16),
        usage("Standard DDSv5 Family", 4, 100),
      ],
      "vm list-skus --resource-type virtualMachines --all": [...skus, plainSku("1", "2", "3")],
      "vm list-skus --resource-type disks": [diskSku("Premium_LRS"), diskSku("Premium_ZRS")],
      "provider list": providers(),
    });
    const t4Sku = sku("Standard_NC4as_T4_v3", "standardNCASv3_T4Family", ["1", "2"]);
    const onAzure = (more: Record<string, Said>, config: object = { pools: { small } }) => {
      commands.standIn("az", { ...answers(t4Sku), ...more });
      return told({ ...aks, ...config });
    };
    /** The same where the subscription may not have the machine. */
    const restricted = (restriction: object) =>
      onAzure(
        answers(
          sku(
            "Standard_NC4as_T4_v3",
            "standardNCASv3_T4Family",
            ["1", "2"],
            [{ reasonCode: "NotAvailableForSubscription", ...restriction }],
          ),
        ),
      );

    it("tells what is lacking, by family and zone", async () => {
      const closed = { type: "Zone", restrictionInfo: { zones: ["2"] } };
      assert.deepEqual(await restricted(closed), {
        missing: [
          'pools.small.zones[1]: "2" | 1',
          "pools.small.nodes.max: 10 vCPUs, 0 in use | at least 16 vCPUs: 16 for small",
        ],
        remarks: ["pools.small.nodes.max: 16 vCPUs, 8 in use | at least 16 vCPUs: 16 for small"],
        unasked: [],
      });
      assert.deepEqual(commands.asked(), [
        "az vm list-usage --location eastus --output json",
        "az vm list-skus --resource-type virtualMachines --all --location eastus --output json",
        "az provider list --query [].{namespace:namespace,registrationState:registrationState} --output json",
      ]);
    });

    it("counts the nodes without GPUs and those that their upgrades add, in family and region", async () => {
      const more = {
        "vm list-usage": [
          usage("cores", 0, 80),
          usage("lowPriorityCores", 0, 16),
          usage("Standard NCASv3_T4 Family", 0, 16),
          usage("Standard DDSv5 Family", 0, 10),
        ],
      };
      assert.deepEqual((await onAzure(more)).missing, [
        "pools.small.nodes.max: 80 vCPUs, 0 in use | at least 84 vCPUs: 16 for small, 68 for the cluster's own nodes",
        "cluster: 10 vCPUs, 0 in use | at least 68 vCPUs: 68 for the cluster's own nodes",
      ]);
    });

    it("tells that the subscription is not registered for what the audit logs need", async () => {
      const more = { "provider list": providers({ "microsoft.insights": "NotRegistered" }) };
      commands.standIn("az", { ...answers(t4Sku), ...more });
      const config = { ...aks, "azure-native:subscriptionId": "s-1", pools: { small } };
      const { missing } = await asked(config);

      assert.deepEqual(
        missing.filter(({ path }) => path.length === 1).map(({ found, fix }) => [found, fix]),
        [
          [
            "NotRegistered",
            "run az provider register --namespace Microsoft.Insights --wait --subscription s-1",
          ],
        ],
      );
    });

    it("remarks on providers that the first request registers, where the identity may", async () => {
      const more = {
        "provider list": providers({ "Microsoft.ContainerService": "NotRegistered" }),
      };
      const { remarks } = await onAzure(more);

      assert.deepEqual(remarks, [
        "cluster: Microsoft.ContainerService | Registered, or an identity with the role Contributor on the subscription",
        "pools.small.nodes.max: 16 vCPUs, 8 in use | at least 16 vCPUs: 16 for small",
      ]);
    });

    it("tells of zones in which nodes without GPUs are not offered, and which to name", async () => {
      const more = {
        "vm list-skus --resource-type virtualMachines --all": [t4Sku, plainSku("1", "3")],
      };
      const config = { cluster: { ...aks.cluster, zones: ["1", "2"] }, pools: { small } };

      assert.deepEqual((await onAzure(more)).missing[0], "cluster: zones 2 | 1, 3");
      assert.deepEqual((await onAzure(more, config)).missing[0], "cluster.zones: zones 2 | 1, 3");
    });

    for (const [what, cluster, volumes, missing] of [
      ["where nodes are in several places", {}, { work: { disk: "50Gi" } }, true],
      ["not where all are in one zone", { zones: ["1"] }, { work: { disk: "50Gi" } }, false],
      ["not where the stack makes no disks", {}, {}, false],
    ] as const) {
      it(`wants disks of all zones in the region ${what}`, async () => {
        const more = { "vm list-skus --resource-type disks": [diskSku("Premium_LRS")] };
        const pool = { machine: small.machine, nodes: small.nodes };
        const config = {
          ...{ cluster: { ...aks.cluster, ...cluster }, volumes, pools: { small: pool } },
        };

        assert.equal(
          (await onAzure(more, config)).missing.includes(
            "cluster.region: eastus | a region with Premium_ZRS, or one zone for all nodes",
          ),
          missing,
        );
      });
    }

    it("takes a machine that the subscription may not have in the region as not offered", async () => {
      const { missing } = await restricted({ type: "Location" });

      assert.deepEqual(missing.slice(0, 2), [
        'pools.small.zones[0]: "1" | nothing in eastus',
        'pools.small.zones[1]: "2" | nothing in eastus',
      ]);
    });
  });

  it("tells the rest when one question fails, and what it could not ask", async () => {
    const small = { ...l4, zones: ["us-central1-a"] };
    const found = await onGoogle(
      { small },
      {
        "compute project-info describe": {
          ...{ fails: 1, says: "ERROR: (gcloud) PERMISSION_DENIED: no" },
        },
      },
    );
    assert.deepEqual(found, {
      missing: ["pools.small.nodes.max: 1 GPUs, 0 in use | at least 4 GPUs: 4 for small"],
      remarks: [],
      unasked: [
        "`gcloud compute project-info describe --project=acme-ml --format=json` failed (exit code 1): ERROR: (gcloud) PERMISSION_DENIED: no",
      ],
    });
  });

  it("takes an answer of another shape as none", async () => {
    const { unasked } = await onGoogle(
      { small: l4 },
      {
        "compute machine-types list": { machines: [] },
        "compute project-info describe": quotas(["GPUS_ALL_REGIONS", 4, 0]),
      },
    );

    assert.match(
      unasked.join("\n"),
      /^`gcloud compute machine-types list .*` answered something else than expected, at the top: /,
    );
  });

  for (const [command, config, says] of [
    [
      "gcloud",
      { ...gke, pools: { small: l4 } },
      "ERROR: (gcloud.compute.regions.describe) You do not currently have an active account selected.",
    ],
    [
      "aws",
      { ...eks, pools: { small: { gpu: "L4", nodes: { max: 1 } } } },
      'Unable to locate credentials. You can configure credentials by running "aws configure".',
    ],
    [
      "aws",
      { ...eks, pools: { small: { gpu: "L4", nodes: { max: 1 } } } },
      "An error occurred (ExpiredTokenException) when calling the GetServiceQuota operation: The security token included in the request is expired",
    ],
    [
      "az",
      { ...aks, pools: { small: { gpu: "T4", nodes: { max: 1 } } } },
      "ERROR: Please run 'az login' to setup account.",
    ],
  ] as const) {
    it(`says that ${command} is not logged in: ${says.slice(0, 40)}`, async () => {
      commands.standIn(command, { "": { fails: 1, says } });
      await assert.rejects(told(config), {
        name: "Fault",
        message: new RegExp(`^${command} is not logged in: run ${command} .*login`),
      });
      assert.equal(commands.asked().length, 1);
    });
  }

  describe("of a stack that makes no GPU nodes", () => {
    it("tells what Google Cloud lacks for the others: vCPUs, SSDs, APIs and zones", async () => {
      commands.standIn("gcloud", {
        "compute regions describe us-central1": quotas(["CPUS", 23, 4], ["SSD_TOTAL_GB", 479, 0]),
        "compute project-info describe": quotas(["CPUS_ALL_REGIONS", 12, 0]),
        "compute machine-types list": inZones("e2-standard-4", "us-central1-a"),
        "services list --enabled": apis("compute", "container", "iam", "cloudresourcemanager"),
      });
      const zones = ["us-central1-a", "us-central1-b"];

      assert.deepEqual(await told({ ...gke, cluster: { ...gke.cluster, zones } }), {
        missing: [
          "cluster.zones: zones us-central1-b | us-central1-a",
          "cluster: 23 vCPUs, 4 in use | at least 24 vCPUs: 24 for the cluster's own nodes",
          "cluster: 12 vCPUs, 0 in use | at least 24 vCPUs: 24 for the cluster's own nodes",
          "cluster: 479 GB, 0 in use | at least 480 GB: 480 for the cluster's own nodes",
        ],
        remarks: [
          `gcp:project: containerfilesystem.googleapis.com, cloudkms.googleapis.com | on, or an identity with roles/serviceusage.serviceUsageAdmin`,
        ],
        unasked: [],
      });
      assert.deepEqual(commands.asked(), [
        "gcloud compute regions describe us-central1 --project=acme-ml --format=json",
        "gcloud compute project-info describe --project=acme-ml --format=json",
        "gcloud compute machine-types list --filter=name=(e2-standard-4) --project=acme-ml --format=json",
        "gcloud services list --enabled --project=acme-ml --format=json",
      ]);
    });

    it("takes vCPUs that Google Cloud has in no list as not told", async () => {
      const found = await onGoogle(
        {},
        {
          "compute regions describe us-central1": quotas(["SSD_TOTAL_GB", 480, 0]),
          "compute project-info describe": quotas(),
        },
      );

      assert.deepEqual(found, { missing: [], remarks: [], unasked: [] });
    });

    for (const [mode, most] of [
      ["auto", 24],
      ["nodeGroups", 32],
    ] as const) {
      it(`tells what AWS lacks for the others, renewed by ${mode}`, async () => {
        const onAws = async (vcpus: number) => {
          commands.standIn("aws", {
            ...readyAccount,
            "service-quotas get-service-quota --service-code ec2 --quota-code L-1216C47A":
              serviceQuota("L-1216C47A", vcpus),
            "ec2 describe-instance-type-offerings": {
              InstanceTypeOfferings: offering("m7i.large", "us-east-1a", "us-east-1b"),
            },
          });
          return (await told({ ...eks, cluster: { ...eks.cluster, mode } })).missing;
        };
        const zones = "cluster: zones us-east-1c | us-east-1a, us-east-1b";

        assert.deepEqual(await onAws(most), [zones]);
        assert.deepEqual(await onAws(most - 1), [
          zones,
          `cluster: ${most - 1} vCPUs | at least ${most} vCPUs: ${most} for the cluster's own nodes`,
        ]);
      });
    }

    it("tells what Azure lacks for the others, resource providers among it", async () => {
      commands.standIn("az", {
        "vm list-usage": [usage("cores", 0, 67), usage("Standard DDSv5 Family", 0, 68)],
        "vm list-skus --resource-type virtualMachines --all": [plainSku("1", "2")],
        "provider list": providers({ "microsoft.insights": "NotRegistered" }),
      });

      assert.deepEqual(await told({ ...aks }), {
        missing: [
          "cluster: NotRegistered | Registered",
          "cluster: zones 3 | 1, 2",
          "cluster: 67 vCPUs, 0 in use | at least 68 vCPUs: 68 for the cluster's own nodes",
        ],
        remarks: [],
        unasked: [],
      });
    });

    it("asks nothing where the cluster is there already", async () => {
      const cluster = { kind: "existing", context: "prod" };

      const path = commands.stackFile({ cluster, namespaces: { chat: {} } });
      assert.equal(await lookUp(path, commands.env), undefined);
    });
  });
});
