import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Suite } from "mocha";
import { kubectl } from "../../local/cluster";
import { checkMachine } from "../../local/embedded";
import { sentenceFor } from "../../process/fault";
import { checkout, inFolder, inTurn } from "../../local/folder";
import { askDocker } from "../../local/docker";
import { loadImage, prepareImage, startCluster } from "../../local/local";
import { pulumi } from "../../local/pulumi";
import { createStack } from "../../local/stack";
import { toolPath } from "../../local/tools";

/** What the local cluster offers to end-to-end tests. */
export interface LocalClusterForTests {
  /** Folder for files of the tests, below the one that git ignores; there from the first hook on. */
  folder: string;
  /** Path of the administrator's kubeconfig. */
  kubeconfig: string;
  /** Runs kubectl on the cluster. */
  kubectl(args: string[]): Promise<{ stdout: string }>;
  /** Runs pulumi on the local state; a failure is an error unless it may fail. */
  pulumi(
    args: string[],
    mayFail?: boolean,
  ): Promise<{ code: number; stdout: string; output: string }>;
  /** Makes an empty stack of the program, in place of one that an earlier run may have left. */
  newStack(name: string): Promise<void>;
  /** Builds the example's image and loads it into the cluster. */
  image(tag: string, buildArgs: Record<string, string>): Promise<void>;
}

/** Whether Pulumi's own download of the Kubernetes provider is in use, not the old one that can be compiled. */
export const usesCurrentProvider = () => !existsSync(join(toolPath, "pulumi-resource-kubernetes"));

/** Why this machine cannot host the cluster; undefined where it can. */
async function obstacle(): Promise<string | undefined> {
  const docker = await askDocker();
  if (!("cause" in docker)) return undefined;
  try {
    checkMachine(docker);
    return undefined;
  } catch (thrown) {
    return sentenceFor(thrown);
  }
}

/**
 * Starts the local cluster before the tests of a suite. Where the machine cannot host it the suite is skipped and says
 * why, unless E2E=required: then it fails.
 */
export function cluster(suite: Suite): LocalClusterForTests {
  suite.beforeAll("the local cluster runs", async function () {
    this.timeout(45 * 60_000);
    const reason = await obstacle();
    if (reason === undefined) {
      // Another lane of the tests may be at it.
      await inTurn("start", () => startCluster({ simulatedNodes: true }));
    } else if (process.env.E2E === "required") {
      throw new Error(reason);
    } else {
      console.log(`SKIPPED: ${suite.title}: ${reason}`);
      this.skip();
    }
  });
  const folder = inFolder("test", "e2e");
  suite.beforeAll("the folder is there", () => void mkdirSync(folder, { recursive: true }));
  return {
    folder,
    kubeconfig: inFolder("kubeconfig"),
    kubectl: (args) => kubectl(args),
    async pulumi(args, mayFail = false) {
      const { code, stdout, stderr } = await pulumi(args, { mayFail: true });
      const output = stdout + stderr;
      if (code !== 0 && !mayFail) {
        const pods = await kubectl(["get", "pods", "--all-namespaces", "--output=wide"]);
        const diagnostics = output.slice(Math.max(0, output.lastIndexOf("Diagnostics:")));
        throw new Error(`pulumi ${args[0]} failed with ${code}\n${diagnostics}\n${pods.stdout}`);
      }
      return { code, stdout, output };
    },
    async newStack(name) {
      // A run that was killed has left its lock.
      await pulumi(["cancel", "--yes", "--stack", name], { mayFail: true });
      await pulumi(["stack", "rm", name, "--force", "--yes"], { mayFail: true });
      await createStack(name);
    },
    async image(tag, buildArgs) {
      const context = join(checkout, "examples", "digits");
      await loadImage(await prepareImage({ tag, context, args: buildArgs }));
    },
  };
}
