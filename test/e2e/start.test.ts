import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { collectorImage, waitingImage } from "../../components/serving/log-shipping";
import { rcloneImage } from "../../components/serving/model-updates";
import { dockerAnswers } from "../../local/docker";
import { settings } from "../../local/cluster-config";
import { checkout, inFolder } from "../../local/folder";
import { seven } from "../../local/digits";
import { loadSidecarImages } from "../../local/sidecar-images";
import { writeWhole } from "../../process/files";
import { podsOf } from "../support/containers";
import { startLoad } from "../support/load";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

/** Starts `npm start` as a user does. */
function npmStart(...words: string[]) {
  const child = spawn("npm", ["start", "--", ...words], { cwd: checkout, detached: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (part: Buffer) => (output += part.toString()));
  }
  const done = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, output }));
  });
  // The group is npm with all it started, as at a terminal that is closed by force.
  return { done, kill: () => process.kill(-(child.pid ?? 0), "SIGKILL") };
}

interface Pod {
  metadata: { deletionTimestamp?: string };
  spec: { containers: { resources: { limits: Record<string, string> } }[] };
  status: { phase: string };
}

/** Names of all that is in the folders where pulumi and kubectl keep what is the user's. */
function usersFiles(): string[] {
  return [".pulumi", ".kube"]
    .map((name) => join(homedir(), name))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map(String));
}

