import { z } from "zod";
import { run } from "../process/run";

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
export type LoginCommand = z.output<typeof loginCommand>;

/** The cluster that is logged in to, as the command may be told of it. */
export interface LoginTarget {
  server: string;
  "certificate-authority-data"?: string | null;
}

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
    readonly lasting: boolean,
  ) {
    super(message);
    this.name = "LoginFailure";
  }
}

/** What a login gives: a token, or a certificate with its key in PEM. */
const credential = z.object({
  status: z.object({
    token: text,
    clientCertificateData: text,
    clientKeyData: text,
    expirationTimestamp: text,
  }),
});
export type Credential = z.output<typeof credential>["status"];

/** What the command of a login printed, as the client of Kubernetes runs it. Throws a {@link LoginFailure}. */
export async function logIn(
  { command, args, env, installHint, apiVersion, provideClusterInfo }: LoginCommand,
  cluster: LoginTarget,
  timeout: number,
): Promise<string> {
  const variables = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const asked = {
    apiVersion: apiVersion ?? "client.authentication.k8s.io/v1beta1",
    kind: "ExecCredential",
    spec: { interactive: false, ...(provideClusterInfo ? { cluster: told(cluster) } : {}) },
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
      false,
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
    false,
  );
}

/** The credential that a login has printed. Throws a {@link LoginFailure}. */
export function credentialIn(printed: string, { command }: LoginCommand): Credential {
  try {
    return credential.parse(JSON.parse(printed)).status;
  } catch {
    // What it printed may be a part of a credential.
    throw new LoginFailure(
      `the login failed: ${command} prints no ExecCredential with a status`,
      `run ${command} by hand to see what it prints`,
      false,
    );
  }
}

function told(cluster: LoginTarget) {
  return {
    server: cluster.server,
    "certificate-authority-data": cluster["certificate-authority-data"] ?? undefined,
  };
}
