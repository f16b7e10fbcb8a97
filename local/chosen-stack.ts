import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { Fault } from "../process/fault";

const local = z.object({ kubeconfig: z.literal(".local/kubeconfig") });
/** A stack file, as it is written and as Pulumi rewrites it. */
const onLocalCluster = z.object({
  config: z.union([z.object({ cluster: local }), z.object({ "gpu-serving:cluster": local })]),
});

const files = z.array(z.string()).optional();
const including = z.object({
  config: z.object({ include: files, "gpu-serving:include": files }),
});

/** The stack that `npm start` is asked to serve: the first word after it, `dev` without one. */
export function chosenStack(words: readonly string[], folder: string): string {
  const [stack = "dev", ...more] = words;
  const known = localStacks(folder);
  if (more.length === 0 && known.includes(stack)) return stack;
  const those = `npm start serves ${known.join(", ")}`;
  if (more.length > 0) {
    throw new Fault(
      `One stack at a time, got ${words.join(" ")}: write \`npm start -- ${stack}\`; ${those}.`,
    );
  }
  throw new Fault(
    stackNames(folder).includes(stack)
      ? `The stack ${stack} is not on the local cluster, because Pulumi.${stack}.yaml has no \`kubeconfig: .local/kubeconfig\` below \`cluster\`: for that one, run \`npm run apply -- ${stack}\`. ${those}.`
      : `There is no stack ${stack}, because there is no Pulumi.${stack}.yaml: ${those}.`,
  );
}

/** The files that a stack's services are written in: those that its file includes, else that file itself. */
export function entryFiles(stack: string, folder: string): string[] {
  const { config } = including.parse(parse(textOf(stack, folder)));
  return config.include ?? config["gpu-serving:include"] ?? [`Pulumi.${stack}.yaml`];
}

const textOf = (stack: string, folder: string) =>
  readFileSync(path.join(folder, `Pulumi.${stack}.yaml`), "utf8");

const stackNames = (folder: string) =>
  readdirSync(folder)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name) => name !== undefined)
    .sort();

/** Stacks whose file names the local cluster's kubeconfig. */
const localStacks = (folder: string) =>
  stackNames(folder).filter((name) => {
    const text = textOf(name, folder);
    try {
      return onLocalCluster.safeParse(parse(text)).success;
    } catch (error) {
      if (error instanceof YAMLParseError) return text.includes(".local/kubeconfig");
      throw error;
    }
  });
