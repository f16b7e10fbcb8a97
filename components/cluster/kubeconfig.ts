import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve, sep } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import { z } from "zod";

const text = z.string().nullish();
/** Lists of entries, of which only those are looked at that a context leads to, as kubectl does. */
const entries = z
  .array(z.unknown())
  .nullish()
  .transform((list) => list ?? []);
const lists = z.looseObject({
  ...{ clusters: entries, contexts: entries, users: entries },
  "current-context": text,
});

/** What an entry of any kind holds under the name of its kind; whatever else is in it is kept. */
const content = z
  .looseObject({
    ...{ cluster: text, user: text },
    ...{ "certificate-authority": text, "client-certificate": text, "client-key": text },
    tokenFile: text,
    exec: z.looseObject({ command: z.string() }).nullish(),
  })
  .nullish();

/** Keys of it that are paths from the folder of their file. */
const paths = ["certificate-authority", "client-certificate", "client-key", "tokenFile"] as const;

/** A kubeconfig: its current context, and the entries that have a name. */
interface Kubeconfig {
  current?: string | null;
  entries: Entry[];
}

const kinds = ["context", "cluster", "user"] as const;
type Kind = (typeof kinds)[number];

interface Entry {
  file: string;
  kind: Kind;
  /** Where it is in its list. */
  at: number;
  name: string;
  raw: Record<string, unknown>;
}

/** Where to find a cluster that exists. */
export interface KubeconfigSource {
  /** Path of the kubeconfig; `~/` is the home folder. @default those in KUBECONFIG, else ~/.kube/config */
  kubeconfig?: string;
  /** Context to use. @default the current context */
  context?: string;
}

/**
 * Text of a kubeconfig with one context and nothing else, so that the state holds no other cluster's credentials.
 * Paths in it become absolute: the provider reads it in a folder of its own.
 */
export function readKubeconfig(source: KubeconfigSource): string {
  const files = source.kubeconfig ? [resolve(withHome(source.kubeconfig))] : defaultFiles();
  const found = files.filter((file) => existsSync(file));
  if (found.length === 0) {
    throw fault(
      "kubeconfig: no such file",
      files.join(", "),
      "a kubeconfig that can be read",
      "set cluster.kubeconfig to its path, or fetch one with your cloud's command line (the local cluster of the dev stack is made by `npm start`)",
    );
  }
  const configs = found.map(parsed);
  const where = found.join(", ");
  // Of several entries of a name the first counts.
  const entries = configs.flatMap((config) => config.entries);
  const names = (of: Kind) =>
    entries.flatMap(({ kind, name }) => (kind === of ? [name] : [])).join(", ");
  const wanted = source.context ?? configs.map(({ current }) => current).find(Boolean);
  const context = wanted ? entryOf(entries, "context", wanted) : undefined;
  if (!context) {
    throw fault(
      "context: no such context",
      wanted ?? "nothing",
      names("context") || "none in this file",
      `set cluster.context to one of those in ${where}`,
    );
  }
  const of = filled(context);
  const cluster = named("cluster", of.cluster ?? "");
  const itsCluster = filled(cluster);
  // Without a name, or without a content, it is nobody: kubectl writes such contexts, and so does `kubectl config set-context`.
  const user = of.user ? named("user", of.user) : undefined;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [written(cluster, itsCluster)],
    contexts: [written(context, of)],
    users: user ? [written(user, contentOf(user) ?? {})] : [],
    "current-context": context.name,
  });

  /** The entry that the context names. */
  function named(kind: Kind, name: string): Entry {
    const entry = entryOf(entries, kind, name);
    if (entry) return entry;
    throw fault(
      `context: context ${wanted} names a ${kind} that is not there`,
      name,
      names(kind) || "none",
      `mend the context in ${where}, or choose another one`,
    );
  }

  /** What an entry holds, where it must hold something. */
  function filled(entry: Entry) {
    const content = contentOf(entry);
    if (content) return content;
    throw fault(
      `context: context ${wanted} leads to an entry without content`,
      `${entry.kind} ${entry.name}: null`,
      `a ${entry.kind} with its content`,
      `complete the entry in ${where}, or choose another context`,
    );
  }
}

/** An entry as it is kept, its name first. */
function written({ kind, raw }: Entry, content: unknown): Record<string, unknown> {
  return { name: raw.name, [kind]: undefined, ...raw, [kind]: content };
}

