import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { z } from "zod";
import { current } from "../components/cluster/kubeconfig";
import { run } from "../process/run";

const text = z.string().nullish();
const exec = z.object({
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  apiVersion: text,
  installHint: text,
  provideClusterInfo: z.boolean().nullish(),
});
const clusterEntry = z.object({
  server: z.string(),
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": z.boolean().nullish(),
  "tls-server-name": text,
  "proxy-url": text,
});
type ClusterEntry = z.output<typeof clusterEntry>;
type Exec = z.output<typeof exec>;

/** Why a cluster cannot be worked on. */
export interface Unreachable {
  /** Address of its API server. */
  server: string;
  /** What is wrong, such as `no answer within 5 s`. */
  problem: string;
  /** What to do. */
  fix: string;
}

/** How long is waited, in milliseconds. */
export interface Patience {
  /** For the API server. @default 5000 */
  answer?: number;
  /** For the command that logs in. @default 20000 */
  login?: number;
}

/**
 * Why the cluster of a kubeconfig cannot be worked on; undefined where it can, or where that cannot be told. The API server is asked
 * without credentials: any answer of HTTP will do.
 */
export async function unreachable(
  text: string,
  { answer = 5000, login = 20_000 }: Patience = {},
): Promise<Unreachable | undefined> {
  const { cluster, exec } = entriesOf(text);
  // Through a proxy the client of Kubernetes reaches what this question does not.
  if (!cluster || cluster["proxy-url"] || proxied(cluster.server)) return undefined;
  const { server } = cluster;
  const problem = await silence(cluster, answer);
  if (problem !== undefined) {
    return {
      ...{ server, problem },
      fix: "start the cluster, or connect to its network (VPN, allowed ranges), or correct the kubeconfig",
    };
  }
  return exec && (await loginFailure(cluster, exec, login));
}

function entriesOf(text: string): { cluster?: ClusterEntry; exec?: Exec } {
  const found = current(text);
  return {
    cluster: clusterEntry.safeParse(found?.cluster).data,
    exec: exec.safeParse(found?.user?.exec).data,
  };
}

/** Whether the client of Kubernetes goes through a proxy that the environment names. */
function proxied(server: string): boolean {
  const { env } = process;
  if (!(env.HTTPS_PROXY ?? env.https_proxy) || !URL.canParse(server)) return false;
  const host = new URL(server).hostname;
  if (/^(localhost|127\.|\[::1\])/.test(host)) return false;
  const direct = (env.NO_PROXY ?? env.no_proxy ?? "").split(",").map((one) => one.trim());
  return !direct.some(
    (one) => one === "*" || (one !== "" && `.${host}`.endsWith(one.replace(/^\.?/, "."))),
  );
}

/** Why nobody answers at the address; undefined where somebody does. */
function silence(cluster: ClusterEntry, timeout: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    try {
      const url = new URL("version", cluster.server.replace(/\/?$/, "/"));
      const options = { agent: false, timeout, ...trustOf(cluster) };
      const { get } = url.protocol === "http:" ? http : https;
      const request = get(url, options, (answer) => {
        answer.resume();
        resolve(undefined);
      });
      request.on("timeout", () =>
        request.destroy(new Error(`no answer within ${timeout / 1000} s`)),
      );
      request.on("error", (error) =>
        resolve(isAnswer(error, cluster) ? undefined : inWords(error)),
      );
    } catch (error) {
      resolve(inWords(error));
    }
  });
}

/** Somebody answers who asks for a certificate of ours, or whose own is judged by the system's authorities, which Node does not know. */
function isAnswer(error: unknown, cluster: ClusterEntry): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/^ERR_SSL_.*ALERT/.test(code)) return true;
  const named = cluster["certificate-authority-data"] ?? cluster["certificate-authority"];
  return !named && /CERT|SIGNED|ISSUER/.test(code) && !/EXPIRED|ALTNAME/.test(code);
}

function trustOf(cluster: ClusterEntry): https.RequestOptions {
  const { "certificate-authority-data": data, "certificate-authority": file } = cluster;
  return {
    ca: data ? Buffer.from(data, "base64") : file ? readFileSync(file) : undefined,
    // As Go does, which takes any certificate that is given for an authority.
    allowPartialTrustChain: true,
    rejectUnauthorized: !cluster["insecure-skip-tls-verify"],
    servername: cluster["tls-server-name"] ?? undefined,
  };
}

function inWords(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const said = error instanceof Error ? error.message || code : String(error);
  if (code === "ENOTFOUND") return "its name has no address";
  if (code === "ECONNREFUSED") return "the connection is refused: nothing listens there";
  if (/CERT|SIGNED|ALTNAME|ISSUER/.test(code)) {
    return `its certificate is not the one that the kubeconfig expects (${said})`;
  }
  return said;
}

/** Runs the command that logs in, as the client of Kubernetes does. */
async function loginFailure(
  cluster: ClusterEntry,
  { command, args, env, installHint, apiVersion, provideClusterInfo }: Exec,
  timeout: number,
): Promise<Unreachable | undefined> {
  const variables = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const asked = {
    apiVersion: apiVersion ?? "client.authentication.k8s.io/v1beta1",
    kind: "ExecCredential",
    spec: { interactive: false, ...(provideClusterInfo ? { cluster: clusterInfo(cluster) } : {}) },
  };
  const { code, stderr } = await run(command, args ?? [], {
    env: { ...process.env, ...variables, KUBERNETES_EXEC_INFO: JSON.stringify(asked) },
    mayFail: true,
    timeout,
  });
  if (code === 0) return undefined;
  if (code === 124) {
    return {
      server: cluster.server,
      problem: `the login did not end within ${timeout / 1000} s: ${command}`,
      fix: `run ${command} by hand to see what it waits for, then repeat the command`,
    };
  }
  const missing = code === 127;
  const said = (stderr.trim() || `exit code ${code}`).split("\n").slice(-5);
  return {
    server: cluster.server,
    problem: missing
      ? `the command ${command} that logs in is not installed`
      : `the login failed: ${command} says: ${said.join("\n             ")}`,
    fix: missing
      ? (installHint ?? `install ${command}`).trim()
      : "log in again, then repeat the command",
  };
}

function clusterInfo(cluster: ClusterEntry) {
  return {
    server: cluster.server,
    "certificate-authority-data": cluster["certificate-authority-data"] ?? undefined,
  };
}
