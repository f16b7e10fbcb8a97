import { readFileSync } from "node:fs";
import type { Current } from "../components/cluster/kubeconfig";
import {
  credentialIn,
  logIn,
  loginCommand,
  LoginFailure,
  longestLogin,
  type Credential,
} from "./login";
import { proxyOf } from "./proxy";

type Entry = Record<string, unknown>;

/** A cluster and somebody who is logged in to it, as `@kubernetes/client-node` reads them. */
export interface LoggedIn {
  /** A kubeconfig with a context for these alone. */
  entries: object;
  /** Until when the login is good, as a time in milliseconds. @default no login says so */
  until?: number;
}

/**
 * Logs in to a cluster as its entries say, and gives the client what it would not find by itself: the credential of a login, which it
 * would wait for without an end, the proxy of the environment, and leave for plain HTTP, as `kubectl proxy` speaks it.
 * @param timeout milliseconds that the login may take
 */
export async function loggedIn(
  { cluster, user = {} }: Current,
  server: string,
  timeout = longestLogin,
): Promise<LoggedIn> {
  const { exec, tokenFile, ...rest } = user;
  const { data: command } = loginCommand.safeParse(exec);
  if (exec && !command) {
    throw new LoginFailure(
      "the login of the kubeconfig cannot be read",
      "correct the exec of the user in the kubeconfig",
      true,
    );
  }
  const given =
    command && credentialIn(await logIn(command, { ...cluster, server }, timeout), command);
  const entry: Entry = {
    ...overFiles(rest, ["client-certificate", "client-key"]),
    ...(typeof tokenFile === "string" &&
      tokenFile !== "" && { token: readFileSync(tokenFile, "utf8").trim() }),
    ...(given && entryOf(given)),
  };
  const until = Date.parse(given?.expirationTimestamp ?? "");
  return {
    entries: {
      clusters: [{ name: "it", cluster: clusterEntry(cluster, server) }],
      users: [{ name: "it", user: entry }],
      contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
      "current-context": "it",
    },
    ...(!Number.isNaN(until) && { until }),
  };
}

function clusterEntry(cluster: Entry, server: string): Entry {
  const proxy = cluster["proxy-url"] || proxyOf(server);
  return {
    ...overFiles(cluster, ["certificate-authority"]),
    server,
    ...(proxy !== undefined && { "proxy-url": proxy }),
    // There is nothing to verify.
    ...(server.startsWith("http:") && { "insecure-skip-tls-verify": true }),
  };
}

/** What an entry holds itself comes before what it names a file for, as for kubectl. */
function overFiles(entry: Entry, keys: string[]): Entry {
  const held = keys.filter((key) => entry[`${key}-data`]);
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !held.includes(key)));
}

function entryOf({ token, clientCertificateData, clientKeyData }: Credential): Entry {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return {
    ...(token && { token }),
    ...(clientCertificateData && { "client-certificate-data": base64(clientCertificateData) }),
    ...(clientKeyData && { "client-key-data": base64(clientKeyData) }),
  };
}
