import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Current } from "../components/cluster/kubeconfig";
import { run } from "../process/run";
import { proxyOf } from "./proxy";

const text = z.string().nullish();

/** A command of a kubeconfig that logs in. */
export const loginCommand = z.object({
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  apiVersion: text,
  installHint: text,
  provideClusterInfo: z.boolean().nullish(),
});
type LoginCommand = z.output<typeof loginCommand>;

/** What a login gives: a token, or a certificate with its key in PEM. */
const credential = z.object({
  status: z.object({
    token: text,
    clientCertificateData: text,
    clientKeyData: text,
    expirationTimestamp: text,
  }),
});

/** Milliseconds that a login may take. */
export const longestLogin = 20_000;

/** A login failed. */
export class LoginFailure extends Error {
  /**
   * @param message what is wrong
   * @param fix what to do
   * @param lasting whether the next attempt cannot succeed either
   */
  constructor(
    message: string,
    readonly fix: string,
    readonly lasting = false,
  ) {
    super(message);
    this.name = "LoginFailure";
  }
}

/** Why nobody can log in, and what to do. */
export type FailedLogin = Pick<LoginFailure, "message" | "fix">;

/**
 * Logs in to a cluster as its entries say: gives a kubeconfig for `@kubernetes/client-node`, and until when the login is good, in
 * milliseconds, where it says so. The client would wait for a login without an end, and finds by itself neither the proxy of the
 * environment nor leave for plain HTTP, as `kubectl proxy` speaks it.
 * @param timeout milliseconds that the login may take
 */
export async function loggedIn(
  { cluster, user = {} }: Current,
  server: string,
  timeout = longestLogin,
): Promise<{ entries: object; until?: number }> {
  const { exec, tokenFile, ...rest } = user;
  const { data: command } = loginCommand.safeParse(exec);
  if (exec && !command) {
    throw new LoginFailure(
      "the login of the kubeconfig cannot be read",
      "correct the exec of the user in the kubeconfig",
      true,
    );
  }
  const proxy = cluster["proxy-url"] || proxyOf(server);
  const clusterEntry = {
    ...overFiles(cluster, ["certificate-authority"]),
    server,
    ...(proxy !== undefined && { "proxy-url": proxy }),
    // There is nothing to verify.
    ...(server.startsWith("http:") && { "insecure-skip-tls-verify": true }),
  };
  const given =
    command && credentialIn(await logIn(command, { ...cluster, server }, timeout), command);
  const userEntry = {
    ...overFiles(rest, ["client-certificate", "client-key"]),
    ...(typeof tokenFile === "string" &&
      tokenFile !== "" && { token: readFileSync(tokenFile, "utf8").trim() }),
    ...(given?.token && { token: given.token }),
    ...(given?.clientCertificateData && {
      "client-certificate-data": base64(given.clientCertificateData),
    }),
    ...(given?.clientKeyData && { "client-key-data": base64(given.clientKeyData) }),
  };
  const until = Date.parse(given?.expirationTimestamp ?? "");
  return {
    entries: {
      clusters: [{ name: "it", cluster: clusterEntry }],
      users: [{ name: "it", user: userEntry }],
      contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
      "current-context": "it",
    },
    ...(!Number.isNaN(until) && { until }),
  };
}

/** What an entry holds itself comes before what it names a file for, as for kubectl. */
function overFiles(entry: Record<string, unknown>, keys: string[]): Record<string, unknown> {
  const held = keys.filter((key) => entry[`${key}-data`]);
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !held.includes(key)));
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** What the command of a login printed, run as the client of Kubernetes runs it. Throws a {@link LoginFailure}. */
export async function logIn(
  { command, args, env, installHint, apiVersion, provideClusterInfo }: LoginCommand,
  { server, "certificate-authority-data": authority }: Record<string, unknown>,
  timeout: number,
): Promise<string> {
  const variables = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const cluster = { server, "certificate-authority-data": authority ?? undefined };
  const asked = {
    apiVersion: apiVersion ?? "client.authentication.k8s.io/v1beta1",
    kind: "ExecCredential",
    spec: { interactive: false, ...(provideClusterInfo && { cluster }) },
  };
  const { code, stdout, stderr } = await run(command, args ?? [], {
    env: { ...process.env, ...variables, KUBERNETES_EXEC_INFO: JSON.stringify(asked) },
    mayFail: true,
    timeout,
  });
  if (code === 0) return stdout;
  if (code === 124) {
    throw new LoginFailure(
      `the login did not end within ${timeout / 1000} s: ${command}`,
      `run ${command} by hand to see what it waits for, then repeat the command`,
    );
  }
  if (code === 127) {
    throw new LoginFailure(
      `the command ${command} that logs in is not installed`,
      (installHint ?? `install ${command}`).trim(),
      true,
    );
  }
  const said = (stderr.trim() || `exit code ${code}`).split("\n").slice(-5);
  throw new LoginFailure(
    `the login failed: ${command} says: ${said.join("\n             ")}`,
    "log in again, then repeat the command",
  );
}

function credentialIn(printed: string, { command }: LoginCommand) {
  try {
    return credential.parse(JSON.parse(printed)).status;
  } catch {
    // What it printed may be a part of a credential.
    throw new LoginFailure(
      `the login failed: ${command} prints no ExecCredential with a status`,
      `run ${command} by hand to see what it prints`,
    );
  }
}
