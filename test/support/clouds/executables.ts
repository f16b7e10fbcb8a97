import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { checkout } from "../../../local/folder";
import type { Place } from "./kind";

/** Commands that clouds' kubeconfigs call for a token. */
const tokenCommands = ["gke-gcloud-auth-plugin", "aws", "kubelogin"];

/** Writes what stands for the clouds' programs into a folder to be put first on PATH. */
export function writeExecutables(folder: string, clouds: readonly string[], token: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const cloud of clouds) {
    script(
      join(bin, `pulumi-resource-${cloud}`),
      nodeScript(join(__dirname, "plugin.ts"), cloud, folder),
    );
  }
  script(
    join(bin, "pulumi-language-nodejs"),
    nodeScript(join(checkout, "local", "language-host.ts")),
  );
  for (const command of tokenCommands) {
    script(join(bin, command), tokenScript(command, token, folder));
  }
  return bin;
}

/** Address and authority of a kubeconfig's cluster, and its user's token. */
export function leadsTo(kubeconfig: string | undefined): { place: Place; token: string } {
  if (kubeconfig === undefined)
    return { place: { server: "https://192.0.2.1:6443", authority: "" }, token: "" };
  const { clusters, users } = parse(kubeconfig) as {
    clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
    users: [{ user: { token: string } }];
  };
  const { server, "certificate-authority-data": authority } = clusters[0].cluster;
  return { place: { server, authority }, token: users[0].user.token };
}

function script(file: string, text: string): void {
  writeFileSync(file, `#!/bin/sh\n${text}`, { mode: 0o755 });
}

/** Starts a program of ours; the engine adds its own address. */
function nodeScript(program: string, ...args: string[]): string {
  const tsx = require.resolve("tsx");
  const parts = [process.execPath, "--import", tsx, program, ...args];
  return `exec ${parts.map((part) => `'${part}'`).join(" ")} "$@"\n`;
}

/** Prints the embedded cluster's token the way kubectl's credential plugins do, and writes down who asked. */
function tokenScript(command: string, token: string, folder: string): string {
  return `printf '%s\\n' "${command} $*" >> '${join(folder, "tokens.log")}'
case "$KUBERNETES_EXEC_INFO" in
  *'client.authentication.k8s.io/v1"'*) version=v1 ;;
  *) version=v1beta1 ;;
esac
echo '{"apiVersion":"client.authentication.k8s.io/'$version'","kind":"ExecCredential","status":{"token":"${token}"}}'
`;
}
