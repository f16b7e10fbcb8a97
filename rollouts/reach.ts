import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { z } from "zod";
import { current } from "../components/cluster/kubeconfig";
import { errorCode } from "../process/fault";
import { logIn, loginCommand, LoginFailure, longestLogin, type FailedLogin } from "./login";
import { proxyOf } from "./proxy";

const text = z.string().nullish();
const clusterEntry = z.object({
  server: z.string(),
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": z.boolean().nullish(),
  "tls-server-name": text,
  "proxy-url": text,
});
type ClusterEntry = z.output<typeof clusterEntry>;

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
  { answer = 5000, login = longestLogin }: Patience = {},
): Promise<Unreachable | undefined> {
  const found = current(text);
  const { data: cluster } = clusterEntry.safeParse(found?.cluster);
  // Through a proxy the client of Kubernetes reaches what this question does not.
  if (!cluster || cluster["proxy-url"] || proxyOf(cluster.server) !== undefined) return undefined;
  const { server } = cluster;
  const silent = await silence(cluster, answer);
  if (silent !== undefined) {
    return {
      ...{ server, problem: silent },
      fix: "start the cluster, or connect to its network (VPN, allowed ranges), or correct the kubeconfig",
    };
  }
  const failed = await failedLogin(text, login);
  return failed && { server, problem: failed.message, fix: failed.fix };
}

/** Why the command of a kubeconfig does not log in; undefined where it does, or where there is none. The cluster is not asked. */
export async function failedLogin(
  text: string,
  timeout = longestLogin,
): Promise<FailedLogin | undefined> {
  const found = current(text);
  const { data: command } = loginCommand.safeParse(found?.user?.exec);
  try {
    if (found && command) await logIn(command, found.cluster, timeout);
    return undefined;
  } catch (error) {
    if (error instanceof LoginFailure) return error;
    throw error;
  }
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
  const code = errorCode(error) ?? "";
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
  const code = errorCode(error) ?? "";
  const said = error instanceof Error ? error.message || code : String(error);
  if (code === "ENOTFOUND") return "its name has no address";
  if (code === "ECONNREFUSED") return "the connection is refused: nothing listens there";
  if (/CERT|SIGNED|ALTNAME|ISSUER/.test(code)) {
    return `its certificate is not the one that the kubeconfig expects (${said})`;
  }
  return said;
}
