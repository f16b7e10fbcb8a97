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
  it("are in a volume that the server writes and the collector reads, unless the server mounts something there itself", async () => {
    const made = { name: "gpu-serving-log-files", mountPath: "/var/log/server" };
    const { pod, container } = await chatWith({ logs: { ...logs, sizeMiB: 64 } });
    assert.deepEqual(container("volumeMounts"), [made]);
    assert.deepEqual(pod("initContainers[0].volumeMounts[0]"), { ...made, readOnly: true });
    const emptyDir = { sizeLimit: "64Mi" };
    assert.deepEqual(pod("volumes[0]"), { name: made.name, emptyDir });

    const volume = { kind: "nodeCache", name: "data", size: "1Gi" } as const;
    const own = { name: "data", mountPath: "/data" };
    const there = await chatWith({
      logs: { ...logs, files: ["/data/log/a.log"] },
      mounts: { "/data": { volume } },
    });
    assert.deepEqual(there.container("volumeMounts"), [own]);
    assert.deepEqual(there.pod("initContainers[0].volumeMounts[0]"), { ...own, readOnly: true });
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
    const { include, start_at, storage, resource } = config("receivers.file_log") as {
      [field: string]: unknown;
    };
    assert.deepEqual(
      { include, start_at, storage },
      { include: logs.files, start_at: "beginning", storage: "file_storage" },
    );
    const queue = "exporters.otlp_http.sending_queue";
    assert.equal(config(`${queue}.storage`), "file_storage");
    assert.equal(config(`${queue}.block_on_overflow`), true);
    assert.equal(config("exporters.otlp_http.retry_on_failure.max_elapsed_time"), "0s");
    assert.deepEqual(pod("initContainers[0].volumeMounts[1]"), {
      name: "gpu-serving-log-state",
      mountPath: config("extensions.file_storage.directory"),
    });
    const emptyDir = { sizeLimit: "1024Mi" };
    assert.deepEqual(pod("volumes[1]"), { name: "gpu-serving-log-state", emptyDir });
    // They say which service, namespace and pod they are from.
    assert.deepEqual(resource, {
      "service.name": "chat",
      "k8s.namespace.name": "${env:POD_NAMESPACE}",
      "k8s.pod.name": "${env:POD_NAME}",
    });
    const field = (name: string, fieldPath: string) => ({
      name,
      valueFrom: { fieldRef: { fieldPath } },
    });
    assert.deepEqual(pod("initContainers[0].env"), [
      field("POD_NAME", "metadata.name"),
      field("POD_NAMESPACE", "metadata.namespace"),
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
