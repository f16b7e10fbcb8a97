import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "./cluster";
import { Fault, sentenceFor } from "./fault";
import { alone, checkout } from "./folder";
import { loadImage, prepareImage, startCluster } from "./local";
import { duration, note, step } from "./progress";
import { providePulumi } from "./pulumi";
import { deploy } from "./stack";

/** Milliseconds that the pods of an unchanged stack get to come back. */
const patience = 120_000;

/** A handwritten 7 of the library's own data set, eight rows of eight pixels from 0 to 16. */
const seven = [
  ...[0, 0, 7, 8, 13, 16, 15, 1],
  ...[0, 0, 7, 7, 4, 11, 12, 0],
  ...[0, 0, 0, 0, 8, 13, 1, 0],
  ...[0, 4, 8, 8, 15, 15, 6, 0],
  ...[0, 2, 11, 15, 15, 4, 0, 0],
  ...[0, 0, 0, 16, 5, 0, 0, 0],
  ...[0, 0, 9, 15, 1, 0, 0, 0],
  ...[0, 0, 13, 5, 0, 0, 0, 0],
];

async function start(): Promise<void> {
  const since = Date.now();
  const [image] = await Promise.all([
    prepareImage({ tag: "digits:dev", context: path.join(checkout, "examples", "digits") }),
    startCluster(),
    step("pulumi", providePulumi),
  ]);
  // The name of the image is the same as before, so nothing else would make the pods that run take the new one.
  const stale = (await loadImage(image)) ? await deploymentsOf(image.tag) : [];
  const { services } = await step("pulumi up, stack dev", (say) => deploy("dev", say));
  await rollOut(stale);
  const url = services?.digits?.url;
  if (url === undefined)
    throw new Fault("The stack dev has no service digits with an address: see Pulumi.dev.yaml.");
  const body = JSON.stringify({ pixels: seven });
  const answer = await step("request", () => ask(`${url}/predict`, body));
  note(`
A model answers at ${url}

  curl ${url}/predict -H 'Content-Type: application/json' -d '${body}'
  ${answer}

Started in ${duration(Date.now() - since)}. \`npm stop\` takes everything down.`);
}

/** Deployments of the stack that run an image, as `namespace name`. */
async function deploymentsOf(tag: string): Promise<string[]> {
  const template = `{range .items[?(@.spec.template.spec.containers[0].image=="${tag}")]}{.metadata.namespace} {.metadata.name}{"\\n"}{end}`;
  const args = [
    "get",
    "deployments",
    "-A",
    "-l",
    "gpu-serving/stack=dev",
    "-o",
    `jsonpath=${template}`,
  ];
  return (await kubectl(args)).stdout.split("\n").filter((line) => line !== "");
}

async function rollOut(deployments: string[]): Promise<void> {
  for (const [namespace = "", name = ""] of deployments.map((line) => line.split(" "))) {
    await step(`rolling out the new image to ${name}`, async (say) => {
      await kubectl(["-n", namespace, "rollout", "restart", `deployment/${name}`]);
      await kubectl(["-n", namespace, "rollout", "status", `deployment/${name}`, "--timeout=5m"], {
        onLine: say,
      });
    });
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
