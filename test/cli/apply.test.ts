import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applied, applyStack } from "../../cli/apply";
import type { Run } from "../../cli/engine";
import type { Failures } from "../../cli/engine-events";
import { masked } from "../../cli/screen";
import { NoAnswer } from "../../rollouts/ask";
import type { Cluster } from "../../rollouts/cluster";
import { give, handOverVariable } from "../../rollouts/hand-over";
import { maskOf } from "../../rollouts/mask";
import { recorder } from "./recorder";

const config = JSON.stringify({
  "gpu-serving:token": { value: "t0ken", secret: true },
  "gpu-serving:host": { value: "chat.example", secret: false },
  "gpu-serving:hidden": { secret: true },
});
const plan = (...diagnostics: object[]) => JSON.stringify({ steps: [], diagnostics });

/**
 * Applies a stack with an engine that prints a line while it updates and gives these answers; the program hands over a cluster
 * that gives no answer for a reason.
 */
async function stackApplied(
  answers: Partial<Record<string, { code: number; stdout: string }>> = {},
  noAnswer?: NoAnswer,
) {
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-apply-stack-"));
  writeFileSync(join(folder, "Pulumi.prod.yaml"), "config: { cluster: { kind: gke } }");
  const { screen, told } = recorder();
  const asked: string[] = [];
  const run: Run = (args, { onLine, env } = {}) => {
    const [command = ""] = args;
    asked.push(command);
    if (command === "config") assert.ok(args.includes("--show-secrets"));
    if (command === "up") {
      onLine?.("  log: t0ken at chat.example");
      const to = env?.[handOverVariable];
      if (noAnswer && to) give(to, { kubeconfig: "", workloads: [] });
    }
    const known: typeof answers = {
      stack: { code: 255, stdout: "" },
      preview: { code: 0, stdout: plan() },
      config: { code: 0, stdout: config },
      ...answers,
    };
    return Promise.resolve({ code: 0, stdout: "", stderr: "no access", ...known[command] });
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
  it("previews, then updates, and shows no secret of the stack in what the engine prints", async () => {
    const warning = { severity: "warning", message: "slow" };
    const preview = { code: 0, stdout: plan(warning) };
    const { code, told, asked } = await stackApplied({ preview });
    assert.equal(code, 0);
    assert.deepEqual(asked, ["stack", "preview", "config", "refresh", "up"]);
    assert.deepEqual(told, [
      ...["Previewing prod", "warning: slow", "  no change"],
      "  log: [secret] at chat.example",
    ]);
  });

  it("is no success where the cluster never says whether the workloads run", async () => {
    const { code, told } = await stackApplied({}, new NoAnswer("HTTP-Code: 503", false));
    assert.equal(code, 1);
    assert.match(told.at(-1) ?? "", /whether its workloads run is not known: HTTP-Code: 503\./);
  });

  it("is a success where one may not look at the workloads, which it says", async () => {
    const { code, told } = await stackApplied({}, new NoAnswer("no such rights", true));
    assert.equal(code, 0);
    assert.equal(told.at(-1), "The workloads cannot be looked at: no such rights.");
  });

  for (const [where, answers, problem] of [
    [
      "it cannot tell what is secret",
      { config: { code: 255, stdout: "" } },
      /^The secrets of prod cannot be read: no access$/,
    ],
    [
      "the program has errors",
      { preview: { code: 255, stdout: plan({ severity: "error", message: "unknown key" }) } },
      /^unknown key$/,
    ],
    ["the preview fails", { preview: { code: 255, stdout: plan() } }, /^no access$/],
  ] as const) {
    it(`changes nothing where ${where}`, async () => {
      const { code, told, asked } = await stackApplied(answers);
      assert.equal(code, 1);
      assert.match(told.at(-1) ?? "", problem);
      assert.ok(!asked.includes("refresh") && !asked.includes("up"));
    });
  }

  it("shows no secret in states, problems and sentences", () => {
    const { screen, told } = recorder();
    const shown = masked(screen, maskOf(["t0ken"]));
    shown.state("chat", "starting: t0ken");
    shown.problem("chat", { problem: "crashed", said: [], fix: "", lines: ["t0ken!"] });
    shown.say("t0ken");
    assert.deepEqual(told, [
      ...["chat: starting: [secret]", "chat FAILED: crashed", "[secret]!", "[secret]"],
    ]);
  });
});

/** Applies with an engine that ends with this code where it refreshes or updates, and says what has failed. */
async function asked(codes: Record<string, number> = {}, failed: Partial<Failures> = {}) {
  const commands: string[][] = [];
  const said: string[] = [];
  const engine = (args: string[]) => {
    commands.push(args);
    const failures = { resources: [], errors: [], ...failed };
    return Promise.resolve({ code: codes[args[0] ?? ""] ?? 0, failures });
  };
  const code = await applied("prod", engine, (advice) => said.push(advice));
  return { code, commands, said, names: commands.map(([name]) => name) };
}
const job = "kubernetes:batch/v1:Job";

describe("applying a stack", () => {
  it("reads the living node counts of node groups, the patch of a GKE cluster and how jobs have ended, and nothing else, before it updates", async () => {
    const { commands, names } = await asked();
    assert.deepEqual(names, ["refresh", "up"]);
    const targets = commands.map((args) => args.filter((_, at) => args[at - 1] === "--target"));
    assert.deepEqual(targets, [
      [
        "**aws:eks/nodeGroup:NodeGroup::**",
        "**gcp:container/cluster:Cluster::**",
        "**kubernetes:batch/v1:Job::**",
      ],
      [],
    ]);
    for (const command of commands) {
      assert.ok(command.includes("--skip-preview"), "it has been previewed");
      assert.deepEqual(command.slice(-2), ["--stack", "prod"]);
    }
  });

  it("updates nothing when that cannot be read, and else ends as the update does", async () => {
    const { code, names } = await asked({ refresh: 255 });
    assert.deepEqual({ code, names }, { code: 255, names: ["refresh"] });
    assert.equal((await asked({ up: 1 })).code, 1);
    assert.equal((await asked()).code, 0);
  });

  it("says of each job that did not succeed, and of nothing that was refused or is no job, where its log is and what to do", async () => {
    const resources = [
      { type: job, name: "evaluate", made: true },
      { type: job, name: "evaluate", made: true },
      { type: job, name: "retrain-first", made: true },
      { type: job, name: "large", made: false },
      { type: "kubernetes:apps/v1:Deployment", name: "chat", made: true },
    ].map((one) => ({
      ...one,
      op: "create",
      urn: `urn:pulumi:prod::gpu-serving::${one.type}::${one.name}`,
    }));
    const { said } = await asked({ up: 255 }, { resources });
    const named = said.map((advice) => /^jobs\.(\S+) did not succeed/.exec(advice)?.[1]);
    assert.deepEqual(named, ["evaluate", "retrain"]);
    assert.match(said[0] ?? "", /npm run job -- evaluate --stack prod --follow/);
    assert.deepEqual((await asked({}, { resources })).said, []);
  });

  it("warns of the provider's advice to take over an object that is there already", async () => {
    const taken = "vision/chat already exists, set upsertExistingObjects to take it over";
    const { said } = await asked({ up: 255 }, { errors: [taken] });
    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", /^Do not set upsertExistingObjects[^]*npm run adopt -- prod/);
    for (const other of ["chat already exists", "set upsertExistingObjects"]) {
      assert.deepEqual((await asked({ up: 255 }, { errors: [other] })).said, []);
    }
  });
});
