import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve, sep } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse, parseDocument, stringify } from "yaml";
import { z } from "zod";

/** The parts of a kubeconfig that lead to one cluster; whatever else is in them is kept. An entry may be empty, as for kubectl. */
const kubeconfig = z.looseObject({
  clusters: named({
    cluster: z.looseObject({ "certificate-authority": z.string().nullish() }).nullish(),
  }),
  // An empty user is nobody: kubectl writes such contexts, and so does `kubectl config set-context --namespace`.
  contexts: named({
    context: z.looseObject({ cluster: z.string().nullish(), user: z.string().nullish() }).nullish(),
  }),
  users: named({
    user: z
      .looseObject({
        "client-certificate": z.string().nullish(),
        "client-key": z.string().nullish(),
        tokenFile: z.string().nullish(),
        exec: z.looseObject({ command: z.string() }).nullish(),
      })
      .nullish(),
  }),
  "current-context": z.string().nullish(),
});

type Kubeconfig = z.output<typeof kubeconfig>;

function named<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .array(z.looseObject({ name: z.string(), ...shape }))
    .nullish()
    .transform((list) => list ?? []);
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
  const contexts = configs.flatMap((config) => config.contexts);
  const wanted = context ?? configs.map((config) => config["current-context"]).find(Boolean);
  const chosen = contexts.find(({ name }) => name === wanted);
  if (!chosen) {
    const names = contexts.map(({ name }) => name).join(", ") || "none in this file";
    throw fault("context", "no such context", wanted ?? "nothing", names, [
      `set cluster.context to one of those in ${found.join(", ")}`,
    ]);
  }
  const { context: of } = chosen;
  if (!of) throw empty("context", `${wanted}`);
  const parts = {
    cluster: configs.flatMap(({ clusters }) => clusters),
    user: configs.flatMap(({ users }) => users),
  };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [part("cluster", of.cluster ?? "")],
    contexts: [chosen],
    users: [part("user", of.user ?? "")],
    "current-context": wanted,
  });

  function part(kind: "cluster" | "user", name: string) {
    const one = parts[kind].find((candidate) => candidate.name === name);
    if (one?.[kind]) return one;
    if (one) throw empty(kind, name);
    const names = parts[kind].map((candidate) => candidate.name).join(", ") || "none";
    throw fault("context", `context ${wanted} names a ${kind} that is not there`, name, names, [
      `mend the context in ${found.join(", ")}, or choose another one`,
    ]);
  }

  function empty(kind: "cluster" | "context" | "user", name: string) {
    return fault(
      "context",
      `context ${wanted} leads to an entry without content`,
      `${kind} ${name}: null`,
      `a ${kind} with its content; for a user without a login, user: {}`,
      [`complete the entry in ${found.join(", ")}, or choose another context`],
    );
  }
}

/** What the current context of a kubeconfig leads to. */
export interface Current {
  /** Name of the cluster's entry. */
  name: string;
  /** Content of the cluster's entry. */
  cluster: Record<string, unknown>;
  /** Content of the user's entry. @default nobody logs in */
  user?: Record<string, unknown>;
}

/** What the current context of a kubeconfig leads to; undefined where there is no cluster or the text cannot be read. */
export function current(text: string): Current | undefined {
  const { data } = kubeconfig.safeParse(parseDocument(text).toJS());
  const of = data?.contexts.find(({ name }) => name === data["current-context"])?.context;
  const found = data?.clusters.find(({ name }) => name === of?.cluster);
  if (!found?.cluster) return undefined;
  const user = data?.users.find(({ name }) => name === of?.user)?.user;
  return { name: found.name, cluster: found.cluster, ...(user && { user }) };
}

/** What a cluster is known by where nobody says so: its name in the kubeconfig, which stays when its address or authority changes. */
export function identityIn(text: string): string {
  return current(text)?.name ?? "cluster";
}

/** As kubectl does: the files in KUBECONFIG, of which the first to define a name wins. */
function defaultFiles(): string[] {
  const listed = (process.env.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
  return listed.length > 0 ? listed : [join(homedir(), ".kube", "config")];
}

function read(file: string): Kubeconfig {
  const config = parsed(file);
  const at = (path: string) => (isAbsolute(path) ? path : join(dirname(file), path));
  for (const { cluster } of config.clusters) absolute(cluster ?? {}, ["certificate-authority"], at);
  for (const { user } of config.users) {
    absolute(user ?? {}, ["client-certificate", "client-key", "tokenFile"], at);
    // A bare command is looked up on PATH.
    if (user?.exec?.command.includes(sep)) user.exec.command = at(user.exec.command);
  }
  return config;
}

function parsed(file: string): Kubeconfig {
  try {
    return kubeconfig.parse(parse(readFileSync(file, "utf8")) ?? {});
  } catch (error) {
    throw fault(
      "kubeconfig",
      "cannot be read",
      `${file}: ${reason(error)}`,
      "a kubeconfig in YAML",
      ["mend the file, or set cluster.kubeconfig to another one"],
    );
  }
}

function reason(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [first] = error.issues;
    return `${first?.path.join(".") || "the whole file"}: ${first?.message}`;
  }
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}

function absolute<Key extends string>(
  entry: Partial<Record<Key, string | null>>,
  keys: Key[],
  at: (path: string) => string,
): void {
  for (const key of keys) {
    const path = entry[key];
    if (path) entry[key] = at(path);
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
