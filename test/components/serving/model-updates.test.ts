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
const signal = { signal: "HUP", user: 1000 } as const;

async function chatWith(modelUpdates: ModelUpdates) {
  const run = await deployChat({ modelUpdates });
  const variables = (of: string) => {
    const env = run.pod(`${of}.env`) as { name: string; value: unknown }[];
    return Object.fromEntries(env.map(({ name, value }) => [name, value]));
  };
  return { ...run, variables };
}

describe("new versions of a model", () => {
  it("come once before the server starts, then beside it", async () => {
    const { pod } = await chatWith(updates);
    const containers = ["initContainers[0]", "initContainers[1]"].map((of) =>
      ["name", "restartPolicy", "command"].map((field) => pod(`${of}.${field}`)),
    );
    assert.deepEqual(containers, [
      ["model", undefined, ["sh", "/etc/gpu-serving/update.sh", "first"]],
      ["model-updates", "Always", ["sh", "/etc/gpu-serving/update.sh"]],
    ]);
  });

  it("are read below the mount of a volume that cannot be written, and are in a folder that the server cannot write", async () => {
    const { pod, variables } = await chatWith({ ...updates, sizeMiB: 512 });

    const name = "gpu-serving-model-versions";
    assert.deepEqual(pod("containers[0].volumeMounts"), [
      { name, mountPath: "/models", readOnly: true },
    ]);
    assert.deepEqual(pod("volumes[0]"), { name, emptyDir: { sizeLimit: "512Mi" } });
    for (const of of ["initContainers[0]", "initContainers[1]"]) {
      assert.deepEqual(pod(`${of}.volumeMounts`), [
        { name: "models", mountPath: "/source", readOnly: true },
        { name, mountPath: "/target" },
        {
          name: `gpu-serving-${String(pod(`${of}.name`))}-files`,
          mountPath: "/etc/gpu-serving",
          readOnly: true,
        },
      ]);
      assert.deepEqual(variables(of), {
        ...{ SOURCE: "/source/digits", NAME: "models/digits", TARGET: "/target" },
        ...{ FOLDER: "/models", EVERY: "300", GRACE: "600", SETTLE: "10" },
        ...{ LIMIT_KIB: "524288", NOTIFY: "" },
      });
    }
  });

  it("stay for a whole interval where that is longer, and may be of a whole volume", async () => {
    const { variables } = await chatWith({ ...updates, from: { volume: models }, every: 900 });

    const { SOURCE, NAME, GRACE, LIMIT_KIB } = variables("initContainers[1]");
    const whole = { SOURCE: "/source", NAME: "models", GRACE: "900", LIMIT_KIB: "10485760" };
    assert.deepEqual({ SOURCE, NAME, GRACE, LIMIT_KIB }, whole);
  });

  it("may be in a folder that is called like those of the containers that fetch them", async () => {
    for (const to of ["/source", "/source/models", "/target", "/etc/gpu-serving"]) {
      const { pod, variables } = await chatWith({ ...updates, to });
      assert.equal(pod("containers[0].volumeMounts[0].mountPath"), to);
      assert.equal(variables("initContainers[1]").FOLDER, to);
      const paths = [0, 1, 2].map((at) => pod(`initContainers[1].volumeMounts[${at}].mountPath`));
      assert.deepEqual(paths, ["/source", "/target", "/etc/gpu-serving"]);
    }
  });

  it("are refused for a server whose container is called like one of those that fetch them, or that sets what it is found by", async () => {
    const ours = "name of a container that we add to these pods";
    const named = deployChat({ modelUpdates: updates, container: "model" });
    await refusedWith(named, `chat: container: ${ours}, got "model"`);
    const env = { MODEL_UPDATES: "on" };
    const found = "a variable that we set, to find the server that is signalled";
    await refusedWith(
      deployChat({ modelUpdates: { ...updates, notify: signal }, env }),
      `chat: env.MODEL_UPDATES: ${found}, got a value`,
    );
    const accepted = { ...updates, notify: { http: "/reload" } };
    await deployChat({ modelUpdates: accepted, container: "logs", env });
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
    const [map] = maps;
    assert.ok(map && maps.length === 1);
    assert.match(String(at(map, "metadata.name")), /^chat-model-[0-9a-f]{10}$/);
    assert.deepEqual(pod("volumes[2].configMap"), { name: at(map, "metadata.name") });
    const script = join(__dirname, "../../../components/serving/model-updates.sh");
    assert.deepEqual(at(map, "data"), { "update.sh": readFileSync(script, "utf8") });
  });

  it("are looked for by the server itself unless something else is said: nobody sees its processes", async () => {
    const { pod, container, variables } = await chatWith(updates);
    assert.equal(pod("shareProcessNamespace"), undefined);
    assert.equal(container("securityContext.runAsUser"), undefined);
    assert.deepEqual(variables("containers[0]"), {});
  });

  it("are told by a signal from the server's own user, to the process that carries the folder's name", async () => {
    const { pod, variables } = await chatWith({ ...updates, notify: signal });
    assert.equal(variables("initContainers[1]").NOTIFY, "signal HUP");
    assert.equal(pod("shareProcessNamespace"), true);
    for (const of of ["containers[0]", "initContainers[1]"]) {
      assert.equal(pod(`${of}.securityContext.runAsUser`), 1000);
      assert.equal(pod(`${of}.securityContext.runAsGroup`), 1000);
    }
    assert.deepEqual(variables("containers[0]"), { MODEL_UPDATES: "/models" });
  });

  it("are told by a request that does not leave the pod", async () => {
    const { variables } = await chatWith({ ...updates, notify: { http: "/reload" } });
    assert.equal(variables("initContainers[1]").NOTIFY, "http http://127.0.0.1:8000/reload");
  });
});
