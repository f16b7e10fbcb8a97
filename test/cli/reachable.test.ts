import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { unreachableCluster } from "../../cli/reachable";
import { failedLogin, unreachable, type Patience } from "../../rollouts/reach";

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
  /** What is found where the API server gives an answer, or none, and this user logs in. */
  const found = (code: number | undefined, user: object = {}, patience?: Patience) =>
    withServer(code, (server) => unreachable(kubeconfig(server, user), patience));
  const sh = (script: string, more: object = {}) => ({
    exec: { command: "sh", args: ["-c", script], ...more },
  });

  it("is reachable whatever its API server answers to somebody without a login", async () => {
    for (const code of [200, 401, 403, 503]) assert.equal(await found(code), undefined, `${code}`);
  });

  it("is not reachable where nobody listens, answers in time, or has the name", async () => {
    const refused = await unreachable(kubeconfig(await nobody()));
    assert.match(refused?.problem ?? "", /refused: nothing listens there/);
    const silent = await found(undefined, {}, { answer: 100 });
    assert.equal(silent?.problem, "no answer within 0.1 s");
    const nameless = await unreachable(kubeconfig("https://gone.invalid"), { answer: 2000 });
    assert.ok(nameless?.problem);
  });

  it("is as good as unreachable where the login fails, which its command explains", async () => {
    const failed = await found(403, sh("echo your session has expired >&2; exit 1"));
    assert.equal(failed?.problem, "the login failed: sh says: your session has expired");
    const exec = { command: "no-such-login-command", installHint: "install the plugin" };
    const missing = await found(403, { exec });
    assert.match(missing?.problem ?? "", /no-such-login-command that logs in is not installed/);
    assert.equal(missing?.fix, "install the plugin");
    const asked = '[ "$ROLE" = ops ] && echo "$KUBERNETES_EXEC_INFO" | grep -q ExecCredential';
    const user = sh(asked, { env: [{ name: "ROLE", value: "ops" }] });
    assert.equal(await found(403, user, { login: 120_000 }), undefined);
  });

  it("has a login that is tried without the cluster", async () => {
    const login = (script: string) => failedLogin(kubeconfig("http://127.0.0.1:1", sh(script)));
    const message = "the login failed: sh says: your session has expired";
    assert.equal((await login("echo your session has expired >&2; exit 1"))?.message, message);
    assert.equal(await login("true"), undefined);
    assert.equal(await failedLogin(kubeconfig("http://127.0.0.1:1")), undefined);
  });

  it("is as good as unreachable where the login takes longer than its time, and not where what it started does", async () => {
    const late = await found(403, sh("sleep 900 & wait"), { login: 200 });
    assert.equal(late?.problem, "the login did not end within 0.2 s: sh");
    const inTime = sh("sleep 20 >/dev/null & echo CREDENTIAL");
    assert.equal(await found(403, inTime, { login: 10_000 }), undefined);
  });

  it("is asked, and its login tried, whatever other entries of the kubeconfig are empty", async () => {
    const withEmpty = (text: string) =>
      text.replace(/^((cluster|context|user)s:)\n/gm, "$1\n  - name: old\n    $2: null\n");
    assert.ok(await unreachable(withEmpty(kubeconfig(await nobody()))));
    const failed = await withServer(403, (server) =>
      unreachable(withEmpty(kubeconfig(server, sh("echo expired >&2; exit 1")))),
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
    const text = kubeconfig(await nobody());
    const proxied = text.replace("server:", "proxy-url: http://p\n      server:");
    assert.equal(await unreachable(proxied), undefined);
  });
});

describe("the cluster of a stack", () => {
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-reachable-"));
  after(() => rmSync(folder, { recursive: true }));

  /** Checks a stack whose file says this of its cluster, with what the states export. */
  async function checked(
    cluster: object,
    exported: Record<string, string> = {},
    environment?: object,
  ) {
    const file = environment ? { environment: ["acme/prod"] } : { config: { cluster } };
    writeFileSync(join(folder, "Pulumi.prod.yaml"), stringify(file));
    const asked: string[] = [];
    const engine = (args: string[]) => {
      const stack = args.at(-1) ?? "";
      asked.push(args[0] === "config" ? args.join(" ") : stack);
      const stdout = args[0] === "config" ? JSON.stringify(environment) : exported[stack];
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
    assert.deepEqual(text.split("\n").slice(0, 2), [
      "the cluster of prod cannot be reached; nothing was created or changed.",
      `    cluster: ${server}`,
    ]);
    assert.match(text, /\n {4}do: {6}start the cluster[^;]*$/);
    assert.deepEqual(asked, []);
  });

  it("is found in the state of the stack that makes it, or of the other stack it is taken from", async () => {
    const dead = kubeconfig(await nobody());
    const own = await checked({ kind: "gke", region: "us-central1" }, { prod: dead });
    assert.match(own.text ?? "", /; where this very update lets you in .* --stack prod$/);
    const other = { kind: "existing", stack: "org/base/prod" };
    const { text, asked } = await checked(other, { "org/base/prod": dead });
    assert.ok(text);
    assert.deepEqual(asked, ["org/base/prod"]);
  });

  it("is found in the environment that the file names, as Pulumi opens it", async () => {
    const file = join(folder, "kubeconfig");
    writeFileSync(file, kubeconfig(await nobody()));
    const objectValue = { kind: "existing", kubeconfig: file };
    const { text, asked } = await checked({}, {}, { "gpu-serving:cluster": { objectValue } });
    assert.match(text ?? "", /^the cluster of prod cannot be reached/);
    assert.deepEqual(asked, ["config --json --open --stack prod"]);
    assert.equal((await checked({}, {}, {})).text, undefined);
  });

  it("is not asked before it is made, nor where the file is faulty", async () => {
    assert.equal((await checked({ kind: "gke" })).text, undefined);
    assert.equal((await checked({ kind: "gke" }, { prod: "\n" })).text, undefined);
    assert.equal((await checked({ kind: "existing", kubeconfig: "no/such" })).text, undefined);
  });
});
