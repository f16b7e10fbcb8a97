import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve, sep } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import { z } from "zod";

/** Lists of entries, of which only those are looked at that a context leads to, as kubectl does. */
const entries = z
  .array(z.unknown())
  .nullish()
  .transform((list) => list ?? []);
const kubeconfig = z.looseObject({
  clusters: entries,
  contexts: entries,
  users: entries,
  "current-context": z.string().nullish(),
});
type Kubeconfig = z.output<typeof kubeconfig>;

const text = z.string().nullish();
/** What an entry holds under the name of its kind; whatever else is in it is kept. */
const contents = {
  context: z.looseObject({ cluster: text, user: text }).nullish(),
  cluster: z.looseObject({ "certificate-authority": text }).nullish(),
  user: z
    .looseObject({
      "client-certificate": text,
      "client-key": text,
      tokenFile: text,
      exec: z.looseObject({ command: z.string() }).nullish(),
    })
    .nullish(),
};
type Kind = keyof typeof contents;

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
  const configs = found.map((file) => ({ file, config: parsed(file) }));
  const currents = configs.map(({ config }) => config["current-context"]);
  const wanted = context ?? currents.find((name): name is string => !!name);
  const names = (kind: Kind) => configs.flatMap(({ config }) => namesIn(config, kind)).join(", ");
  const chosen = wanted ? entry("context", wanted) : undefined;
  if (!chosen || !wanted) {
    throw fault(
      "context",
      "no such context",
      wanted ?? "nothing",
      names("context") || "none in this file",
      [`set cluster.context to one of those in ${found.join(", ")}`],
    );
  }
  const of = content("context", contents.context, chosen);
  if (!of) throw empty("context", wanted);
  const cluster = entry("cluster", of.cluster ?? "") ?? missing("cluster", of.cluster ?? "");
  if (!content("cluster", contents.cluster, cluster)) throw empty("cluster", of.cluster ?? "");
  // Without a name, or without a content, it is nobody: kubectl writes such contexts, and so does `kubectl config set-context`.
  const user = of.user ? (entry("user", of.user) ?? missing("user", of.user)) : undefined;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [written("cluster", cluster, content("cluster", contents.cluster, cluster))],
    contexts: [written("context", chosen, of)],
    users: user ? [written("user", user, content("user", contents.user, user) ?? {})] : [],
    "current-context": wanted,
  });

  /** The first entry of a name, whose files come before those of later ones. */
  function entry(kind: Kind, name: string): Entry | undefined {
    for (const { file, config } of configs) {
      const found = entryIn(config, kind, name);
      if (found) return { ...found, file };
    }
    return undefined;
  }

  function missing(kind: Kind, name: string): never {
    throw fault(
      "context",
      `context ${wanted} names a ${kind} that is not there`,
      name,
      names(kind) || "none",
      [`mend the context in ${found.join(", ")}, or choose another one`],
    );
  }

  function empty(kind: Kind, name: string) {
    return fault(
      "context",
      `context ${wanted} leads to an entry without content`,
      `${kind} ${name}: null`,
      `a ${kind} with its content`,
      [`complete the entry in ${found.join(", ")}, or choose another context`],
    );
  }
}

/** An entry of a kubeconfig. */
interface Entry {
  file: string;
  /** Where it is in its list. */
  at: number;
  raw: Record<string, unknown>;
}

/** An entry as it is kept, its name first. */
function written(kind: Kind, { raw }: Entry, content: unknown): Record<string, unknown> {
  return { name: raw.name, [kind]: undefined, ...raw, [kind]: content };
}

/** What an entry holds, with absolute paths. */
function content<Content extends Record<string, unknown>>(
  kind: Kind,
  shape: z.ZodType<Content | null | undefined>,
  { file, at, raw }: Entry,
): Content | null | undefined {
  const { data, error } = shape.safeParse(raw[kind]);
  if (error) throw unreadable(file, error, [`${kind}s`, at, kind]);
  return data && withAbsolutePaths(data, file);
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
  if (!config) return undefined;
  const of = (kind: Kind, name: unknown) => {
    const found = typeof name === "string" ? entryIn(config, kind, name)?.raw[kind] : undefined;
    return isMap(found) ? found : undefined;
  };
  const context = of("context", config["current-context"]);
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
    return kubeconfig.safeParse(parse(text)).data;
  } catch {
    return undefined;
  }
}

function entryIn(
  config: Kubeconfig,
  kind: Kind,
  name: string,
): Pick<Entry, "at" | "raw"> | undefined {
  for (const [at, raw] of config[`${kind}s`].entries()) {
    if (isMap(raw) && raw.name === name) return { at, raw };
  }
  return undefined;
}

function namesIn(config: Kubeconfig, kind: Kind): string[] {
  return config[`${kind}s`].flatMap((one) =>
    isMap(one) && typeof one.name === "string" ? [one.name] : [],
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As kubectl does: the files in KUBECONFIG, of which the first to define a name wins. */
function defaultFiles(): string[] {
  const listed = (process.env.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
  return listed.length > 0
    ? listed.map((file) => resolve(file))
    : [join(homedir(), ".kube", "config")];
}

/** Keys of entries that are paths from the folder of their file. */
const paths = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

function withAbsolutePaths<Content extends Record<string, unknown>>(
  content: Content,
  file: string,
): Content {
  const at = (path: string) => (isAbsolute(path) ? path : join(dirname(file), path));
  const { exec } = content;
  return {
    ...content,
    ...Object.fromEntries(
      paths.flatMap((key) => {
        const path = content[key];
        return typeof path === "string" && path !== "" ? [[key, at(path)]] : [];
      }),
    ),
    // A bare command is looked up on PATH.
    ...(isMap(exec) &&
      typeof exec.command === "string" &&
      exec.command.includes(sep) && { exec: { ...exec, command: at(exec.command) } }),
  };
}

function parsed(file: string): Kubeconfig {
  try {
    return kubeconfig.parse(parse(readFileSync(file, "utf8")) ?? {});
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown, at: (string | number)[] = []): pulumi.RunError {
  return fault(
    "kubeconfig",
    "cannot be read",
    `${file}: ${reason(error, at)}`,
    "a kubeconfig in YAML",
    ["mend the file, or set cluster.kubeconfig to another one"],
  );
}

function reason(error: unknown, at: (string | number)[]): string {
  if (error instanceof z.ZodError) {
    const [first] = error.issues;
    return `${[...at, ...(first?.path ?? [])].join(".") || "the whole file"}: ${first?.message}`;
  }
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
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
