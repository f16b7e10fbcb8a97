import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";

type Named<Kind extends string, Value> = { name: string } & Record<Kind, Value>;

/** The parts of a kubeconfig that lead to one cluster. */
interface Kubeconfig {
  clusters?: Named<"cluster", Record<string, unknown>>[];
  contexts?: Named<"context", { cluster: string; user: string; namespace?: string }>[];
  users?: Named<"user", Record<string, unknown>>[];
  "current-context"?: string;
}

/** Where to find a cluster that exists. */
export interface KubeconfigSource {
  /** Path of the kubeconfig. @default those in KUBECONFIG, else ~/.kube/config */
  kubeconfig?: string;
  /** Context to use. @default the current context */
  context?: string;
}

/**
 * Text of a kubeconfig with one context and nothing else, so that the state holds no other cluster's credentials.
 * Paths in it become absolute: the provider reads it in a folder of its own.
 */
export function readKubeconfig({ kubeconfig, context }: KubeconfigSource): string {
  const files = kubeconfig ? [resolve(kubeconfig)] : defaultFiles();
  const found = files.filter((file) => existsSync(file));
  if (found.length === 0) {
    throw fault("kubeconfig", "no such file", files.join(", "), "a kubeconfig that can be read", [
      "set cluster.kubeconfig to its path, or fetch one with your cloud's command line",
      "(the local cluster of the dev stack is made by `npm start`)",
    ]);
  }
  const configs = found.map(read);
  const all = {
    clusters: configs.flatMap(({ clusters }) => clusters ?? []),
    contexts: configs.flatMap(({ contexts }) => contexts ?? []),
    users: configs.flatMap(({ users }) => users ?? []),
  };
  const wanted =
    context ?? configs.map((config) => config["current-context"]).find((name) => Boolean(name));
  const chosen = all.contexts.find(({ name }) => name === wanted);
  const cluster = all.clusters.find(({ name }) => name === chosen?.context.cluster);
  const user = all.users.find(({ name }) => name === chosen?.context.user);
  if (!chosen || !cluster) {
    const names = all.contexts.map(({ name }) => name).join(", ") || "none in this file";
    throw fault("context", "no such context", wanted ?? "nothing", names, [
      `set cluster.context to one of those in ${found.join(", ")}`,
    ]);
  }
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [cluster],
    contexts: [chosen],
    users: user ? [user] : [],
    "current-context": chosen.name,
  });
}

/** As kubectl does: the files in KUBECONFIG, of which the first to define a name wins. */
function defaultFiles(): string[] {
  const listed = (process.env.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
  return listed.length > 0 ? listed : [join(homedir(), ".kube", "config")];
}

function read(file: string): Kubeconfig {
  let config: Kubeconfig | null;
  try {
    config = parse(readFileSync(file, "utf8")) as Kubeconfig | null;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw fault("kubeconfig", "cannot be read", `${file}: ${reason}`, "a kubeconfig in YAML", [
      "mend the file, or set cluster.kubeconfig to another one",
    ]);
  }
  const folder = dirname(file);
  for (const { cluster } of config?.clusters ?? []) {
    absolute(cluster, ["certificate-authority"], folder);
  }
  for (const { user } of config?.users ?? []) {
    absolute(user, ["client-certificate", "client-key", "tokenFile"], folder);
  }
  return config ?? {};
}

function absolute(entry: Record<string, unknown>, keys: string[], folder: string): void {
  for (const key of keys) {
    const path = entry[key];
    if (typeof path === "string" && path !== "" && !isAbsolute(path)) {
      entry[key] = join(folder, path);
    }
  }
}

function fault(
  key: "kubeconfig" | "context",
  what: string,
  found: string,
  allowed: string,
  remedy: string[],
): pulumi.RunError {
  return new pulumi.RunError(
    [
      `cluster.${key}: ${what}; nothing was created or changed.`,
      `    found:   ${found}`,
      `    allowed: ${allowed}`,
      `    do:      ${remedy.join(" ")}`,
    ].join("\n"),
  );
}