/** Asks again and again until there is something. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 300_000; ; await sleep(500)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`after 300 s: ${what}`);
  }
}

describe("npm start", function () {
  this.slow(120_000);
  inSteps(this);
  const local = cluster(this);
  const files = usersFiles();
  const inVision = ["--namespace", "vision"];
  const logOf = async (of: string) =>
    (await local.kubectl(["logs", of, ...inVision, "--tail=-1"])).stdout;

  const config = inFolder("pulumi", "Pulumi.digits.yaml");
  /** The address, the request to copy and the answer that a start printed. */
  const printed = (output: string) => {
    const [, address = ""] = /A model answers at (http:\/\/127\.\S+)\n/.exec(output) ?? [];
    const [, request = "", answer = ""] = /\n {2}(curl .*)\n {2}(.*)\n/.exec(output) ?? [];
    const copied = () => execFileSync("sh", ["-c", `${request} --silent --max-time 60`]).toString();
    return { address, request, answer, copied };
  };

  it("prints an address, a request that streams, and the answer of a language model", async () => {
    const { code, output } = await npmStart().done;
    assert.equal(code, 0, output);
    const { address, request, answer, copied } = printed(output);
    assert.ok(request.startsWith(`curl -N ${address}/v1/chat/completions `), output);
    assert.equal(answer, "The capital of France is Paris.");
    const pieces = [...copied().matchAll(/"delta":\{"content":"(.*?)"\}/g)].map(([, it]) => it);
    assert.ok(pieces.length > 5, "it does not come in pieces");
    assert.equal(pieces.join(""), answer);
    const page = await fetch(address, { headers: { "Accept-Encoding": "gzip" } });
    assert.match(await page.text(), /<!doctype html>/);
  });

  it("serves the stack digits beside it", async () => {
    const { code, output } = await npmStart("digits").done;
    assert.equal(code, 0, output);
    const { address, request, answer, copied } = printed(output);
    assert.ok(request.startsWith(`curl ${address}/predict `), output);
    assert.deepEqual(JSON.parse(copied()), JSON.parse(answer));
    assert.equal((JSON.parse(answer) as { digit: number }).digit, 7);
    const { stdout } = await local.kubectl([
      ...["get", "deployment", "chat", "-n", "chat", "-o", "jsonpath={.status.readyReplicas}"],
    ]);
    assert.equal(stdout, "1");
  });

  it("refuses a stack that is not on this cluster", async () => {
    const { code, output } = await npmStart("gke").done;
    assert.equal(code, 1);
    assert.match(output, /The stack gke is not on the local cluster/);
  });

  it("lets nothing that is sent to a Service without a translation leave the machine", async function () {
    if (await dockerAnswers()) this.skip();
    const nobody = settings.SERVICE_RANGE.replace(/\.0\/24$/, ".250");
    await assert.rejects(
      fetch(`http://${nobody}/`),
      ({ cause }: Error & { cause: { code: string } }) => cause.code === "EHOSTUNREACH",
    );
  });

  it("runs two replicas, each with a GPU of its own", async () => {
    const { stdout } = await local.kubectl([
      ...["get", "pods", "-n", "vision", "-l", "app=digits", "--output", "json"],
    ]);
    const { items } = JSON.parse(stdout) as { items: Pod[] };
    // A start that finds another image than the last one has replaced replicas, which may still be on their way out.
    const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    assert.deepEqual(
      staying.map(({ status, spec }) => [status.phase, spec.containers[0]?.resources.limits]),
      Array(2).fill(["Running", { memory: "512Mi", "nvidia.com/gpu": "1" }]),
    );
  });

  it("changes nothing when it is run again", async () => {
    for (const words of [[], ["digits"]]) {
      const { code, output } = await npmStart(...words).done;
      assert.equal(code, 0, output);
      assert.match(output, /pulumi up: \d+ unchanged\n/);
    }
  });

  it("serves with teams/digits-updates.yaml what a scheduled job trained, and the next model without a restart or a lost request", async () => {
    const file = inFolder("test", "Pulumi.digits.yaml");
    const included = readFileSync(config, "utf8").replace(
      "include: [teams/digits-local.yaml]",
      "include: [teams/digits-local.yaml, teams/digits-updates.yaml]",
    );
    writeWhole(file, included);
    await loadSidecarImages([collectorImage, rcloneImage, waitingImage]);
    await local.pulumi([
      "up",
      "--yes",
      "--skip-preview",
      "--stack",
      "digits",
      "--config-file",
      file,
    ]);
    const { stdout } = await local.pulumi([
      ...["stack", "output", "services", "--json", "--stack", "digits"],
    ]);
    const { trained } = JSON.parse(stdout) as { trained: { url: string } };
    const body = JSON.stringify({ pixels: seven });
    const model = async () => {
      const answer = await fetch(`${trained.url}/predict`, { method: "POST", body });
      return ((await answer.json()) as { model: string }).model;
    };
    const before = await model();
    const first = await logOf("job/retrain-first");
    assert.ok(first.includes(before), `${before} is not what the job published: ${first}`);
    const pods = await podsOf("vision", "trained");
    const load = startLoad(`${trained.url}/predict`, body, 50, 120);

    await local.kubectl(["create", "job", "retrain-now", "--from=cronjob/retrain", ...inVision]);
    await local.kubectl([
      "wait",
      "job/retrain-now",
      "--for=condition=Complete",
      "--timeout=300s",
      ...inVision,
    ]);
    // Each of the two replicas gets about half of the requests.
    const after = await until("the old model still answers", async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, model));
      return answers.every((answer) => answer === answers[0] && answer !== before)
        ? answers[0]
        : undefined;
    });

    const { sent, failures } = await load.stop();
    assert.ok(sent > 100, `only ${sent} requests were sent`);
    assert.deepEqual(failures, []);
    const published = await logOf("job/retrain-now");
    assert.ok(published.includes(after), `${after} is not what the job published: ${published}`);
    const same = await podsOf("vision", "trained");
    // They may be pods of an earlier cluster, which were restarted with it.
    const restarts = (of: typeof pods) =>
      of.map(({ metadata, status: { containerStatuses = [] } }) => [
        metadata.uid,
        ...containerStatuses.map(({ restartCount }) => restartCount),
      ]);
    assert.deepEqual(restarts(same).sort(), restarts(pods).sort());

    await until("the servers' logs have not arrived at the collector", async () => {
      const lines = (await logOf("deployment/collector")).split("\n");
      const ready = lines.filter((line) => line.includes("ready") && line.includes(after));
      return ready.length > 0 ? true : undefined;
    });
    await local.kubectl(["delete", "job", "retrain-now", ...inVision]);
  });

  it("is taken up where it was killed in the middle of an update", async () => {
    const dev = ["--stack", "dev", "--config-file", inFolder("pulumi", "Pulumi.dev.yaml")];
    await local.pulumi(["destroy", "--yes", "--skip-preview", ...dev]);
    const first = npmStart();
    const get = ["get", "deployment/chat", "--namespace", "chat", "--ignore-not-found"];
    while ((await local.kubectl([...get, "--output", "name"])).stdout === "") await sleep(100);
    first.kill();
    assert.equal((await first.done).code, null, "it was killed before its end");
    const { code, output } = await npmStart().done;
    assert.equal(code, 0, output);
    assert.match(output, /A model answers at/);
  });

  it("leaves the user's Pulumi and Kubernetes folders alone", () => {
    assert.deepEqual(usersFiles(), files);
  });
});
