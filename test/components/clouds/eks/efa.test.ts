import assert from "node:assert/strict";
import { Provider } from "@pulumi/kubernetes";
import { placedPool } from "../../../../components/clouds/eks/capacity-order";
import {
  EfaDevicePlugin,
  efaCards,
  efaInterfaces,
  efaTags,
  efaUserData,
} from "../../../../components/clouds/eks/efa";
import { at, deploy } from "../../../support/deploy";
import { eksMachine, eksPool } from "../../../support/eks";

/** The network interfaces of a machine, each as card, device and type. */
function placesOf(name: string) {
  const cards = efaCards(eksPool({ machine: eksMachine(name), network: "fast" })) ?? [];
  return efaInterfaces(cards, ["sg-1"]).map(
    ({ networkCardIndex, deviceIndex, interfaceType, ...rest }) => {
      assert.deepEqual(rest, { securityGroups: ["sg-1"], deleteOnTermination: "true" });
      return [networkCardIndex, deviceIndex, interfaceType].join(" ");
    },
  );
}

describe("the network interfaces of a node with EFA", () => {
  for (const [machine, ...places] of [
    [
      ...["p4d.24xlarge", "0 0 interface", "0 1 efa-only"],
      ...["1 0 efa-only", "2 0 efa-only", "3 0 efa-only"],
    ],
    ["p5.4xlarge", "0 0 interface", "0 1 efa-only"],
    // It leaves out the cards without EFA, and takes one for each GPU where two share their bandwidth.
    [
      ...["p6e-gb200.36xlarge", "0 0 interface"],
      ...["1 0 efa-only", "5 0 efa-only", "9 0 efa-only", "13 0 efa-only"],
    ],
  ]) {
    it(`of ${machine} are one with addresses, and one on each card that has EFA alone`, () => {
      assert.deepEqual(placesOf(machine ?? ""), places);
    });
  }

  it("are as many as the machine has cards with EFA, and one more", () => {
    assert.equal(placesOf("p5.48xlarge").length, 33);
    assert.equal(placesOf("p6-b300.48xlarge").length, 17);
  });
});

describe("a node with EFA", () => {
  it("reserves huge pages before its kubelet counts them", () => {
    const text = Buffer.from(efaUserData, "base64").toString();

    assert.match(
      text,
      /^MIME-Version: 1\.0\nContent-Type: multipart\/mixed; boundary="\/\/"\n\n--\/\/\n/,
    );
    assert.match(text, /\n\n#!\/bin\/bash\necho vm\.nr_hugepages=5128 > (\S+)\nsysctl --load=\1\n/);
    assert.match(text, /\n--\/\/--\n$/);
  });

  it("is known to the autoscaler before there is one, and to workers, in one zone", () => {
    const resources = "k8s.io/cluster-autoscaler/node-template/resources";
    const within = "topology.kubernetes.io/zone";
    const interconnect = (network: "fast" | "compact") =>
      placedPool("p", eksPool({ machine: eksMachine("p5.48xlarge"), network }), "nodeGroups")
        .interconnect;

    assert.deepEqual(efaTags([0, 1, 2, 3]), {
      [`${resources}/vpc.amazonaws.com/efa`]: "4",
      [`${resources}/hugepages-2Mi`]: "10256Mi",
    });
    assert.deepEqual(interconnect("fast"), {
      within,
      resources: { "vpc.amazonaws.com/efa": 32, "hugepages-2Mi": 5_368_709_120 },
    });
    assert.deepEqual(interconnect("compact"), { within });
  });
});

describe("the device plugin of EFA", () => {
  it("runs on GPU nodes with EFA, sees kubelet and the devices, and hands its provider to every child", async () => {
    const { find, resources } = await deploy(() => {
      const provider = new Provider("cluster", { kubeconfig: "kubeconfig of the test" });
      return new EfaDevicePlugin("plugin", { provider });
    });
    const folders = [
      { name: "device-plugins", path: "/var/lib/kubelet/device-plugins", type: "Directory" },
      { name: "infiniband", path: "/dev/infiniband", type: "Directory" },
      { name: "neuron-tools", path: "/opt/aws/neuron", type: "DirectoryOrCreate" },
    ];

    assert.deepEqual(at(find("kubernetes:apps/v1:DaemonSet", "plugin"), "spec.template.spec"), {
      serviceAccountName: "aws-efa-k8s-device-plugin",
      automountServiceAccountToken: false,
      priorityClassName: "system-node-critical",
      hostNetwork: true,
      nodeSelector: { "gpu-serving/efa": "true" },
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
      containers: [
        {
          name: "aws-efa-k8s-device-plugin",
          image:
            "602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/aws-efa-k8s-device-plugin:v0.5.20",
          resources: { requests: { cpu: "10m", memory: "20Mi" } },
          securityContext: { privileged: true, runAsUser: 0 },
          volumeMounts: folders.map(({ name, path }) => ({ name, mountPath: path })),
        },
      ],
      volumes: folders.map(({ name, path, type }) => ({ name, hostPath: { path, type } })),
    });
    for (const { type, provider } of resources.slice(1)) assert.match(provider, /cluster/, type);
  });
});
