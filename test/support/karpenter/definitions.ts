import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { kubectl } from "../../../local/cluster";
import { checkout } from "../../../local/folder";
import { run } from "../../../process/run";

interface Definition {
  metadata: { name: string; resourceVersion?: string };
}

/**
 * Gives the cluster the kinds that the controller works with, from its own Go module.
 * @returns what puts back the definitions that were there before, such as other tests' NodePools without rules
 */
export async function installDefinitions(): Promise<() => Promise<void>> {
  const before = new Map<string, Definition | undefined>();
  for (const definition of await ownDefinitions()) {
    const { name } = definition.metadata;
    const found = await kubectl(["get", "crd", name, "--ignore-not-found", "--output", "json"]);
    before.set(name, found.stdout === "" ? undefined : (JSON.parse(found.stdout) as Definition));
    await send(found.stdout === "" ? "create" : "replace", definition);
  }
  const names = [...before.keys()].map((name) => `crd/${name}`);
  await kubectl(["wait", "--for=condition=Established", "--timeout=300s", ...names]);
  return async () => {
    for (const [name, definition] of before) {
      if (definition === undefined) await kubectl(["delete", "crd", name, "--timeout=300s"]);
      else await send("replace", withoutVersion(definition));
    }
  };
}

async function ownDefinitions(): Promise<Definition[]> {
  const { stdout } = await run("go", ["mod", "download", "-json", "sigs.k8s.io/karpenter"], {
    cwd: join(checkout, "local", "tools", "karpenter"),
    env: { ...process.env, GOWORK: "off" },
  });
  const { Dir: module } = JSON.parse(stdout) as { Dir: string };
  return [join(module, "pkg", "apis", "crds"), join(module, "kwok", "apis", "crds")].flatMap(
    (folder) =>
      readdirSync(folder).map(
        (file) => parse(readFileSync(join(folder, file), "utf8")) as Definition,
      ),
  );
}

const send = (how: "create" | "replace", definition: Definition) =>
  kubectl([how, "--filename", "-"], { input: JSON.stringify(definition) });

/** With its old version a definition would only replace the one it was read from. */
function withoutVersion({ metadata, ...rest }: Definition): Definition {
  return { ...rest, metadata: { ...metadata, resourceVersion: undefined } };
}
