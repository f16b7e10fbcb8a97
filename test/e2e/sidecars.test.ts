import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { collectorImage, waitingImage } from "../../components/serving/log-shipping";
import { rcloneImage } from "../../components/serving/model-updates";
import { loadSidecarImages } from "../../local/sidecar-images";
import { containerOf, killContainer, podsOf } from "../support/containers";
import { seven } from "../../local/digits";
import { startLoad } from "../support/load";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

const namespace = "e2e-sidecars";
const image = "digits:e2e-1";
const small = { image, cpu: "50m", memory: "256Mi", startup: "2m", drain: "2s" };

/** Until it is told to stop. */
const waits = ["sh", "-c", "trap exit TERM; sleep infinity & wait"];

const trainer = { ...small, health: "/healthz" };
const digits = {
  ...trainer,
  replicas: 2,
  env: { MODEL: "/models/current/model.npz" },
  expose: { scope: "public", allow: ["127.0.0.0/8"] },
  modelUpdates: {
    from: "models/digits",
    to: "/models",
    every: "10s",
    notify: { signal: "HUP", user: 65532 },
    size: "64Mi",
  },
};

const lineCount = 100_000;
/** A server that writes numbered lines, goes on where it was when it is killed, and rotates its file. */
const writer = `
import glob, http.server, os, re, signal, sys, threading, time
folder = "/var/log/server"
current = f"{folder}/current.log"
lock = threading.Lock()
def numbers():
    for name in glob.glob(f"{folder}/*.log"):
        yield from map(int, re.findall(rb"^line (\\d+)$", open(name, "rb").read(), re.M))
def write(lines):
    with lock, open(current, "ab") as file:
        file.write(b"".join(lines))
def run():
    number = max(numbers(), default=0)
    # What was cut off in the middle of a line is a line of its own.
    write([b"\\n"])
    while number < ${lineCount}:
        write(b"line %d\\n" % (number + one) for one in range(1, 101))
        number += 100
        if number % 20000 == 0:
            os.rename(current, f"{folder}/before-{number}.log")
        time.sleep(0.1)
def stop(*_):
    write([b"the last words\\n"])
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
threading.Thread(target=run, daemon=True).start()
http.server.ThreadingHTTPServer(("", 8000), http.server.SimpleHTTPRequestHandler).serve_forever()
`;
const lines = {
  ...small,
  command: ["python", "-c", writer],
  logs: { to: "http://collector", files: ["/var/log/server/*.log"], size: "64Mi" },
};
/** A collector that writes each line down before it says that it has it, and a shell beside it to look. */
const collector = {
  ...small,
  image: collectorImage,
  args: ["--config=env:CONFIG"],
  port: 4318,
  env: {
    CONFIG: stringify({
      receivers: { otlp: { protocols: { http: { endpoint: "0.0.0.0:4318" } } } },
      exporters: { file: { path: "/received/logs.json", rotation: { max_megabytes: 1000 } } },
      service: {
        telemetry: { metrics: { level: "none" } },
        pipelines: { logs: { receivers: ["otlp"], exporters: ["file"] } },
      },
    }),
  },
  mounts: { "/received": "received" },
  sidecars: { look: { image: waitingImage, user: 65532, command: waits } },
};
const short = {
  image,
  cpu: "50m",
  command: ["python", "-c", "print('done')"],
  timeout: "2m",
  sidecars: { helper: { image: waitingImage, user: 65532, command: waits } },
};

/** Asks again and again until there is something. */
async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  seconds = 300,
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(500)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`after ${seconds} s: ${what}`);
  }
}

