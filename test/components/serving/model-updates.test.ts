import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ModelUpdates } from "../../../components/serving/model-updates";
import type { Volume } from "../../../components/workload/volumes";
import { deployChat } from "../../support/clusters";
import { at, refusedWith } from "../../support/deploy";

const models: Volume = { kind: "claim", name: "models", claim: "models" };
const updates: ModelUpdates = {
  from: { volume: models, folder: "digits" },
  to: "/models",
  every: 300,
};

async function chatWith(modelUpdates: ModelUpdates) {
  const run = await deployChat({ modelUpdates });
  const variable = (of: string, name: string) =>
    (run.pod(`${of}.env`) as { name: string; value: unknown }[]).find((it) => it.name === name)
      ?.value;
  return { ...run, variable };
}

describe("new versions of a model", () => {
  it("come once before the server starts, then beside it", async () => {
    const { pod } = await chatWith(updates);
    const containers = ["initContainers[0]", "initContainers[1]"].map((of) => [
      pod(`${of}.name`),
      pod(`${of}.restartPolicy`),
      pod(`${of}.command`),
    ]);
    assert.deepEqual(containers, [
      ["model", undefined, ["sh", "/etc/gpu-serving/update.sh", "first"]],
      ["model-updates", "Always", ["sh", "/etc/gpu-serving/update.sh"]],
    ]);
  });

  it("are read from a volume that cannot be written, below its mount, so that a folder may be renamed into place", async () => {
    const { pod, variable } = await chatWith(updates);
    assert.deepEqual(pod("initContainers[1].volumeMounts[0]"), {
      name: "models",
      mountPath: "/source",
      readOnly: true,
    });
    assert.equal(variable("initContainers[1]", "SOURCE"), "/source/digits");
  });

  it("are in a folder that the server cannot write, and that holds no more than it may", async () => {
    const { pod, variable } = await chatWith({ ...updates, sizeMiB: 512 });
    assert.deepEqual(pod("containers[0].volumeMounts"), [
      { name: "gpu-serving-model-versions", mountPath: "/models", readOnly: true },
    ]);
    assert.deepEqual(pod("initContainers[1].volumeMounts[1]"), {
      name: "gpu-serving-model-versions",
      mountPath: "/target",
    });
    assert.equal(variable("initContainers[1]", "TARGET"), "/target");
    assert.deepEqual(pod("volumes[0]"), {
      name: "gpu-serving-model-versions",
      emptyDir: { sizeLimit: "512Mi" },
    });
    assert.equal(variable("initContainers[1]", "LIMIT_KIB"), "524288");
  });

  it("may be in a folder that is called like those of the containers that fetch them", async () => {
    for (const to of ["/source", "/source/models", "/target", "/etc/gpu-serving"]) {
      const { pod, variable } = await chatWith({ ...updates, to });
      assert.equal(pod("containers[0].volumeMounts[0].mountPath"), to);
      assert.equal(variable("initContainers[1]", "FOLDER"), to);
      const paths = [0, 1, 2].map((at) => pod(`initContainers[1].volumeMounts[${at}].mountPath`));
      assert.deepEqual(paths, ["/source", "/target", "/etc/gpu-serving"]);
    }
  });

  it("are refused for a server whose container is called like one of those that fetch them, or that sets what it is found by", async () => {
    const ours = "name of a container that we add to these pods";
    await refusedWith(
      deployChat({ modelUpdates: updates, container: "model" }),
      `chat: container: ${ours}, got "model"`,
    );
    const env = { MODEL_UPDATES: "on" };
    const notify = { signal: "HUP", user: 1000 } as const;
    await refusedWith(
      deployChat({ modelUpdates: { ...updates, notify }, env }),
      "chat: env.MODEL_UPDATES: a variable that we set, to find the server that is signalled, got a value",
    );
    await deployChat({ modelUpdates: { ...updates, notify: { http: "/reload" } }, env });
    await deployChat({ modelUpdates: updates, container: "logs" });
  });

  it("are fetched without rights: another user than root, nothing written but the model", async () => {
    const { pod } = await chatWith(updates);
    for (const of of ["initContainers[0]", "initContainers[1]"]) {
      assert.deepEqual(pod(`${of}.securityContext`), {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
      });
    }
  });

  it("are fetched by a script in one ConfigMap that is named after its content", async () => {
    const { resources, pod } = await chatWith(updates);
    const maps = resources.filter(({ type }) => type === "kubernetes:core/v1:ConfigMap");
    assert.equal(maps.length, 1);
    const [map] = maps;
    assert.ok(map);
    assert.match(String(at(map, "metadata.name")), /^chat-model-[0-9a-f]{10}$/);
    assert.deepEqual(pod("volumes[2].configMap"), { name: at(map, "metadata.name") });
    const script = join(__dirname, "../../../components/serving/model-updates.sh");
    assert.deepEqual(at(map, "data"), { "update.sh": readFileSync(script, "utf8") });
  });

  it("are looked for by the server itself unless something else is said: nobody sees its processes", async () => {
    const { pod, variable } = await chatWith(updates);
    assert.equal(variable("initContainers[1]", "NOTIFY"), "");
    assert.equal(pod("shareProcessNamespace"), undefined);
    assert.equal(pod("containers[0].securityContext.runAsUser"), undefined);
  });

  it("are told by a signal from the server's own user, to the process that carries the folder's name", async () => {
    const { pod, variable } = await chatWith({ ...updates, notify: { signal: "HUP", user: 1000 } });
    assert.equal(variable("initContainers[1]", "NOTIFY"), "signal HUP");
    assert.equal(pod("shareProcessNamespace"), true);
    for (const of of ["containers[0]", "initContainers[1]"]) {
      assert.equal(pod(`${of}.securityContext.runAsUser`), 1000);
      assert.equal(pod(`${of}.securityContext.runAsGroup`), 1000);
    }
    assert.equal(variable("containers[0]", "MODEL_UPDATES"), "/models");
  });

  it("are told by a request that does not leave the pod", async () => {
    const { variable } = await chatWith({ ...updates, notify: { http: "/reload" } });
    assert.equal(variable("initContainers[1]", "NOTIFY"), "http http://127.0.0.1:8000/reload");
  });
});
