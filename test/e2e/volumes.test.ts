import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

const namespace = "e2e-volumes";
const image = "digits:e2e-1";
const small = { image, cpu: "50m", memory: "128Mi", timeout: "1m" };
const python = (program: string) => ["python", "-c", program];

const disk = { disk: "1Gi", access: "one-node" };
const volumes = { models: disk, scratch: { memory: "16Mi" }, cache: { nodeCache: "64Mi" } };

/** Writes a file into a folder of the disk, as the image's user. */
const train = {
  ...small,
  command: python('open("/models/weights", "w").write("seven")'),
  mounts: { "/models": { volume: "models/digits", write: true } },
};
/** Says what it finds there, whether it could write there, and what else it can write. */
const read = {
  ...small,
  after: ["train"],
  command: python(`
import errno, os
print("found", open("/models/weights").read())
try:
    open("/models/other", "w")
except OSError as error:
    print("models", errno.errorcode[error.errno])
for folder in ["/scratch", "/cache"]:
    open(folder + "/file", "w").write("x")
    print(folder, os.statvfs(folder).f_blocks * os.statvfs(folder).f_frsize)
`),
  mounts: { "/models": "models/digits", "/scratch": "scratch", "/cache": "cache" },
};
/** Serves from the disk while jobs use it. */
const server = {
  image,
  cpu: "50m",
  memory: "128Mi",
  port: 8000,
  startup: "1m",
  after: ["train"],
  command: ["python", "-m", "http.server", "8000", "--directory", "/models"],
  health: "/weights",
  mounts: { "/models": "models/digits" },
};

describe("volumes on a cluster", function () {
  this.timeout(300_000);
  this.slow(60_000);
  inSteps(this);

  const local = cluster(this);

  async function pulumi(command: string[], sections: object = {}, mayFail = false) {
    const file = path.join(local.folder, "Pulumi.e2e-volumes.yaml");
    mkdirSync(local.folder, { recursive: true });
    const config = {
      cluster: { kind: "existing", kubeconfig: local.kubeconfig },
      namespaces: { [namespace]: {} },
      ...sections,
    };
    const named = Object.entries(config).map(([key, value]) => [`gpu-serving:${key}`, value]);
    writeFileSync(file, stringify({ config: Object.fromEntries(named) as object }));
    const stack = ["--stack", "e2e-volumes", "--config-file", file];
    return local.pulumi([...command, ...stack, "--non-interactive"], mayFail);
  }
  const up = (sections: object, mayFail = false) =>
    pulumi(["up", "--yes", "--skip-preview"], sections, mayFail);
  const logOf = async (job: string) =>
    (await local.kubectl(["logs", "--namespace", namespace, `job/${job}`])).stdout;
  const claim = async () => {
    const path = "jsonpath={.metadata.uid} {.status.phase}";
    const args = ["get", "pvc", "models", "--namespace", namespace, "--output", path];
    return (await local.kubectl(args)).stdout;
  };

  let made = "";

  before("an empty stack", async () => {
    await local.image(image, { VERSION: "e2e-1" });
    await local.newStack("e2e-volumes");
  });

  after("nothing stays", async () => {
    await pulumi(["up", "--yes", "--skip-preview"], {
      volumes: { models: { ...disk, keep: false } },
    });
    await pulumi(["destroy", "--yes", "--skip-preview"]);
  });

  it("a job writes a folder of a disk that another job and a service read beside each other", async () => {
    await up({ volumes, jobs: { train, read }, services: { weights: server } });

    const log = await logOf("read");
    assert.match(log, /^found seven$/m);
    assert.match(log, /^models EROFS$/m);
    made = await claim();
    assert.match(made, / Bound$/);
  });

  it("a volume in memory is as large as it was declared, and one on the node's disk can be written", async () => {
    const log = await logOf("read");

    assert.match(log, new RegExp(`^/scratch ${16 * 1024 * 1024}$`, "m"));
    assert.match(log, /^\/cache \d+$/m);
  });

  it("an up that no longer has the disk is refused and says what to do", async () => {
    const { code, output } = await up({}, true);

    assert.notEqual(code, 0);
    assert.match(output, /volumes\.models: a disk that is kept/);
    assert.match(output, /keep: false/);
    assert.equal(await claim(), made);
  });

  it("a destroy of all is refused, with the name of the disk, before anything is gone", async () => {
    const { code, output } = await pulumi(["destroy", "--yes"], { volumes }, true);

    assert.notEqual(code, 0);
    assert.match(output, /models-disk/);
    const { stdout } = await local.kubectl(["get", "deployments", "--namespace", namespace]);
    assert.match(stdout, /weights/);
  });

  it("a destroy of all that is not kept leaves the disk, and the next up finds what is on it", async () => {
    const { output } = await pulumi(["destroy", "--yes", "--skip-preview", "--exclude-protected"]);
    assert.match(output, /models: "1Gi, claim models in namespace e2e-volumes"/);
    const { stdout } = await local.kubectl([
      ...["get", "deployments,services,jobs", "--namespace", namespace],
    ]);
    assert.equal(stdout, "");
    assert.equal(await claim(), made);

    await up({ volumes, jobs: { read: { ...read, after: [] } } });

    assert.match(await logOf("read"), /^found seven$/m);
    assert.equal(await claim(), made);
  });
});
