import path from "node:path";
import { normalize } from "node:path/posix";
import { setTimeout as sleep } from "node:timers/promises";
import { watchedUp } from "../cli/watched-up";
import { clusterOf } from "../rollouts/cluster";
import { linesOf } from "../rollouts/problem";
import { readStackFile } from "../stacks/config";
import { StackProblems } from "../stacks/problems";
import { localImages } from "../stacks/image/built";
import type { Stack } from "../stacks/stack";
import { Fault, sentenceFor } from "../process/fault";
import { alone, checkout } from "./folder";
import { loadImage, prepareImage, startCluster } from "./local";
import { duration, note, step, type Say } from "../process/progress";
import type { RunResult } from "../process/run";
import { pulumi } from "./pulumi";
import { loadSidecarImages, sidecarImagesOf } from "./sidecar-images";
import { seven } from "./sample-digit";
import { usesSimulatedNodes } from "./simulated-nodes";
import { served, type Asked, type Services } from "./served";
import { deploy } from "./stack";

/** Milliseconds that the pods of an unchanged stack get to come back. */
const patience = 120_000;
/** The service of the worked example, and what it is built from. */
const example = { service: "digits", folder: "examples/digits" };

async function start(): Promise<void> {
  const since = Date.now();
  const stack = devStack();
  const [images] = await Promise.all([
    Promise.all(localImages(stack, checkout).map(prepareImage)),
    startCluster({ simulatedNodes: usesSimulatedNodes(stack) }),
  ]);
  for (const image of images) await loadImage(image);
  await loadSidecarImages(sidecarImagesOf(stack));
  const { services = {} } = await step("pulumi up, stack dev", (say) =>
    deploy("dev", say, watched),
  );
  const asked = await askExample(stack, services);
  note(`
${served(services, asked)}

Started in ${duration(Date.now() - since)}. To serve your own, edit teams/dev.yaml and run \`npm start\` again.
\`npm stop\` takes everything down.`);
}

/** Runs an update that ends as soon as nothing but failed rollouts is left of it. */
async function watched(args: string[], say: Say): Promise<RunResult> {
  const results: RunResult[] = [];
  const { failed } = await watchedUp(args, {
    run: async (all, options) => {
      const result = await pulumi(all, { ...options, mayFail: true });
      results.push(result);
      return result;
    },
    clusterOf,
    screen: {
      say,
      state: (workload, state) => say(`${workload}: ${state}`),
      problem: (workload, problem) => note(linesOf(workload, problem).join("\n")),
    },
  });
  const [result] = results;
  if (result && failed.length === 0) return result;
  throw new Fault(
    `Not rolled out: ${failed.join(", ")}. The reason is above. Correct the entry or put it back as it was, then run \`npm start\` again.`,
  );
}

/** Asks the example's model, where the stack still serves it to this machine. */
async function askExample(stack: Stack, at: Services): Promise<Asked | undefined> {
  const build = stack.services[example.service]?.build;
  const url = at[example.service]?.url;
  if (!url || build === undefined || normalize(build.context) !== example.folder) return undefined;
  const body = JSON.stringify({ pixels: seven });
  const answer = await step("request", () => ask(`${url}/predict`, body));
  const command = `curl ${url}/predict -H 'Content-Type: application/json' -d '${body}'`;
  return { service: example.service, command, answer };
}

function devStack(): Stack {
  try {
    return readStackFile(path.join(checkout, "Pulumi.dev.yaml"));
  } catch (thrown) {
    throw thrown instanceof StackProblems ? new Fault(thrown.message) : thrown;
  }
}

/** After a restart of the cluster the pods come back on their own: the request is repeated until one of them answers. */
async function ask(url: string, body: string): Promise<string> {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body };
  for (const end = Date.now() + patience; ; await sleep(500)) {
    try {
      const response = await fetch(url, { ...request, signal: AbortSignal.timeout(5_000) });
      if (response.ok) return (await response.text()).trim();
      if (Date.now() > end) throw new Error(`it says ${response.status}`);
    } catch (error) {
      if (Date.now() < end) continue;
      const why = error instanceof Error ? error.message : String(error);
      throw new Fault(
        `${url} did not answer within ${duration(patience)} (${why}): look at the pods with \`.local/bin/kubectl --kubeconfig .local/kubeconfig get pods -A\`.`,
      );
    }
  }
}

alone(start).catch((thrown: unknown) => {
  console.error(`\n${sentenceFor(thrown)}`);
  process.exit(1);
});
