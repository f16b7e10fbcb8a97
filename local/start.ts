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
import { chat, chatCommand } from "./chat";
import { chosenStack, entryFiles } from "./chosen-stack";
import { askForDigit, digitCommand } from "./digits";
import { isEngineImage, loadEngineImage, prepareEngineImage } from "./engine-image";
import { alone, checkout } from "./folder";
import { loadImage, prepareImage, startCluster } from "./local";
import { duration, note, step, type Say } from "../process/progress";
import type { RunResult } from "../process/run";
import { pulumi } from "./pulumi";
import { loadSidecarImages, sidecarImagesOf } from "./sidecar-images";
import { usesSimulatedNodes } from "./simulated-nodes";
import { served, type Asked, type Services } from "./served";
import { deploy } from "./stack";

/** Milliseconds that the pods of an unchanged stack get to come back. */
const patience = 120_000;
/** Folder that the service of the stack digits is built from. */
const digits = "examples/digits";

async function start(): Promise<void> {
  const since = Date.now();
  const name = chosenStack(process.argv.slice(2), checkout);
  const again = name === "dev" ? "npm start" : `npm start -- ${name}`;
  const stack = read(name);
  const { cluster } = stack;
  const engineImages = [...new Set(Object.values(stack.services).map(({ image }) => image))].filter(
    isEngineImage,
  );
  const [images, engines] = await Promise.all([
    Promise.all(localImages(stack, checkout).map(prepareImage)),
    Promise.all(engineImages.map(prepareEngineImage)),
    startCluster({
      simulatedNodes: cluster.kind === "existing" && usesSimulatedNodes(cluster.pools),
    }),
  ]);
  for (const image of images) await loadImage(image);
  for (const image of engines) await loadEngineImage(image);
  await loadSidecarImages(sidecarImagesOf(stack));
  const { services = {} } = await step(`pulumi up, stack ${name}`, (say) =>
    deploy(name, say, (args, say) => watched(args, say, again)),
  );
  const asked = await ask(stack, services);
  note(`
${served(services, asked)}

Started in ${duration(Date.now() - since)}. To serve your own, edit ${entryFiles(name, checkout).join(" and ")} and run \`${again}\` again.
\`npm stop\` takes everything down.`);
}

/** Runs an update that ends as soon as nothing but failed rollouts is left of it. */
async function watched(args: string[], say: Say, again: string): Promise<RunResult> {
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
    `Not rolled out: ${failed.join(", ")}. The reason is above. Correct the entry or put it back as it was, then run \`${again}\` again.`,
  );
}

/** Asks the first service that is known how to be asked, where the stack serves it to this machine. */
async function ask(stack: Stack, at: Services): Promise<Asked | undefined> {
  for (const [service, { image, build }] of Object.entries(stack.services)) {
    const url = at[service]?.url;
    if (!url) continue;
    if (isEngineImage(image)) {
      const { answer, firstToken, perSecond } = await askAgain(url, () => chat(url, 60_000));
      const speed = perSecond === undefined ? "" : `, then ${perSecond.toFixed(0)} tokens/s`;
      note(`  first token after ${firstToken.toFixed(2)} s${speed}`);
      const more = [`Open it in a browser to chat. OpenAI clients use ${url}/v1`];
      return { service, command: chatCommand(url), answer, more };
    }
    if (build !== undefined && normalize(build.context) === digits) {
      const answer = await askAgain(url, () => askForDigit(url, 5_000));
      return { service, command: digitCommand(url), answer };
    }
  }
  return undefined;
}

function read(stack: string): Stack {
  try {
    return readStackFile(path.join(checkout, `Pulumi.${stack}.yaml`));
  } catch (thrown) {
    throw thrown instanceof StackProblems ? new Fault(thrown.message) : thrown;
  }
}

/** After a restart of the cluster the pods come back on their own: the request is repeated until one of them answers. */
function askAgain<T>(url: string, request: () => Promise<T>): Promise<T> {
  return step("request", async () => {
    for (const end = Date.now() + patience; ; await sleep(500)) {
      try {
        return await request();
      } catch (error) {
        if (Date.now() < end) continue;
        const why = error instanceof Error ? error.message : String(error);
        throw new Fault(
          `${url} did not answer within ${duration(patience)} (${why}): look at the pods with \`.local/bin/kubectl --kubeconfig .local/kubeconfig get pods -A\`.`,
        );
      }
    }
  });
}

alone(start).catch((thrown: unknown) => {
  console.error(`\n${sentenceFor(thrown)}`);
  process.exit(1);
});
