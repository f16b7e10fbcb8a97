import assert from "node:assert/strict";
import { Provider } from "@pulumi/kubernetes";
import {
  efaCards,
  efaInterfaces,
  efaTags,
  efaUserData,
} from "../../../../components/clouds/eks/efa";
import { EfaDevicePlugin } from "../../../../components/clouds/eks/efa";
import { placedPool } from "../../../../components/clouds/eks/capacity-order";
import { at, deploy } from "../../../support/deploy";
import { eksMachine, eksPool } from "../../../support/eks";

const daemonSet = "kubernetes:apps/v1:DaemonSet";

/** The interfaces of a machine, each as card, device and type. */
function interfacesOf(name: string) {
  const cards = efaCards(eksPool({ machine: eksMachine(name), network: "fast" })) ?? [];
  const all = efaInterfaces(cards, ["sg-1"]);
  assert.ok(Array.isArray(all));
  return all.map((one) => JSON.parse(JSON.stringify(one)) as Record<string, unknown>);
}

function placesOf(name: string) {
  return interfacesOf(name).map(({ networkCardIndex, deviceIndex, interfaceType }) =>
    [networkCardIndex, deviceIndex, interfaceType].join(" "),
  );
}

describe("the network interfaces of a node with EFA", () => {
  it("are one with addresses, and one on each card that has EFA alone", () => {
    assert.deepEqual(placesOf("p4d.24xlarge"), [
      "0 0 interface",
      "0 1 efa-only",
      "1 0 efa-only",
      "2 0 efa-only",
      "3 0 efa-only",
    ]);
    assert.deepEqual(placesOf("p5.4xlarge"), ["0 0 interface", "0 1 efa-only"]);
    assert.equal(placesOf("p5.48xlarge").length, 33);
  });

  it("leave out the cards without EFA, and take one for each GPU where two share their bandwidth", () => {
    const b300 = placesOf("p6-b300.48xlarge");

    assert.deepEqual([b300.length, b300[1], b300[16]], [17, "1 0 efa-only", "16 0 efa-only"]);
    assert.deepEqual(placesOf("p6e-gb200.36xlarge"), [
      "0 0 interface",
      ...["1 0 efa-only", "5 0 efa-only", "9 0 efa-only", "13 0 efa-only"],
    ]);
  });

  it("are all in the same security groups, and go with their node", () => {
    for (const { securityGroups, deleteOnTermination } of interfacesOf("p4d.24xlarge")) {
      assert.deepEqual(securityGroups, ["sg-1"]);
      assert.equal(deleteOnTermination, "true");
    }
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

  it("is known to the autoscaler before there is one", () => {
    const resources = "k8s.io/cluster-autoscaler/node-template/resources";

    assert.deepEqual(efaTags([0, 1, 2, 3]), {
      [`${resources}/vpc.amazonaws.com/efa`]: "4",
      [`${resources}/hugepages-2Mi`]: "10256Mi",
    });
  });

  it("offers its EFAs and their huge pages to workers, in one zone", () => {
    const h100 = { machine: eksMachine("p5.48xlarge"), zones: ["us-east-1a"] };
    const placed = placedPool("p", eksPool({ ...h100, network: "fast" }), "nodeGroups");
    const near = placedPool("p", eksPool({ ...h100, network: "compact" }), "nodeGroups");

    assert.deepEqual(placed.interconnect, {
      within: "topology.kubernetes.io/zone",
      resources: { "vpc.amazonaws.com/efa": 32, "hugepages-2Mi": 5_368_709_120 },
    });
    assert.deepEqual(near.interconnect, { within: "topology.kubernetes.io/zone" });
  });
});

describe("the device plugin of EFA", () => {
  const run = deploy(() => {
    const provider = new Provider("cluster", { kubeconfig: "kubeconfig of the test" });
    return new EfaDevicePlugin("plugin", { provider });
  });

  it("runs on GPU nodes with EFA, and sees kubelet and the devices", async () => {
    const spec = at((await run).find(daemonSet, "plugin"), "spec.template.spec");

    assert.deepEqual(at({ inputs: { spec } }, "spec.nodeSelector"), { "gpu-serving/efa": "true" });
    assert.deepEqual(at({ inputs: { spec } }, "spec.tolerations"), [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
    ]);
    assert.equal(
      at({ inputs: { spec } }, "spec.containers[0].image"),
      "602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/aws-efa-k8s-device-plugin:v0.5.20",
    );
    assert.deepEqual(at({ inputs: { spec } }, "spec.containers[0].volumeMounts"), [
      { name: "device-plugins", mountPath: "/var/lib/kubelet/device-plugins" },
      { name: "infiniband", mountPath: "/dev/infiniband" },
      { name: "neuron-tools", mountPath: "/opt/aws/neuron" },
    ]);
  });

  it("hands its provider to every child", async () => {
    for (const { type, provider } of (await run).resources.slice(1)) {
      assert.match(provider, /cluster/, type);
    }
  });
});
