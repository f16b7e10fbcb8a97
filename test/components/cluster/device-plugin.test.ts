import assert from "node:assert/strict";
import { Provider } from "@pulumi/kubernetes";
import { NvidiaDevicePlugin } from "../../../components/cluster/device-plugin";
import type { NvidiaDevicePluginArgs } from "../../../components/cluster/device-plugin";
import { at, deploy } from "../../support/deploy";

const daemonSet = "kubernetes:apps/v1:DaemonSet";
const pod = "spec.template.spec";

function deployPlugin(args: NvidiaDevicePluginArgs = {}) {
  return deploy(() => {
    const provider = new Provider("cluster", { kubeconfig: "kubeconfig of the test" });
    return new NvidiaDevicePlugin("plugin", args, { provider });
  });
}

/** Expressions that say which nodes a DaemonSet runs on, besides its nodeSelector. */
const affinity = `${pod}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;

describe("the device plugin of NVIDIA", () => {
  it("is one DaemonSet in kube-system unless GPUs are shared", async () => {
    const { resources } = await deployPlugin();

    assert.deepEqual(
      resources.map(({ type, inputs }) => [type, at({ inputs }, "metadata.namespace")]),
      [
        ["pulumi:providers:kubernetes", undefined],
        ["kubernetes:core/v1:ServiceAccount", "kube-system"],
        [daemonSet, "kube-system"],
      ],
    );
  });

  it("hands its provider to every child", async () => {
    const { resources } = await deployPlugin({
      sharing: { four: { kind: "time-slicing", clients: 4 } },
    });

    for (const { type, provider } of resources.slice(1)) assert.match(provider, /cluster/, type);
  });

  it("runs the pinned version where a node says that it has a GPU", async () => {
    const { find } = await deployPlugin();
    const plugin = find(daemonSet, "plugin");

    assert.equal(
      at(plugin, `${pod}.containers[0].image`),
      "nvcr.io/nvidia/k8s-device-plugin:v0.20.0",
    );
    assert.deepEqual(at(plugin, `${pod}.nodeSelector`), { "nvidia.com/gpu.present": "true" });
  });

  it("runs on the nodes it is told, where clouds have given them no label", async () => {
    const { find } = await deployPlugin({
      nodes: [{ pool: "l4" }, { pool: "h100", "example.com/gpu": "yes" }],
    });
    const plugin = find(daemonSet, "plugin");
    const unshared = { key: "nvidia.com/device-plugin.config", operator: "DoesNotExist" };
    const is = (key: string, value: string) => ({ key, operator: "In", values: [value] });

    assert.equal(at(plugin, `${pod}.nodeSelector`), undefined);
    assert.deepEqual(at(plugin, affinity), [
      { matchExpressions: [is("pool", "l4"), unshared] },
      { matchExpressions: [is("pool", "h100"), is("example.com/gpu", "yes"), unshared] },
    ]);
  });

  it("tolerates GPU nodes, and what else it is told", async () => {
    const { find } = await deployPlugin({
      taints: [
        { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" },
        { key: "team", effect: "NoExecute" },
      ],
    });

    assert.deepEqual(at(find(daemonSet, "plugin"), `${pod}.tolerations`), [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      {
        key: "kubernetes.azure.com/scalesetpriority",
        operator: "Equal",
        value: "spot",
        effect: "NoSchedule",
      },
      { key: "team", operator: "Exists", effect: "NoExecute" },
    ]);
  });

  it("runs once on each node: a way of sharing takes its nodes from the rest", async () => {
    const { find } = await deployPlugin({
      sharing: { four: { kind: "time-slicing", clients: 4 }, slices: { kind: "mig" } },
    });

    const key = "nvidia.com/device-plugin.config";
    assert.deepEqual(at(find(daemonSet, "plugin"), affinity), [
      { matchExpressions: [{ key, operator: "DoesNotExist" }] },
    ]);
    assert.deepEqual(at(find(daemonSet, "plugin-four"), affinity), [
      { matchExpressions: [{ key, operator: "In", values: ["four"] }] },
    ]);
    assert.deepEqual(at(find(daemonSet, "plugin-slices"), affinity), [
      { matchExpressions: [{ key, operator: "In", values: ["slices"] }] },
    ]);
  });

  it("offers a time-sliced GPU as often as it has clients, one of them to a pod", async () => {
    const { find } = await deployPlugin({
      sharing: { four: { kind: "time-slicing", clients: 4 } },
    });
    const config = find("kubernetes:core/v1:ConfigMap", "plugin-four-config");

    assert.deepEqual(config.inputs.data, {
      "config.yaml": [
        "version: v1",
        "flags:",
        "  migStrategy: none",
        "sharing:",
        "  timeSlicing:",
        "    failRequestsGreaterThanOne: true",
        "    resources:",
        "      - name: nvidia.com/gpu",
        "        replicas: 4",
        "",
      ].join("\n"),
    });
  });

  it("reads the file of its own way of sharing, whose name changes with what it says", async () => {
    const { find } = await deployPlugin({
      sharing: { shared: { kind: "time-slicing", clients: 4 } },
    });
    const plugin = find(daemonSet, "plugin-shared");

    assert.deepEqual(at(plugin, `${pod}.volumes[1]`), {
      name: "config",
      configMap: { name: "nvidia-device-plugin-shared-4" },
    });
    assert.deepEqual(at(plugin, `${pod}.containers[0].volumeMounts[1]`), {
      name: "config",
      mountPath: "/config",
      readOnly: true,
    });
    assert.deepEqual(at(plugin, `${pod}.containers[0].env[3]`), {
      name: "CONFIG_FILE",
      value: "/config/config.yaml",
    });
  });

  it("offers slices as GPUs where nodes are cut into them", async () => {
    const { find } = await deployPlugin({ sharing: { slices: { kind: "mig" } } });
    const environment = (name: string) => at(find(daemonSet, name), `${pod}.containers[0].env[0]`);

    assert.deepEqual(environment("plugin"), { name: "MIG_STRATEGY", value: "none" });
    assert.deepEqual(environment("plugin-slices"), { name: "MIG_STRATEGY", value: "single" });
  });

  it("has no rights on the node but where it watches slices", async () => {
    const { find } = await deployPlugin({ sharing: { slices: { kind: "mig" } } });
    const context = (name: string) =>
      at(find(daemonSet, name), `${pod}.containers[0].securityContext`);

    assert.deepEqual(context("plugin"), {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(context("plugin-slices"), { capabilities: { add: ["SYS_ADMIN"] } });
  });

  it("rejects a GPU that is shared by fewer than two", async () => {
    await assert.rejects(
      deployPlugin({ sharing: { alone: { kind: "time-slicing", clients: 1 } } }),
      /plugin: sharing\.alone\.clients: not a number of pods .*, got 1; allowed: a whole number from 2 up/,
    );
  });
});
