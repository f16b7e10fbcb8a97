import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { runStages, type Stage } from "./support/stages";

const all = readdirSync(__dirname, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith(".test.ts"))
  .sort();
const isEndToEnd = (file: string) => file.startsWith(join("e2e", ""));
const named = (names: string[]) =>
  names.map((name) => join(`${name}.test.ts`)).filter((file) => all.includes(file));

/** Side by side; those that wait for programs they have started begin first, and do so beside all others. */
const first = named([
  ...["checks", "library", "quota/quota", "digits/train", "components/jobs/launcher"],
  ...["stacks/loading", "support/stages", "ci/workflows"],
]);
const unit: Stage = [
  [
    {
      title: "unit tests",
      files: [...first, ...all.filter((file) => !isEndToEnd(file) && !first.includes(file))],
      jobs: availableParallelism() + 1,
    },
  ],
];

/**
 * What needs pulumi alone runs beside the first that needs the cluster, which on a fresh machine is compiled then. The others
 * have the cluster to themselves: the clouds bring nodes that any pod may run on, a default class of disks, and kinds of objects
 * that two of them define in their own ways.
 */
const endToEnd = [
  [
    ["e2e/clouds/clusters"],
    ["e2e/clouds/stand-ins", "e2e/clouds/eks-mode", "e2e/clouds/node-counts"],
  ],
  [["e2e/stack", "e2e/clouds/karpenter"]],
  // These start and stop the cluster.
  [["e2e/start", "e2e/teardown"]],
].map((lanes) => lanes.map(named));
const planned = endToEnd.flat(2);
const others = all.filter((file) => isEndToEnd(file) && !planned.includes(file));
endToEnd[1]?.[0]?.push(...others);

const stagesOf = (wanted: (file: string) => boolean): Stage[] =>
  endToEnd.map((lanes) =>
    lanes
      .map((files) => files.filter(wanted).map((file) => ({ title: file, files: [file], jobs: 1 })))
      .filter((lane) => lane.length > 0),
  );

const groups: Record<string, Stage[]> = {
  unit: [unit],
  e2e: stagesOf(() => true),
  clouds: stagesOf((file) => file.startsWith(join("e2e", "clouds", ""))),
};

const names = process.argv.slice(2);
const unknown = names.find((name) => groups[name] === undefined);
if (unknown !== undefined)
  throw new Error(`${unknown}: there is ${Object.keys(groups).join(", ")}`);
void runStages(names.flatMap((name) => groups[name] ?? []));