/** What an entry holds, with absolute paths. */
function contentOf({ file, kind, at, raw }: Entry) {
  const { data, error } = content.safeParse(raw[kind]);
  if (error) throw unreadable(file, error, [`${kind}s`, at, kind]);
  const whole = (path: string) => resolve(dirname(file), path);
  const exec = data?.exec;
  return (
    data && {
      ...data,
      ...Object.fromEntries(
        paths.flatMap((key) => (data[key] ? [[key, whole(data[key])] as const] : [])),
      ),
      // A bare command is looked up on PATH.
      ...(exec?.command.includes(sep) && { exec: { ...exec, command: whole(exec.command) } }),
    }
  );
}

/** What the current context of a kubeconfig leads to. */
export interface Current {
  /** Name of the cluster's entry. */
  name: string;
  /** Content of the cluster's entry, with the whole address of the server. */
  cluster: Record<string, unknown>;
  /** Content of the user's entry. @default nobody logs in */
  user?: Record<string, unknown>;
}

/** What the current context of a kubeconfig leads to; undefined where there is no cluster or the text cannot be read. */
export function current(text: string): Current | undefined {
  const config = configIn(text);
  const of = (kind: Kind, name: unknown) => {
    const found = entryOf(config?.entries ?? [], kind, name)?.raw[kind];
    return isMap(found) ? found : undefined;
  };
  const context = of("context", config?.current);
  const cluster = of("cluster", context?.cluster);
  const user = of("user", context?.user);
  if (!cluster) return undefined;
  const server = wholeAddress(cluster, user);
  return {
    name: String(context?.cluster),
    cluster: { ...cluster, ...(server !== undefined && { server }) },
    ...(user && { user }),
  };
}

/** What a cluster is known by where nobody says so: its name in the kubeconfig, which stays when its address or authority changes. */
export function identityIn(text: string): string {
  return current(text)?.name ?? "cluster";
}

/**
 * Address of a server; one without a scheme is completed as client-go does (`rest/url_utils.go`, `DefaultServerUrlFor`): by https
 * where the entries tell something of certificates, else by http.
 */
function wholeAddress(
  cluster: Record<string, unknown>,
  user: Record<string, unknown> = {},
): string | undefined {
  const { server } = cluster;
  if (typeof server !== "string") return undefined;
  const scheme = /^[a-z][a-z\d+.-]*:\/\/(?=[^/])/i.exec(server)?.[0];
  if (scheme !== undefined) return scheme.toLowerCase() + server.slice(scheme.length);
  const isTls =
    ["certificate-authority", "certificate-authority-data"].some((key) => cluster[key]) ||
    ["client-certificate", "client-certificate-data"].some((key) => user[key]) ||
    cluster["insecure-skip-tls-verify"] === true;
  return `${isTls ? "https" : "http"}://${server}`;
}

function configIn(text: string): Kubeconfig | undefined {
  try {
    return configOf(parse(text), "");
  } catch {
    return undefined;
  }
}

function parsed(file: string): Kubeconfig {
  try {
    return configOf(parse(readFileSync(file, "utf8")) ?? {}, file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function configOf(value: unknown, file: string): Kubeconfig {
  const config = lists.parse(value);
  return {
    current: config["current-context"],
    entries: kinds.flatMap((kind) =>
      config[`${kind}s`].flatMap((raw, at) =>
        isMap(raw) && typeof raw.name === "string" ? [{ file, kind, at, name: raw.name, raw }] : [],
      ),
    ),
  };
}

function entryOf(entries: readonly Entry[], kind: Kind, name: unknown): Entry | undefined {
  return entries.find((entry) => entry.kind === kind && entry.name === name);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A path from the home folder, as a shell would write it out. */
function withHome(path: string): string {
  return path.replace(/^~(?=\/|$)/, () => homedir());
}

/** As kubectl does: the files in KUBECONFIG, of which the first to define a name wins. */
function defaultFiles(): string[] {
  const listed = (process.env.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
  if (listed.length === 0) return [join(homedir(), ".kube", "config")];
  return listed.map((file) => resolve(file));
}

function unreadable(file: string, error: unknown, at: (string | number)[] = []): pulumi.RunError {
  return fault(
    "kubeconfig: cannot be read",
    `${file}: ${reason(error, at)}`,
    "a kubeconfig in YAML",
    "mend the file, or set cluster.kubeconfig to another one",
  );
}

function reason(error: unknown, at: (string | number)[]): string {
  if (error instanceof z.ZodError) {
    const [first] = error.issues;
    return `${[...at, ...(first?.path ?? [])].join(".") || "the whole file"}: ${first?.message}`;
  }
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}

function fault(problem: string, found: string, allowed: string, fix: string): pulumi.RunError {
  return new pulumi.RunError(
    [
      `cluster.${problem}; nothing was created or changed.`,
      `    found:   ${found}`,
      `    allowed: ${allowed}`,
      `    do:      ${fix}`,
    ].join("\n"),
  );
}
