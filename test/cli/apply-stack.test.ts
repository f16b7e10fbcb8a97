import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyStack } from "../../cli/apply-stack";
import { masked, type Screen } from "../../cli/screen";
import { secretsOf } from "../../cli/secrets";
import type { Run } from "../../cli/watched-up";
import { NoAnswer } from "../../rollouts/ask";
import type { Cluster } from "../../rollouts/cluster";
import { give, handOverVariable } from "../../rollouts/hand-over";
import { maskOf } from "../../rollouts/mask";

const config = {
  "gpu-serving:token": { value: "t0ken", secret: true },
  "gpu-serving:cluster": { value: "{}", objectValue: {}, secret: false },
  "gpu-serving:hidden": { secret: true },
};

/**
 * Runs `npm run apply` with an engine that prints these lines while it updates, and configuration that it gives or not; the program
 * hands over a cluster that gives no answer for a reason.
 */
async function applied(
  lines: string[],
  configuration: { code: number; stdout: string },
  noAnswer?: NoAnswer,
) {
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-apply-stack-"));
  writeFileSync(join(folder, "Pulumi.prod.yaml"), "config: { cluster: { kind: gke } }");
  const told: string[] = [];
  const asked: string[] = [];
  const screen: Screen = {
    line: (text) => told.push(text),
    state: (workload, state) => told.push(`${workload}: ${state}`),
    problem: (workload, { problem }) => told.push(`${workload}: ${problem}`),
    say: (text) => told.push(text),
    end: () => undefined,
  };
  const run: Run = (args, { onLine, env }) => {
    const [command = ""] = args;
    asked.push(command);
    const answers: Record<string, { code: number; stdout: string }> = {
      stack: { code: 255, stdout: "" },
      preview: { code: 0, stdout: JSON.stringify({ steps: [], diagnostics: [] }) },
      config: configuration,
    };
    if (command === "up") {
      lines.forEach((line) => onLine?.(line));
      const to = env?.[handOverVariable];
      if (noAnswer && to) give(to, { kubeconfig: "", workloads: [] });
    }
    return Promise.resolve({ code: 0, stdout: "", stderr: "no access", ...answers[command] });
  };
  try {
    const silent = () => Promise.reject(noAnswer ?? new Error("not asked"));
    const cluster: Cluster = { observe: silent, lastLines: silent, labelled: silent };
    const look = { clusterOf: () => Promise.resolve(cluster), interval: 1, patience: 20 };
    const code = await applyStack("prod", run, screen, folder, look).catch((error: Error) => {
      told.push(error.message);
      return 1;
    });
    return { code, told, asked };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("npm run apply", () => {
  it("shows no secret of the stack in what the engine prints", async () => {
    const stdout = JSON.stringify(config);
    const { code, told } = await applied(["  log: using t0ken"], { code: 0, stdout });
    assert.equal(code, 0);
    assert.ok(told.includes("  log: using [secret]"), told.join("\n"));
    assert.ok(!told.join("\n").includes("t0ken"));
  });

  it("is no success where the cluster never says whether the workloads run", async () => {
    const stdout = JSON.stringify(config);
    const noAnswer = new NoAnswer("HTTP-Code: 503", false);
    const { code, told } = await applied([], { code: 0, stdout }, noAnswer);
    assert.equal(code, 1);
    assert.equal(
      told.at(-1),
      "The update is made, but whether its workloads run is not known: HTTP-Code: 503. Run npm run apply -- prod again when the cluster answers.",
    );
  });

  it("is a success where one may not look at the workloads, which it says", async () => {
    const stdout = JSON.stringify(config);
    const noAnswer = new NoAnswer("the API server answers 403", true);
    const { code, told } = await applied([], { code: 0, stdout }, noAnswer);
    assert.equal(code, 0);
    assert.equal(told.at(-1), "The workloads cannot be looked at: the API server answers 403.");
  });

  it("changes nothing where it cannot tell what is secret", async () => {
    const { code, told, asked } = await applied([], { code: 255, stdout: "" });
    assert.equal(code, 1);
    assert.equal(told.at(-1), "The secrets of prod cannot be read: no access");
    assert.deepEqual(asked, ["stack", "preview", "config"]);
  });

  it("shows none in states, problems and sentences either", () => {
    const told: unknown[] = [];
    const screen = masked(
      {
        line: (text) => told.push(text),
        state: (_, state) => told.push(state),
        problem: (_, { lines }) => told.push(...lines),
        say: (text) => told.push(text),
        end: (code) => told.push(code),
      },
      maskOf(["t0ken"]),
    );
    screen.state("chat", "starting: t0ken");
    screen.problem("chat", { problem: "crashed", said: [], fix: "", lines: ["t0ken!"] });
    screen.say("t0ken");
    screen.end(3);
    assert.deepEqual(told, ["starting: [secret]", "[secret]!", "[secret]", 3]);
  });
});

describe("the secrets of a stack", () => {
  it("are all encrypted values of its configuration", async () => {
    const asked: string[][] = [];
    const found = await secretsOf("prod", (args) => {
      asked.push(args);
      return Promise.resolve({ code: 0, stdout: JSON.stringify(config), stderr: "" });
    });
    assert.deepEqual(found, ["t0ken"]);
    assert.deepEqual(asked, [["config", "--json", "--show-secrets", "--stack", "prod"]]);
  });
});
