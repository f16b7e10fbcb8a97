import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../local/folder";
import { run } from "../../process/run";
import { suiteFolder } from "../support/folder";

/** Stands for kubectl: what is watched is in the file `watched`, and each change is written down. */
const kubectl = `#!/bin/sh
cd "$(dirname "$0")"
case $1 in
  get) cat watched ;;
  *) echo "$*" >> changed ;;
esac
`;

describe("what stands in for a cloud in the cluster without Docker", () => {
  const folder = suiteFolder();
  before(() => writeFileSync(join(folder, "kubectl"), kubectl, { mode: 0o755 }));

  /** What a function of local/cluster/stand-ins.sh changes when the API server tells these lines. */
  async function changes(work: string, lines: string[]): Promise<string[]> {
    writeFileSync(join(folder, "watched"), lines.map((line) => `${line}\n`).join(""));
    writeFileSync(join(folder, "changed"), "");
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    await run("bash", ["-c", `. local/cluster/stand-ins.sh; ${work}`], { cwd: checkout, env });
    return readFileSync(join(folder, "changed"), "utf8").trimEnd().split("\n");
  }

  it("gives a load balancer the address that its node port makes, once", async () => {
    const addresses = await changes("load_balancers", [
      "vision digits LoadBalancer 30660 ",
      'vision digits LoadBalancer 30660 [{"ip":"127.0.119.196","ipMode":"VIP"}]',
      "vision inner ClusterIP  ",
      "vision open NodePort 30001 ",
      "vision without-node-port LoadBalancer  ",
    ]);
    assert.deepEqual(addresses, [
      'patch service digits --namespace vision --subresource=status --type=merge --patch {"status":{"loadBalancer":{"ingress":[{"ip":"127.0.119.196"}]}}}',
    ]);
  });

  it("names the token of a service account of Pulumi's, once", async () => {
    const tokens = await changes("service_account_tokens", [
      "vision digits ",
      'vision digits [{"name":"digits-token"}]',
    ]);
    assert.deepEqual(tokens, [
      'patch serviceaccount digits --namespace vision --type=merge --patch {"secrets":[{"name":"digits-token"}]}',
    ]);
  });
});
