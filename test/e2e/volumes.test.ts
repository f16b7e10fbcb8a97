import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { takeUp } from "../../cli/adopt";
import { pulumi as runPulumi } from "../../local/pulumi";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

const stack = "e2e-volumes";
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
  this.slow(60_000);
  inSteps(this);

  const local = cluster(this);

  const file = path.join(local.folder, "Pulumi.e2e-volumes.yaml");

  function configure(sections: object) {
    const config = {
      cluster: { kind: "existing", kubeconfig: local.kubeconfig },
      namespaces: { [namespace]: {} },
      ...sections,
    };
    const named = Object.entries(config).map(([key, value]) => [`gpu-serving:${key}`, value]);
    writeFileSync(file, stringify({ config: Object.fromEntries(named) as object }));
  }
  async function pulumi(command: string[], sections: object = {}, mayFail = false) {
    configure(sections);
    const on = ["--stack", stack, "--config-file", file];
    return local.pulumi([...command, ...on, "--non-interactive"], mayFail);
  }
  const run = async (args: string[], options: object = {}) => {
    const on = args[0] === "stack" ? [] : ["--config-file", file];
    return (await runPulumi([...args, "--stack", stack, ...on], options)).stdout;
  };
  const up = (sections: object, mayFail = false) =>
    pulumi(["up", "--yes", "--skip-preview"], sections, mayFail);
  const logOf = async (job: string) =>
    (await local.kubectl(["logs", "--namespace", namespace, `job/${job}`])).stdout;
  const claim = async () => {
    const path = "jsonpath={.metadata.uid} {.status.phase}";
    const args = ["get", "pvc", "models", "--namespace", namespace, "--output", path];
    return (await local.kubectl(args)).stdout;
  };

  const volume = async () => {
    const path = "jsonpath={.spec.volumeName}";
    const args = ["get", "pvc", "models", "--namespace", namespace, "--output", path];
    return (await local.kubectl(args)).stdout;
  };

  let made = "";

  before("an empty stack", async () => {
    await local.image(image, { VERSION: "1" });
    await local.newStack(stack);
    // A run that failed may have left its disk.
    await local.kubectl(["delete", "namespace", namespace, "--ignore-not-found"]);
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

  it("a preview with a smaller disk is refused, with the size that it has", async () => {
    const smaller = { models: { ...disk, disk: "512Mi" } };
    const { code, output } = await pulumi(["preview"], { volumes: smaller }, true);

    assert.notEqual(code, 0);
    assert.match(output, /volumes\.models\.disk: smaller than the disk is/);
    assert.match(output, /allowed: 1Gi or more/);
  });

  it("a plain destroy leaves the disk and its namespace, and names them", async () => {
    const [uid] = made.split(" ");
    const { stdout: told } = await local.pulumi(["stack", "output", "--json", "--stack", stack]);
    const kept = `1Gi, claim models in namespace e2e-volumes, volume pvc-${uid}; stays when the stack is destroyed, and npm run adopt -- ${stack} takes it up again`;
    assert.deepEqual((JSON.parse(told) as { keptDisks: object }).keptDisks, { models: kept });

    const { output } = await pulumi(["destroy", "--yes"], { volumes });

    assert.match(output, /PersistentVolumeClaim models-disk delete\[retain\]/);
    assert.match(output, /Namespace e2e-volumes delete\[retain\]/);
    const others = "deployments,services,jobs,networkpolicies,limitranges";
    const { stdout } = await local.kubectl(["get", others, "--namespace", namespace]);
    assert.equal(stdout, "");
    assert.equal(await claim(), made);
    assert.equal(await volume(), `pvc-${uid}`);
  });

  it("what a destroy left is taken up, and the next up finds what is on it", async () => {
    const jobs = { read: { ...read, after: [] } };
    configure({ volumes, jobs });

    assert.deepEqual(await takeUp(run, stack), {
      taken: ["Namespace e2e-volumes", "PersistentVolumeClaim e2e-volumes/models"],
      others: [],
    });
    await up({ volumes, jobs });

    assert.match(await logOf("read"), /^found seven$/m);
    assert.equal(await claim(), made);
  });

  it("the namespace that was taken up takes a change", async () => {
    const jobs = { read: { ...read, after: [] } };
    const level = async () => {
      const path = "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}";
      return (await local.kubectl(["get", "namespace", namespace, "--output", path])).stdout;
    };
    assert.equal(await level(), "restricted");

    await up({ volumes, jobs, namespaces: { [namespace]: { podSecurity: "baseline" } } });

    assert.equal(await level(), "baseline");
  });

  it("a disk whose class cannot grow is still there, with what is on it, after an up that would grow it", async () => {
    const larger = { models: { ...disk, disk: "2Gi" } };
    const jobs = { read: { ...read, after: [], args: ["once more"] } };

    assert.notEqual((await up({ volumes: larger }, true)).code, 0);
    assert.equal(await claim(), made);

    configure({ volumes, jobs });
    await takeUp(run, stack);
    await up({ volumes, jobs });
    assert.match(await logOf("read"), /^found seven$/m);
    assert.equal(await claim(), made);
  });
});
