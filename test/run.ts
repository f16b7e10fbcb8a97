import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runStages, type Stage } from "./support/stages";

const all = readdirSync(__dirname, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".test.ts"))
  .sort();
const isEndToEnd = (file: string) => file.startsWith(join("e2e", ""));
/** End-to-end tests mostly wait: for pods, for probes, for times that a rollout takes. */
const atOnce = 2 * availableParallelism();
const fileOf = (name: string) => join(`${name}.test.ts`);
const named = (names: string[]) => names.map(fileOf).filter((file) => all.includes(file));

/** Those that wait for programs they have started begin first, and do so beside all others. */
const first = named([
  ...["checks", "library", "cli/quota", "digits/train", "components/jobs/launcher"],
  ...["stacks/loading", "support/stages", "cli/workflows"],
]);
const unit: Stage = {
  parts: [
    {
      title: "unit tests",
      files: [...first, ...all.filter((file) => !isEndToEnd(file) && !first.includes(file))],
      jobs: availableParallelism() + 1,
    },
  ],
  atOnce: 1,
};

/**
 * The clouds' clusters are all the one local cluster. They bring nodes that any pod may run on: beside them goes what needs pulumi
 * alone, or names its nodes. Some make objects of the same name.
 */
const clouds: [file: string, ...alone: string[]][] = [
  ["e2e/clouds/eks-groups", "class of disks on EKS", "priorities of the autoscaler"],
  ["e2e/clouds/gke", "class of volumes"],
  ["e2e/training"],
  ["e2e/clouds/eks", "class of disks on EKS", "karpenter"],
  ["e2e/clouds/aks", "class of volumes", "priorities of the autoscaler"],
  ["e2e/clouds/karpenter", "karpenter"],
  ["e2e/clouds/stand-ins"],
  ["e2e/clouds/eks-mode"],
  ["e2e/clouds/node-counts"],
];
/** These start and stop the cluster. */
const ofTheCluster = named(["e2e/start", "e2e/teardown"]);
const planned = [...clouds.flatMap(([file]) => named([file])), ...ofTheCluster];
/**
 * The longest first. Together those that run at once must not ask for more CPU than the one node has, two cores on a small machine, nor
 * for more than its eight GPUs.
 */
const local: [file: string, ...alone: string[]][] = [
  ["e2e/multi-node", "GPUs of the node"],
  ["e2e/scaling"],
  ["e2e/sidecars"],
  ["e2e/models"],
  ["e2e/stack", "GPUs of the node"],
  ["e2e/rollouts"],
  ["e2e/provider"],
  ["e2e/volumes"],
];
const localFiles = local.flatMap(([file]) => named([file]));
const others = all.filter(
  (file) => isEndToEnd(file) && !planned.includes(file) && !localFiles.includes(file),
);

const one = (file: string, alone: string[] = []) => ({
  title: file,
  files: [file],
  jobs: 1,
  alone,
});
const partsOf = (files: [file: string, ...alone: string[]][]) =>
  files.flatMap(([file, ...alone]) => named([file]).map((it) => one(it, alone)));
const endToEnd: Stage[] = [
  { parts: partsOf(clouds), atOnce },
  { parts: [...partsOf(local), ...others.map((file) => one(file))], atOnce },
  { parts: ofTheCluster.map((file) => one(file)), atOnce: 1 },
];

const groups: Record<string, Stage[]> = {
  unit: [unit],
  e2e: endToEnd,
  clouds: endToEnd.slice(0, 1).map((stage) => ({
    ...stage,
    parts: stage.parts.filter(({ title }) => title.startsWith(join("e2e", "clouds", ""))),
  })),
};

const isGroup = (name: string) => Object.hasOwn(groups, name);
const isFile = (name: string) => all.includes(fileOf(name)) && isEndToEnd(fileOf(name));

const names = process.argv.slice(2);
const unknown = names.filter((name) => !isGroup(name) && !isFile(name));
if (names.length === 0 || unknown.length > 0) {
  const what =
    names.length === 0 ? "No tests are named" : `There are no tests named ${unknown.join(", ")}`;
  console.error(`${what}: give ${Object.keys(groups).join(", ")}, or e2e/NAME for one file.`);
  process.exitCode = 1;
} else {
  /** End-to-end tests by name, such as `e2e/jobs`, beside each other as in a whole run. */
  const byName = names.filter(isFile).map(fileOf);
  const chosen = endToEnd.map((stage) => ({
    ...stage,
    parts: stage.parts.filter(({ title }) => byName.includes(title)),
  }));
  void runStages([...names.filter(isGroup).flatMap((name) => groups[name] ?? []), ...chosen]);
}