describe("sidecars on the local cluster", function () {
  this.slow(120_000);
  inSteps(this);

  const local = cluster(this);
  const models = join(local.folder, "models");
  let address = "";
  let first: Buffer;
  let second: Buffer;

  async function pulumi(command: string[], services: object, jobs: object = {}, mayFail = false) {
    const file = join(local.folder, "Pulumi.e2e-sidecars.yaml");
    const config = {
      cluster: { kind: "existing", kubeconfig: local.kubeconfig },
      namespaces: { [namespace]: { create: false } },
      volumes: {
        models: { claim: "models", access: "one-node" },
        received: { nodeCache: "200Mi" },
      },
      services,
      jobs,
    };
    writeFileSync(file, stringify({ config }));
    return local.pulumi([...command, "--stack", namespace, "--config-file", file], mayFail);
  }
  const up = (services: object, jobs?: object) =>
    pulumi(["up", "--yes", "--skip-preview"], services, jobs);

  const exec = async (entry: string, container: string, command: string) => {
    const target = ["exec", "-n", namespace, `deployment/${entry}`, "-c", container];
    return (await local.kubectl([...target, "--", "sh", "-c", command])).stdout;
  };
  /** A model that the example's training makes in its own image. */
  const trained = async (seed: number) =>
    Buffer.from(
      await exec(
        "trainer",
        "trainer",
        `python train.py --seed ${seed} --out /tmp/new >&2 && base64 -w0 /tmp/new/model.npz`,
      ),
      "base64",
    );
  const write = (name: string, content: string | Buffer) => {
    const file = join(models, "digits", name);
    mkdirSync(join(models, "digits"), { recursive: true });
    writeFileSync(`${file}.half`, content);
    renameSync(`${file}.half`, file);
  };
  const checksum = (model: Buffer) =>
    `${createHash("sha256").update(model).digest("hex")}  model.npz\n`;

  async function answers(): Promise<string> {
    const body = JSON.stringify({ pixels: seven });
    const answer = await fetch(`${address}/predict`, { method: "POST", body });
    assert.equal(answer.status, 200);
    return ((await answer.json()) as { model: string }).model;
  }

  /** Removes what is not the stack's own, also of a run that was killed. */
  const clear = () =>
    local.kubectl([
      "delete",
      "--ignore-not-found",
      `namespace/${namespace}`,
      `persistentvolume/${namespace}`,
    ]);

  before(async () => {
    await local.image(image, { VERSION: "1" });
    await loadSidecarImages([rcloneImage, collectorImage, waitingImage]);
    rmSync(models, { recursive: true, force: true });
    mkdirSync(models, { recursive: true });
    for (let folder = models; folder !== local.folder; folder = join(folder, ".."))
      chmodSync(folder, 0o755);
    await clear();
    await local.newStack(namespace);
    const claim = {
      accessModes: ["ReadWriteMany"],
      storageClassName: "",
      volumeName: namespace,
      resources: { requests: { storage: "1Gi" } },
    };
    const objects = [
      {
        kind: "Namespace",
        metadata: {
          name: namespace,
          labels: { "pod-security.kubernetes.io/enforce": "restricted" },
        },
      },
      {
        kind: "PersistentVolume",
        metadata: { name: namespace },
        spec: {
          accessModes: ["ReadWriteMany"],
          capacity: { storage: "1Gi" },
          hostPath: { path: models },
          claimRef: { namespace, name: "models" },
        },
      },
      { kind: "PersistentVolumeClaim", metadata: { name: "models", namespace }, spec: claim },
    ].map((object) => ({ apiVersion: "v1", ...object }));
    const file = join(local.folder, "models.yaml");
    writeFileSync(file, objects.map((object) => stringify(object)).join("---\n"));
    await local.kubectl(["apply", "--server-side", "-f", file]);
  });
  after(async () => {
    await pulumi(["destroy", "--yes", "--skip-preview"], {}, {}, true);
    await local.pulumi(["stack", "rm", namespace, "--yes"], true);
    await clear();
  });

  it("a job ends though its sidecar would run on", async () => {
    await up({ trainer, collector }, { short });
    const [pod] = await podsOf(namespace, "short");
    assert.equal(pod?.status.phase, "Succeeded");
  });

  it("a server waits for its first model, and the pod says what is missing", async () => {
    [first, second] = [await trained(20), await trained(7)];
    const through = up({ trainer, collector, digits, lines });
    const message = await until("the container model has not said why it ends", async () => {
      const status = await containerOf(namespace, "digits", "model");
      return status?.lastState.terminated?.message;
    });
    assert.match(message, /no model: there is no folder models\/digits; the server starts when/);
    write("model.npz", first);
    write("SHA256SUMS", checksum(first));
    await through;
    const outputs = ["stack", "output", "services", "--json", "--stack", namespace];
    const { stdout } = await local.pulumi(outputs);
    address = (JSON.parse(stdout) as { digits: { url: string } }).digits.url;
    assert.match(await answers(), /^[0-9a-f]{12}$/);
  });

  it("a model that is half written is not taken", async () => {
    const before = await answers();
    write("model.npz", second.subarray(0, second.length / 2));
    write("SHA256SUMS", checksum(second));
    await until("nobody says that the model is not taken", async () => {
      const said = await local.kubectl([
        "logs",
        "-n",
        namespace,
        "deployment/digits",
        "-c",
        "model-updates",
      ]);
      return /not taken: models\/digits does not fit its SHA256SUMS/.exec(said.stdout) ?? undefined;
    });
    assert.equal(await answers(), before);
  });

  it("a new model goes live without a restart and without a lost request", async () => {
    const before = await answers();
    const pods = await podsOf(namespace, "digits");
    const load = startLoad(`${address}/predict`, JSON.stringify({ pixels: seven }), 50, 60);
    write("model.npz", second);
    let same = 0;
    let now = before;
    await until("the old model still answers", async () => {
      const answer = await answers();
      same = answer !== before && answer === now ? same + 1 : 0;
      now = answer;
      // Both replicas: each gets about half of the requests.
      return same >= 12 ? true : undefined;
    });
    const { sent, failures } = await load.stop();
    assert.ok(sent > 100, `only ${sent} requests were sent`);
    assert.deepEqual(failures, []);
    const after = await podsOf(namespace, "digits");
    const uids = (of: typeof pods) => of.map(({ metadata }) => metadata.uid).sort();
    assert.deepEqual(uids(after), uids(pods));
    const restarts = after.flatMap(({ status }) =>
      (status.containerStatuses ?? []).map(({ restartCount }) => restartCount),
    );
    assert.deepEqual(restarts, [0, 0]);
  });

  it("100,000 lines arrive while server, shipper and collector are killed three times each", async () => {
    const sides = [
      ["lines", "lines"],
      ["lines", "logs"],
      ["collector", "collector"],
    ] as const;
    /** Which lines did not arrive, for the failure. */
    async function missing(): Promise<string> {
      const there = new Set((await exec("collector", "look", read)).match(/\d+/g)?.map(Number));
      const all = Array.from({ length: lineCount }, (_, at) => at + 1);
      const rest = all.filter((number) => !there.has(number));
      // Whether the server wrote them, and what the shipper says of them, tells who lost them.
      const inFiles = await exec(
        "lines",
        "lines",
        "grep -ohE '^line [0-9]+$' /var/log/server/*.log",
      );
      const written = new Set(inFiles.match(/\d+/g)?.map(Number));
      const unwritten = rest.filter((number) => !written.has(number)).length;
      const shipper = ["logs", "-n", namespace, "deployment/lines", "-c", "logs", "--tail=100"];
      const { stdout: said } = await local.kubectl(shipper);
      const errors = said.split("\n").filter((line) => /error|drop/i.test(line));
      return `${rest.length} lines did not arrive, between ${rest[0]} and ${rest.at(-1)}, ${unwritten} of them not in the server's files\n${errors.join("\n")}`;
    }
    const hasStarted = async () => {
      const log = ["logs", "-n", namespace, "deployment/lines", "-c", "logs"];
      return (await local.kubectl(log)).stdout.includes("Everything is ready");
    };
    const began = Date.now();
    for (const round of [1, 2, 3]) {
      await Promise.all(
        sides.map(async ([entry, container]) => {
          const running = await until(`${container} does not run`, async () => {
            const status = await containerOf(namespace, entry, container);
            if (!status?.state.running || status.restartCount !== round - 1) return undefined;
            // While it starts, the collector deletes what it was sending before it writes it down again (enqueueNotDispatchedReqs
            // in exporterhelper 0.160.0): a kill in between loses that.
            return container !== "logs" || (await hasStarted()) ? status : undefined;
          });
          await killContainer(running.containerID ?? "");
        }),
      );
    }
    const read = `grep -oh '"line [0-9]*"' /received/*.json | sort -u`;
    const arrived = async () => Number(await exec("collector", "look", `${read} | wc -l`));
    assert.ok((await arrived()) < lineCount, "all was over before the last kill");
    // On a busy machine they are written and shipped more slowly, but they go on arriving.
    for (let last = 0, since = Date.now(); last < lineCount; await sleep(500)) {
      const count = await arrived();
      if (count > last) [last, since] = [count, Date.now()];
      else if (Date.now() - since > 120_000) assert.fail(await missing());
    }
    console.log(
      `      ${lineCount} lines arrived after ${Math.round((Date.now() - began) / 1000)} s`,
    );
    assert.equal(await arrived(), lineCount);
    for (const [entry, container] of sides) {
      const status = await containerOf(namespace, entry, container);
      assert.equal(status?.restartCount, 3, container);
    }
  });

  it("each line says which service and pod it is from", async () => {
    const [pod] = await podsOf(namespace, "lines");
    const record = await exec("collector", "look", "head -n 1 /received/logs.json");
    const { resourceLogs } = JSON.parse(record) as {
      resourceLogs: {
        resource: { attributes: { key: string; value: { stringValue: string } }[] };
      }[];
    };
    assert.deepEqual(
      Object.fromEntries(
        resourceLogs[0]?.resource.attributes.map(({ key, value }) => [key, value.stringValue]) ??
          [],
      ),
      {
        "service.name": "lines",
        "k8s.namespace.name": namespace,
        "k8s.pod.name": pod?.metadata.name,
      },
    );
  });

  it("a server's last words arrive", async () => {
    await local.kubectl(["delete", "pods", "-n", namespace, "-l", "app=lines", "--wait"]);
    await until("the last words did not arrive", async () => {
      const found = await exec(
        "collector",
        "look",
        "grep -c 'the last words' /received/logs.json || true",
      );
      return Number(found) > 0 ? true : undefined;
    });
  });
});
