import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { unreachableCluster } from "../../cli/reachable";
import { unreachable } from "../../rollouts/reach";

const kubeconfig = (server: string, user: object = {}) =>
  stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user }],
    "current-context": "c",
  });

/** Runs work with an API server that gives one answer, or none. */
async function withServer<T>(
  code: number | undefined,
  work: (server: string) => Promise<T>,
): Promise<T> {
  const server = http.createServer((_, answer) => {
    if (code !== undefined) answer.writeHead(code).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** An address at which nobody listens. */
const nobody = () => withServer(200, (server) => Promise.resolve(server));

describe("a cluster", () => {
  it("is reachable whatever its API server answers to somebody without a login", async () => {
    for (const code of [200, 401, 403, 503]) {
      const found = await withServer(code, (server) => unreachable(kubeconfig(server)));
      assert.equal(found, undefined, `${code}`);
    }
  });

  it("is not reachable where nobody listens, answers in time, or has the name", async () => {
    const refused = await unreachable(kubeconfig(await nobody()));
    assert.match(refused?.problem ?? "", /refused: nothing listens there/);
    const silent = await withServer(undefined, (server) =>
      unreachable(kubeconfig(server), { answer: 100 }),
    );
    assert.equal(silent?.problem, "no answer within 0.1 s");
    const nameless = await unreachable(kubeconfig("https://gone.invalid"), { answer: 2000 });
    assert.ok(nameless?.problem);
  });

  it("is as good as unreachable where the login fails, which its command explains", async () => {
    const login = (command: string, args: string[], more: object = {}) =>
      withServer(403, (server) =>
        unreachable(kubeconfig(server, { exec: { command, args, ...more } }), { login: 120_000 }),
      );
    const failed = await login("sh", ["-c", "echo your session has expired >&2; exit 1"]);
    assert.equal(failed?.problem, "the login failed: sh says: your session has expired");
    const hint = { installHint: "install the plugin" };
    const missing = await login("no-such-login-command", [], hint);
    assert.match(missing?.problem ?? "", /no-such-login-command that logs in is not installed/);
    assert.equal(missing?.fix, "install the plugin");
    const asked = '[ "$ROLE" = ops ] && echo "$KUBERNETES_EXEC_INFO" | grep -q ExecCredential';
    const env = [{ name: "ROLE", value: "ops" }];
    assert.equal(await login("sh", ["-c", asked], { env }), undefined);
  });

  it("is as good as unreachable where the login takes longer than its time, though what it started goes on", async () => {
    const exec = { command: "sh", args: ["-c", "sleep 900 & wait"] };
    const late = await withServer(403, (server) =>
      unreachable(kubeconfig(server, { exec }), { login: 200 }),
    );
    assert.equal(late?.problem, "the login did not end within 0.2 s: sh");
  });

  it("is reachable where the login has ended in time, though what it started goes on", async () => {
    const exec = { command: "sh", args: ["-c", "sleep 20 >/dev/null & echo CREDENTIAL"] };
    const found = await withServer(403, (server) =>
      unreachable(kubeconfig(server, { exec }), { login: 10_000 }),
    );
    assert.equal(found, undefined);
  });

  it("is asked, and its login tried, whatever other entries of the kubeconfig are empty", async () => {
    const withEmpty = (text: string) =>
      text
        .replace("clusters:\n", "clusters:\n  - name: old\n    cluster: null\n")
        .replace("contexts:\n", "contexts:\n  - name: old\n    context: null\n")
        .replace("users:\n", "users:\n  - name: old\n    user: null\n");
    assert.ok(await unreachable(withEmpty(kubeconfig(await nobody()))));
    const exec = { command: "sh", args: ["-c", "echo expired >&2; exit 1"] };
    const failed = await withServer(403, (server) =>
      unreachable(withEmpty(kubeconfig(server, { exec }))),
    );
    assert.match(failed?.problem ?? "", /the login failed: sh says: expired/);
  });

  it("is asked where its address has no scheme, and where the variables of a proxy are empty", async () => {
    const before = process.env.HTTPS_PROXY;
    process.env.HTTPS_PROXY = "";
    try {
      const server = (await nobody()).replace("http://", "");
      const found = await unreachable(kubeconfig(server));
      assert.equal(found?.server, `http://${server}`);
      assert.match(found.problem, /refused: nothing listens there/);
    } finally {
      if (before === undefined) delete process.env.HTTPS_PROXY;
      else process.env.HTTPS_PROXY = before;
    }
  });

  it("is not asked where the kubeconfig does not tell which it is, or names a proxy", async () => {
    assert.equal(await unreachable("kind: Config"), undefined);
    const proxied = kubeconfig(await nobody()).replace(
      "server:",
      "proxy-url: http://p\n      server:",
    );
    assert.equal(await unreachable(proxied), undefined);
  });
});

describe("the cluster of a stack", () => {
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-reachable-"));
  after(() => rmSync(folder, { recursive: true }));

  /** Checks a stack whose file says this of its cluster, with what the states export. */
  async function checked(cluster: object, exported: Record<string, string> = {}) {
    writeFileSync(join(folder, "Pulumi.prod.yaml"), stringify({ config: { cluster } }));
    const asked: string[] = [];
    const engine = (args: string[]) => {
      const stack = args.at(-1) ?? "";
      asked.push(stack);
      const stdout = exported[stack];
      return Promise.resolve({
        code: stdout === undefined ? 255 : 0,
        stdout: stdout ?? "",
        stderr: "",
      });
    };
    return { text: await unreachableCluster("prod", folder, engine), asked };
  }

  it("is found in the kubeconfig of an existing one, and its silence told in words with what to do", async () => {
    const server = await nobody();
    const file = join(folder, "kubeconfig");
    writeFileSync(file, kubeconfig(server));
    const { text = "", asked } = await checked({ kind: "existing", kubeconfig: file });
    assert.match(
      text,
      /^the cluster of prod cannot be reached; nothing was created or changed\.\n/,
    );
    assert.ok(text.includes(`    cluster: ${server}\n`));
    assert.match(text, /\n {4}do: {6}start the cluster/);
    assert.deepEqual(asked, []);
  });

  it("is found in the state of the stack that makes it, or of the other stack it is taken from", async () => {
    const dead = kubeconfig(await nobody());
    const own = await checked({ kind: "gke", region: "us-central1" }, { prod: dead });
    assert.ok(own.text);
    const other = await checked(
      { kind: "existing", stack: "org/base/prod" },
      { "org/base/prod": dead },
    );
    assert.ok(other.text);
    assert.deepEqual(other.asked, ["org/base/prod"]);
  });

  it("is not asked before it is made, nor where the file is faulty", async () => {
    assert.equal((await checked({ kind: "gke" })).text, undefined);
    assert.equal((await checked({ kind: "existing", kubeconfig: "no/such" })).text, undefined);
  });
});
