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
 * The clouds' clusters are all the one local cluster, so those run beside each other that make no object of the same name there:
 * the default class of disks is called alike on EKS in both its modes, that for volumes on GKE and AKS, and the autoscaler's
 * priorities on AKS and EKS with node groups. They bring nodes that any pod may run on: beside them goes what needs pulumi alone,
 * or names its nodes.
 */
const endToEnd = [
  [
    ["e2e/clouds/gke"],
    ["e2e/clouds/eks-groups"],
    ["e2e/clouds/stand-ins", "e2e/clouds/eks-mode", "e2e/clouds/node-counts"],
  ],
  [["e2e/clouds/aks"], ["e2e/clouds/eks", "e2e/clouds/karpenter"], ["e2e/training"]],
  [["e2e/stack"], ["e2e/sidecars", "e2e/rollouts"], ["e2e/namespaces", "e2e/jobs", "e2e/volumes"]],
  // These start and stop the cluster.
  [["e2e/start", "e2e/teardown"]],
].map((lanes) => lanes.map(named));
const planned = endToEnd.flat(2);
const others = all.filter((file) => isEndToEnd(file) && !planned.includes(file));
endToEnd.at(-2)?.[0]?.push(...others);

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
