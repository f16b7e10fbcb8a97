import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { checkout } from "../../local/folder";
import { run } from "../../process/run";
import { actionlintTool } from "../../local/tool-list";
import { onPath, provide, toolPath } from "../../local/tools";

const steps = z.array(z.object({ uses: z.string().optional(), run: z.string().optional() }));
const job = z.object({
  ...{ if: z.string().optional(), environment: z.string().optional(), steps },
  env: z.record(z.string(), z.string()).optional(),
  "runs-on": z.string(),
  permissions: z.record(z.string(), z.string()),
});
const workflow = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(z.string(), job),
});
const read = (file: string): unknown =>
  parse(readFileSync(path.join(checkout, ".github", file), "utf8"));
const { on, permissions, jobs } = workflow.parse(read("workflows/stacks.yml"));
const login = z.object({ runs: z.object({ steps }) }).parse(read("actions/login/action.yml"));
const allSteps = [...Object.values(jobs).flatMap((one) => one.steps), ...login.runs.steps];

describe("the workflow of the stack files", () => {
  it("passes actionlint", async function () {
    // It is compiled first on a fresh machine.
    this.timeout(600_000);
    this.slow(60_000);
    try {
      await provide(actionlintTool, () => undefined);
    } catch (error) {
      if (onPath("go") !== undefined) throw error;
      console.log(`      skipped: ${String(error)}`);
      return this.skip();
    }
    const PATH = [toolPath, process.env.PATH].join(":");
    await run("actionlint", ["-no-color", ".github/workflows/stacks.yml"], {
      ...{ cwd: checkout, env: { ...process.env, PATH } },
    });
  });

  it("has no rights but those that a job asks for", () => {
    assert.deepEqual(permissions, {});
    const asked = Object.entries(jobs).map(([name, one]) => [name, one.permissions]);
    const reads = { contents: "read" };
    assert.deepEqual(Object.fromEntries(asked), {
      files: reads,
      preview: { ...reads, "id-token": "write" },
      comment: { ...reads, "pull-requests": "write" },
      changed: reads,
      apply: { ...reads, "id-token": "write" },
    });
  });

  it("never runs with the rights of the target branch for a pull request", () =>
    assert.deepEqual(Object.keys(on), ["pull_request", "push"]));

  it("gives no login to pull requests from forks", () =>
    assert.match(
      jobs.preview?.if ?? "",
      /\(github\.event_name == 'push' \|\| github\.event\.pull_request\.head\.repo\.full_name == github\.repository\)/,
    ));

  it("previews and applies in environments of their own", () => {
    assert.equal(jobs.preview?.environment, "${{ matrix.stack }}-preview");
    assert.equal(jobs.apply?.environment, "${{ matrix.stack }}");
  });

  it("lets kubelogin ask GitHub for its own tokens, because the login of az ends after minutes", () => {
    for (const { env = {} } of [jobs.preview, jobs.apply].flatMap((one) => one ?? [])) {
      assert.equal(env.AAD_LOGIN_METHOD, "workloadidentity");
      assert.equal(env.AZURE_CLIENT_ID, env.ARM_CLIENT_ID);
      assert.equal(env.AZURE_TENANT_ID, env.ARM_TENANT_ID);
    }
  });

  it("logs in from the runner of a repository's variable, whose addresses a control plane can let in", () => {
    const own = "${{ vars.STACKS_RUNNER || 'ubuntu-24.04' }}";
    for (const [name, one] of Object.entries(jobs)) {
      const logsIn = ["preview", "apply"].includes(name);
      assert.equal(one["runs-on"], logsIn ? own : "ubuntu-24.04", name);
    }
  });

  it("puts no expression into a script, and takes every action by commit", () => {
    const scripts = allSteps.flatMap((step) => step.run ?? []);
    const used = allSteps.flatMap((step) => step.uses ?? []);
    assert.ok(scripts.length > 5 && used.length > 5);
    const wrong = [
      ...scripts.filter((script) => script.includes("${{")),
      ...used.filter((uses) => !/^\.\/|@[0-9a-f]{40}$/.test(uses)),
    ];
    assert.deepEqual(wrong, []);
  });

  it("calls npm scripts that are there", () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(path.join(checkout, "package.json"), "utf8")));
    const called = allSteps.flatMap((step) =>
      [...(step.run ?? "").matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name),
    );
    assert.deepEqual([...new Set(called)].sort(), [
      ...["apply", "check:stacks", "preview", "preview:comment", "stacks"],
    ]);
    for (const name of called) assert.ok(scripts[name ?? ""], name);
  });
});
