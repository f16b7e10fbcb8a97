import { readFileSync, readdirSync, existsSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { kubectl } from "./cluster";
import { Fault } from "../process/fault";
import { checkout, inFolder, inTurn } from "./folder";
import { readIfThere, writeWhole } from "../process/files";
import { note, type Say } from "../process/progress";
import { pulumi } from "./pulumi";
import type { RunResult } from "../process/run";

const project = "gpu-serving";
/** An object waits for its namespace, secrets, first job, disk and policies at most: no chain of them is longer. */
const mostRounds = 8;
const stateFolder = inFolder("pulumi", "state", ".pulumi");

/** Runs an update with these arguments; what becomes of it is said. */
export type Update = (args: string[], say: Say) => Promise<RunResult>;

const unwatched: Update = (args, say) => pulumi(args, { mayFail: true, onLine: say });

/** What of a stack's state counts here. */
const state = z.object({
  checkpoint: z.object({
    latest: z
      .object({
        resources: z.array(z.unknown()).nullish(),
        secrets_providers: z
          .object({ state: z.object({ salt: z.string().optional() }).nullish() })
          .nullish(),
        pending_operations: z.array(z.unknown()).nullish(),
      })
      .nullish(),
  }),
});

function readCheckpoint(stack: string) {
  const text = readIfThere(path.join(stateFolder, "stacks", project, `${stack}.json`));
  return text === undefined ? undefined : state.parse(JSON.parse(text)).checkpoint.latest;
}

/**
 * Runs `pulumi up` on a stack of the checkout and returns its outputs. Pulumi writes the passphrase's salt into a stack's file: it
 * gets a copy of `Pulumi.<stack>.yaml`, and the checkout's own stays as it is.
 * @param watched runs the update. @default nobody watches its rollouts
 */
export async function deploy(
  stack: string,
  say: Say,
  watched: Update = unwatched,
): Promise<Outputs> {
  const config = await configWithSalt(stack);
  await releaseLock(stack, say);
  const target = ["--stack", stack, "--config-file", config];
  const cluster = (
    await kubectl(["get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}"])
  ).stdout;
  const known = inFolder("pulumi", `cluster-of-${stack}`);
  const { pending_operations: pending, resources } = readCheckpoint(stack) ?? {};
  const interrupted = (pending ?? []).length > 0;
  // A cluster that is another one than last time has none of the objects that the state speaks of, and the program refuses it.
  const another = readIfThere(known) !== cluster && (resources ?? []).length > 0;
  if (interrupted || another) {
    const clear = interrupted ? ["--clear-pending-creates"] : [];
    const refresh = ["refresh", "--yes", "--skip-preview", ...clear];
    const env = another ? { PULUMI_K8S_DELETE_UNREACHABLE: "true" } : {};
    await pulumi([...refresh, ...target], { env, onLine: say });
  }
  // Of an update that failed the engine would print all outputs as deleted, though none is.
  const up = () => watched(["up", "--yes", "--skip-preview", "--suppress-outputs", ...target], say);
  let result = await up();
  // What waits for an object that stands in the way is tried, and stands in the way itself, only in the next round.
  for (let round = 0; result.code !== 0 && round < mostRounds; round++) {
    if (!(await removeUnknown(stack, result.stdout))) break;
    result = await up();
  }
  const { code, stdout, stderr } = result;
  if (code !== 0) {
    const diagnostics = stdout.slice(Math.max(0, stdout.lastIndexOf("Diagnostics:"))).trim();
    throw new Fault(
      `pulumi up on stack ${stack} failed:\n${diagnostics === "" ? stderr.trim() : diagnostics}`,
    );
  }
  writeWhole(known, cluster);
  const summary = /^Resources:\n((?: +.*\n)+)/m.exec(stdout)?.[1] ?? "";
  note(`  pulumi up: ${summary.trim().split(/\n\s*/).join(", ")}`);
  const said = await pulumi(["stack", "output", "--json", "--stack", stack]);
  return outputs.parse(JSON.parse(said.stdout));
}

const outputs = z.object({
  /** Addresses of each service. */
  services: z
    .record(z.string(), z.object({ url: z.string().nullish(), internalUrl: z.string().nullish() }))
    .optional(),
});

/** What the program exports. */
export type Outputs = z.output<typeof outputs>;

/** A project of the same name, whose stack files Pulumi may write to. */
const mirror = inFolder("pulumi", "project");

/** Makes an empty stack of the program; what a stack of this name left whose state is lost would stand in its way. */
export async function createStack(stack: string): Promise<void> {
  const project = readFileSync(path.join(checkout, "Pulumi.yaml"), "utf8");
  const copy = path.join(mirror, "Pulumi.yaml");
  await inTurn("project", () => {
    // While another stack is made, it is read.
    if (readIfThere(copy) !== project) writeWhole(copy, project);
    return Promise.resolve();
  });
  const ofThisName = ["-l", `gpu-serving/stack=${stack}`, "--ignore-not-found"];
  await kubectl(["delete", "namespaces", ...ofThisName]);
  await pulumi(["stack", "init", "--no-select", "--stack", stack], { cwd: mirror });
}

async function configWithSalt(stack: string): Promise<string> {
  if (!existsSync(path.join(stateFolder, "stacks", project, `${stack}.json`))) {
    await createStack(stack);
  }
  const salted = readIfThere(path.join(mirror, `Pulumi.${stack}.yaml`)) ?? "";
  const salt =
    /^encryptionsalt: (.+)$/m.exec(salted)?.[1] ??
    readCheckpoint(stack)?.secrets_providers?.state?.salt;
  const config = inFolder("pulumi", `Pulumi.${stack}.yaml`);
  const own = readFileSync(path.join(checkout, `Pulumi.${stack}.yaml`), "utf8").trimEnd();
  const hasSalt = /^encryptionsalt: /m.test(own) || salt === undefined;
  writeWhole(config, `${own}\n${hasSalt ? "" : `encryptionsalt: ${salt}\n`}`);
  return config;
}

/** Pulumi's own note of who updates a stack. */
const lock = z.object({ pid: z.number() });

/** A killed `up` leaves its lock; one that is still ending (it got the signal when its parent died) is waited for. */
async function releaseLock(stack: string, say: Say): Promise<void> {
  const locks = path.join(stateFolder, "locks", "organization", project, stack);
  const holders = () =>
    (existsSync(locks) ? readdirSync(locks) : [])
      // Beside each lies a file with its attributes.
      .filter((file) => file.endsWith(".json"))
      .map((file) => readIfThere(path.join(locks, file)))
      .filter((text) => text !== undefined)
      .map((text) => lock.parse(JSON.parse(text)).pid);
  const alive = (pid: number) =>
    (readIfThere(`/proc/${pid}/cmdline`) ?? "").split("\0")[0]?.endsWith("pulumi") ?? false;
  for (const end = Date.now() + 120_000; holders().some(alive); await sleep(500)) {
    say("waiting for the update of an interrupted start to end");
    if (Date.now() > end) {
      throw new Fault(
        `Another pulumi (process ${holders().join(", ")}) updates stack ${stack}: wait for it or end it with \`kill ${holders().join(" ")}\`, then run the command again.`,
      );
    }
  }
  if (holders().length > 0) await pulumi(["cancel", "--yes", "--stack", stack]);
}

/**
 * Objects whose creation was cut short exist without the state knowing them: what stands in the way of an update is removed.
 * @param said what the failed update said
 * @returns whether there was anything
 */
async function removeUnknown(stack: string, said: string): Promise<boolean> {
  const found = new Set(
    [...said.matchAll(/([a-z0-9.]+ "[^"]+") already exists/g)].map(([, it]) => it ?? ""),
  );
  for (const object of found) {
    const [resource = "", name = ""] = object.replaceAll('"', "").split(" ");
    note(`  an interrupted start left ${name} (${resource}) half made: it is made again`);
    const which = ["-l", `gpu-serving/stack=${stack}`, "--field-selector", `metadata.name=${name}`];
    await kubectl(["delete", resource, "--all-namespaces", "--wait", "--timeout=90s", ...which]);
  }
  return found.size > 0;
}
