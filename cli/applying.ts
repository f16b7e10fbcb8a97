import type { Failures } from "./engine-events";

/** Runs pulumi with arguments; a failure is a code other than 0, and what failed is known where the engine's events are read. */
export type Engine = (args: string[]) => Promise<{ code: number; failures?: Failures }>;

/** What a state is brought up to date with before an update; a state without any has nothing to refresh. */
const refreshed = [
  // A new range takes the number of nodes along that the state knows (pulumi/pulumi-aws issue 2524): let it be the living one.
  "**aws:eks/nodeGroup:NodeGroup::**",
  // Google patches the control plane of a cluster that stays on a version; its nodes follow what the state knows.
  "**gcp:container/cluster:Cluster::**",
  // One that failed after the last update had ended runs again.
  "**kubernetes:batch/v1:Job::**",
];

/**
 * Makes one stack what its file says, and says what to do where it failed; the exit code of what failed first, or 0.
 * @param previewed whether the update has been previewed already. @default the engine does it
 */
export async function applied(
  stack: string,
  engine: Engine,
  say: (advice: string) => void,
  previewed = false,
): Promise<number> {
  const targets = refreshed.flatMap((target) => ["--target", target]);
  const refresh = ["refresh", "--yes", "--skip-preview", ...targets];
  const told = ["--suppress-outputs", "--diff=false", "--stack", stack];
  const { code } = await engine([...refresh, ...told]);
  if (code !== 0) return code;
  const up = await engine(["up", "--yes", ...(previewed ? ["--skip-preview"] : []), ...told]);
  if (up.code === 0 || !up.failures) return up.code;
  if (standsInTheWay(up.failures)) say(takeNothingOver(stack));
  failedJobs(up.failures).forEach((job) => say(advice(job, stack)));
  return up.code;
}

/** Entries of the jobs that were made and did not succeed. */
function failedJobs({ resources }: Failures): string[] {
  const jobs = resources.filter(({ type, made }) => type === "kubernetes:batch/v1:Job" && made);
  return [...new Set(jobs.map(({ name }) => name.replace(/-first$/, "")))];
}

/** Whether an object of the same name was there, and the provider advises to take it over. */
function standsInTheWay({ errors }: Failures): boolean {
  return errors.some(
    (one) => one.includes("already exists") && one.includes("upsertExistingObjects"),
  );
}

function takeNothingOver(stack: string): string {
  return [
    "Do not set upsertExistingObjects, as the message above advises: the stack would take over an object that somebody else may own,",
    "and delete it with its entry.",
    `    do:  if an update of this stack was killed, npm run adopt -- ${stack}; else rename the entry, or remove the object that is in the way`,
  ].join("\n");
}

function advice(job: string, stack: string): string {
  return [
    `jobs.${job} did not succeed; its last lines are above.`,
    `    log: npm run job -- ${job} --stack ${stack} --follow`,
    `    do:  fix what it says, then npm run apply -- ${stack}; it runs again, also where its entry is unchanged`,
  ].join("\n");
}
