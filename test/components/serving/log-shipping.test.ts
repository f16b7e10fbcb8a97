import assert from "node:assert/strict";
import { parse } from "yaml";
import type { LogShipping } from "../../../components/serving/log-shipping";
import type { InferenceServiceArgs } from "../../../components/serving/inference-service";
import { deployChat } from "../../support/clusters";
import { at } from "../../support/deploy";

const logs: LogShipping = { to: "http://collector:4318", files: ["/var/log/server/*.log"] };

async function chatWith(args: Partial<InferenceServiceArgs>) {
  const run = await deployChat(args);
  const files = run.find("kubernetes:core/v1:ConfigMap", "chat-logs");
  const text = (files.inputs.data as Record<string, string>)["collector.yaml"] ?? "";
  const inputs = parse(text) as Record<string, unknown>;
  return { ...run, config: (path: string) => at({ inputs }, path) };
}

describe("log files of a server", () => {
  it("are in a volume that the server writes and the collector reads", async () => {
    const { pod } = await chatWith({ logs: { ...logs, sizeMiB: 64 } });
    const mount = { name: "gpu-serving-log-files", mountPath: "/var/log/server" };
    assert.deepEqual(pod("containers[0].volumeMounts"), [mount]);
    assert.deepEqual(pod("initContainers[0].volumeMounts[0]"), { ...mount, readOnly: true });
    assert.deepEqual(pod("volumes[0]"), {
      name: "gpu-serving-log-files",
      emptyDir: { sizeLimit: "64Mi" },
    });
  });

  it("are read where the server mounts something itself", async () => {
    const volume = { kind: "nodeCache", name: "data", size: "1Gi" } as const;
    const { pod } = await chatWith({
      logs: { ...logs, files: ["/data/log/a.log"] },
      mounts: { "/data": { volume } },
    });
    assert.deepEqual(pod("containers[0].volumeMounts"), [{ name: "data", mountPath: "/data" }]);
    assert.deepEqual(pod("initContainers[0].volumeMounts[0]"), {
      name: "data",
      mountPath: "/data",
      readOnly: true,
    });
  });

  it("are read in folders within others, for which the collector can make the place", async () => {
    const files = ["/log/*.log", "/log/old/*.log", "/audit/*.log"];
    const { pod } = await chatWith({ logs: { ...logs, files } });
    const mounts = [0, 1, 2].map((at) => pod(`initContainers[0].volumeMounts[${at}]`));
    assert.deepEqual(mounts, [
      { name: "gpu-serving-log-files", mountPath: "/log" },
      { name: "gpu-serving-log-files-1", mountPath: "/log/old", readOnly: true },
      { name: "gpu-serving-log-files-2", mountPath: "/audit", readOnly: true },
    ]);
  });

  it("may have a dollar in their names and in the endpoint, which the collector does not take for a variable", async () => {
    const { config } = await chatWith({
      logs: { ...logs, to: "http://collector:4318/${x}", files: ["/log/${env:HOSTNAME}-$1.log"] },
    });
    assert.deepEqual(config("receivers.file_log.include"), ["/log/$${env:HOSTNAME}-$$1.log"]);
    assert.equal(config("exporters.otlp_http.endpoint"), "http://collector:4318/$${x}");
  });

  it("are read from their beginning by a collector that notes what it has read and what it has to send", async () => {
    const { config, pod } = await chatWith({ logs });
    assert.deepEqual(config("receivers.file_log.include"), ["/var/log/server/*.log"]);
    assert.equal(config("receivers.file_log.start_at"), "beginning");
    assert.equal(config("receivers.file_log.storage"), "file_storage");
    assert.equal(config("exporters.otlp_http.sending_queue.storage"), "file_storage");
    assert.equal(config("exporters.otlp_http.sending_queue.block_on_overflow"), true);
    assert.equal(config("exporters.otlp_http.retry_on_failure.max_elapsed_time"), "0s");
    const state = config("extensions.file_storage.directory");
    assert.deepEqual(pod("initContainers[0].volumeMounts[1]"), {
      name: "gpu-serving-log-state",
      mountPath: state,
    });
  });

  it("say which service, namespace and pod they are from", async () => {
    const { config, pod } = await chatWith({ logs });
    assert.deepEqual(config("receivers.file_log.resource"), {
      "service.name": "chat",
      "k8s.namespace.name": "${env:POD_NAMESPACE}",
      "k8s.pod.name": "${env:POD_NAME}",
    });
    assert.deepEqual(pod("initContainers[0].env"), [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
    ]);
  });

  it("go to the collector's own output where nobody else takes them", async () => {
    const { config } = await chatWith({ logs: { ...logs, to: "stdout" } });
    assert.deepEqual(config("exporters"), { file: { path: "/dev/stdout", append: true } });
    assert.deepEqual(config("service.pipelines.logs.exporters"), ["file"]);
  });

  it("are read to their end: the collector stops some seconds after the server, which the pod waits for", async () => {
    const { pod } = await chatWith({ logs, drain: 30 });
    assert.equal(pod("initContainers[0].name"), "logs");
    assert.equal(pod("initContainers[1].name"), "logs-end");
    const wait = 'trap "sleep 5; exit 0" TERM; sleep infinity & wait';
    assert.deepEqual(pod("initContainers[1].command"), ["sh", "-c", wait]);
    assert.equal(pod("terminationGracePeriodSeconds"), 15 + 30 + 5 + 10);
  });

  it("are shipped without rights: another user than root, nothing written but the notes", async () => {
    const { pod } = await chatWith({ logs });
    for (const of of ["initContainers[0]", "initContainers[1]"]) {
      assert.equal(pod(`${of}.securityContext.readOnlyRootFilesystem`), true);
      assert.equal(pod(`${of}.securityContext.runAsNonRoot`), true);
      assert.deepEqual(pod(`${of}.securityContext.capabilities`), { drop: ["ALL"] });
    }
  });
});
