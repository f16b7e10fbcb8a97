import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import {
  current,
  readKubeconfig,
  type KubeconfigSource,
} from "../../../components/cluster/kubeconfig";

const two = `
current-context: prod
clusters:
- {name: prod-cluster, cluster: {server: https://prod.example, certificate-authority: certs/ca.pem}}
- {name: dev-cluster, cluster: {server: https://dev.example, certificate-authority: /etc/ca.pem}}
contexts:
- {name: prod, context: {cluster: prod-cluster, user: ann, namespace: team}}
- {name: dev, context: {cluster: dev-cluster, user: bob}}
- {name: homeless, context: {cluster: gone-cluster, user: bob}}
- {name: nobody, context: {cluster: dev-cluster, user: carl}}
users:
- {name: ann, user: {client-certificate: ann.pem, client-key: keys/ann.pem, tokenFile: ""}}
- {name: bob, user: {token: t0ken}}
`;

describe("a kubeconfig", () => {
  let folder: string;
  let file: string;
  const before = { ...process.env };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kubeconfig-test-"));
    file = write("config", two);
    process.env.HOME = join(folder, "home");
    delete process.env.KUBECONFIG;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    process.env.HOME = before.HOME;
    if (before.KUBECONFIG === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before.KUBECONFIG;
  });

  function write(name: string, text: string): string {
    const path = join(folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  function reading(source: KubeconfigSource): unknown {
    return parse(readKubeconfig(source));
  }

  function currentContext(source: KubeconfigSource): string {
    return (reading(source) as { "current-context": string })["current-context"];
  }

  it("keeps the current context, its cluster and its user, and no other", () => {
    assert.deepEqual(reading({ kubeconfig: file }), {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "prod",
      clusters: [
        {
          name: "prod-cluster",
          cluster: {
            server: "https://prod.example",
            "certificate-authority": join(folder, "certs/ca.pem"),
          },
        },
      ],
      contexts: [
        { name: "prod", context: { cluster: "prod-cluster", user: "ann", namespace: "team" } },
      ],
      users: [
        {
          name: "ann",
          user: {
            "client-certificate": join(folder, "ann.pem"),
            "client-key": join(folder, "keys/ann.pem"),
            tokenFile: "",
          },
        },
      ],
    });
  });

  it("keeps the context asked for, and absolute paths as they are", () => {
    assert.deepEqual(reading({ kubeconfig: file, context: "dev" }), {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "dev",
      clusters: [
        {
          name: "dev-cluster",
          cluster: { server: "https://dev.example", "certificate-authority": "/etc/ca.pem" },
        },
      ],
      contexts: [{ name: "dev", context: { cluster: "dev-cluster", user: "bob" } }],
      users: [{ name: "bob", user: { token: "t0ken" } }],
    });
  });

  for (const [command, result] of [
    ["gke-gcloud-auth-plugin", () => "gke-gcloud-auth-plugin"],
    ["./bin/login", () => join(folder, "bin/login")],
  ] as const) {
    it(`finds the login program ${command} where kubectl does`, () => {
      const exec = { apiVersion: "client.authentication.k8s.io/v1", command, args: ["--me"] };
      const config = {
        "current-context": "c",
        clusters: [{ name: "c", cluster: {} }],
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
        users: [{ name: "u", user: { exec } }],
      };
      const read = reading({ kubeconfig: write("exec", JSON.stringify(config)) });

      assert.deepEqual((read as { users: unknown }).users, [
        { name: "u", user: { exec: { ...exec, command: result() } } },
      ]);
    });
  }

  it("is the one in the home folder where nothing else is said", () => {
    write("home/.kube/config", two);

    assert.equal(currentContext({}), "prod");
  });

  it("is found from the home folder where its path begins with ~/", () => {
    write("home/keys/prod", two);
    assert.equal(currentContext({ kubeconfig: "~/keys/prod" }), "prod");
  });

  it("is put together from the files in KUBECONFIG; those that are missing are passed over", () => {
    const clusters = write("clusters", "clusters: [{name: c, cluster: {server: https://c}}]");
    const users = write("users", "users: [{name: u, user: {token: t}}]");
    const contexts = write(
      "contexts",
      "current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]",
    );
    const files = [clusters, "", join(folder, "missing"), users, contexts];
    process.env.KUBECONFIG = files.join(delimiter);

    assert.deepEqual(reading({}), {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "c",
      clusters: [{ name: "c", cluster: { server: "https://c" } }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      users: [{ name: "u", user: { token: "t" } }],
    });
  });

  it("takes a name from the first file in KUBECONFIG that defines it", () => {
    const first = write("first", "current-context: dev\nusers: [{name: bob, user: {token: 1st}}]");
    process.env.KUBECONFIG = [first, file].join(delimiter);

    const read = reading({}) as { "current-context": string; users: unknown };
    assert.equal(read["current-context"], "dev");
    assert.deepEqual(read.users, [{ name: "bob", user: { token: "1st" } }]);
  });

  it("named in the stack file comes before KUBECONFIG", () => {
    process.env.KUBECONFIG = write("other", "current-context: other");

    assert.equal(currentContext({ kubeconfig: file }), "prod");
  });

  /** Asserts that a source is refused without a stack trace, for a problem and with what was found and is allowed. */
  function refuses(source: KubeconfigSource, problem: string, found: string, allowed = ""): string {
    let message = "";
    assert.throws(
      () => readKubeconfig(source),
      (error) => {
        assert.ok(pulumi.RunError.isInstance(error), "shown without a stack trace");
        ({ message } = error);
        return true;
      },
    );
    const [first, second, third] = message.split("\n");
    assert.equal(first, `cluster.${problem}; nothing was created or changed.`);
    assert.equal(second, `    found:   ${found}`);
    if (allowed) assert.equal(third, `    allowed: ${allowed}`);
    return message;
  }

  it("that is not there is refused with all the places looked at, and what to do", () => {
    const path = join(folder, "missing");
    assert.equal(
      refuses({ kubeconfig: path }, "kubeconfig: no such file", path),
      [
        "cluster.kubeconfig: no such file; nothing was created or changed.",
        `    found:   ${path}`,
        "    allowed: a kubeconfig that can be read",
        "    do:      set cluster.kubeconfig to its path, or fetch one with your cloud's command line (the local cluster of the dev stack is made by `npm start`)",
      ].join("\n"),
    );
    const places = [join(folder, "one"), join(folder, "two")];
    process.env.KUBECONFIG = places.join(delimiter);
    refuses({}, "kubeconfig: no such file", places.join(", "));
  });

  for (const [what, text, reason, context] of [
    [
      "is not YAML",
      "clusters: [",
      "Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 12:",
    ],
    ["is not a map", "text", "the whole file: Invalid input: expected object, received string"],
    [
      "has a context of the wrong type",
      "current-context: c\ncontexts: [{name: c, context: text}]",
      "contexts.0.context: Invalid input: expected object, received string",
    ],
    [
      "has clusters of the wrong type",
      "clusters: c",
      "clusters: Invalid input: expected array, received string",
    ],
    [
      "has a malformed entry that the context leads to",
      two.replace("{token: t0ken}", "{exec: {args: []}}"),
      "users.1.user.exec.command: Invalid input: expected string, received undefined",
      "dev",
    ],
  ] as const) {
    it(`that ${what} is refused with the reason`, () => {
      const path = write("broken", text);
      refuses({ kubeconfig: path, context }, "kubeconfig: cannot be read", `${path}: ${reason}`);
    });
  }

  /** Entries without content, as tools leave them behind, before those of `two`. */
  const withEmpty = two
    .replace("clusters:\n", "clusters:\n- {name: empty-cluster, cluster: null}\n- {name: bare}\n")
    .replace("users:\n", "users:\n- {name: empty-user, user: null}\n")
    .replace(
      "contexts:\n",
      `contexts:
- {name: empty, context: null}
- {name: to-empty-cluster, context: {cluster: empty-cluster, user: bob}}
- {name: to-empty-user, context: {cluster: dev-cluster, user: empty-user}}
`,
    );

  it("may have entries without content where the context does not lead to them", () => {
    const path = write("with-empty", withEmpty);

    assert.deepEqual(reading({ kubeconfig: path }), reading({ kubeconfig: file }));
  });

  for (const [context, problem, found, allowed] of [
    [
      "empty",
      "leads to an entry without content",
      "context empty: null",
      "a context with its content",
    ],
    [
      "to-empty-cluster",
      "leads to an entry without content",
      "cluster empty-cluster: null",
      "a cluster with its content",
    ],
    [
      "homeless",
      "names a cluster that is not there",
      "gone-cluster",
      "empty-cluster, bare, prod-cluster, dev-cluster",
    ],
    ["nobody", "names a user that is not there", "carl", "empty-user, ann, bob"],
  ] as const) {
    it(`whose context ${problem} is refused: ${found}`, () => {
      const path = write("with-empty", withEmpty);
      refuses(
        { kubeconfig: path, context },
        `context: context ${context} ${problem}`,
        found,
        allowed,
      );
    });
  }

  for (const [what, context, user, kept] of [
    ["no user", "{cluster: c}", "null", []],
    ["a user without a name", '{cluster: c, user: ""}', "null", []],
    ["a user that is null", "{cluster: c, user: null}", "[]", []],
    [
      "an empty user",
      "{cluster: c, user: u}",
      "[{name: u, user: null}]",
      [{ name: "u", user: {} }],
    ],
    ["a bare user", "{cluster: c, user: u}", "[{name: u}]", [{ name: "u", user: {} }]],
  ] as const) {
    it(`whose context has ${what} is nobody's, as for kubectl`, () => {
      const text = `current-context: c
clusters: [{name: c, cluster: {server: "https://c"}}]
contexts: [{name: c, context: ${context}}]
users: ${user}`;
      const read = reading({ kubeconfig: write("nobody", text) }) as { users: unknown };

      assert.deepEqual(read.users, kept);
      assert.deepEqual(current(text), { name: "c", cluster: { server: "https://c" } });
    });
  }

  it("may have entries that are malformed where the context does not lead to them", () => {
    const broken = two
      .replace("clusters:\n", "clusters:\n- null\n- text\n- {name: 7, cluster: 7}\n")
      .replace("contexts:\n", "contexts:\n- null\n- {name: broken, context: text}\n")
      .replace("users:\n", "users:\n- null\n- {name: carla, user: {exec: {args: []}}}\n");
    const path = write("broken", broken);

    assert.deepEqual(reading({ kubeconfig: path }), reading({ kubeconfig: file }));
    assert.deepEqual(current(broken), current(two));
  });

  it("has its entries written with the name first, whatever wrote the file", () => {
    const text = `current-context: c
clusters: [{cluster: {server: "https://c"}, name: c}]
contexts: [{context: {user: u, cluster: c}, name: c}]
users: [{user: {token: t}, name: u}]`;
    const written = readKubeconfig({ kubeconfig: write("other-order", text) });

    assert.match(written, /clusters:\n {2}- name: c\n {4}cluster:\n/);
    assert.match(written, /contexts:\n {2}- name: c\n {4}context:\n {6}cluster: c\n {6}user: u\n/);
  });

  it("gives no cluster, and throws nothing, where it cannot be read", () => {
    for (const text of ["a: *b", "clusters: [", "text", "", "clusters: {}"]) {
      assert.equal(current(text), undefined, text);
    }
  });

  for (const [what, cluster, user, server] of [
    ["nothing of certificates", "{server: 127.0.0.1:8001}", "{}", "http://127.0.0.1:8001"],
    ["a port alone", "{server: localhost:8080}", "{}", "http://localhost:8080"],
    [
      "an authority",
      "{server: prod.example, certificate-authority-data: b2xk}",
      "{}",
      "https://prod.example",
    ],
    [
      "a certificate",
      "{server: prod.example}",
      "{client-certificate: a.pem}",
      "https://prod.example",
    ],
    [
      "no check",
      "{server: prod.example, insecure-skip-tls-verify: true}",
      "{}",
      "https://prod.example",
    ],
    ["a scheme", "{server: HTTP://prod.example}", "{}", "http://prod.example"],
  ] as const) {
    it(`has the address that client-go makes of one with ${what}`, () => {
      const text = `current-context: c
clusters: [{name: c, cluster: ${cluster}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
users: [{name: u, user: ${user}}]`;

      assert.equal(current(text)?.cluster.server, server);
    });
  }

  it("in KUBECONFIG by a relative path has no relative paths either", () => {
    process.env.KUBECONFIG = relative(process.cwd(), file);

    assert.deepEqual(reading({}), reading({ kubeconfig: file }));
  });

  it("gives the cluster and the user that its current context leads to, with an empty entry beside", () => {
    assert.deepEqual(current(withEmpty), {
      name: "prod-cluster",
      cluster: { server: "https://prod.example", "certificate-authority": "certs/ca.pem" },
      user: { "client-certificate": "ann.pem", "client-key": "keys/ann.pem", tokenFile: "" },
    });
  });

  it("gives no cluster where its entry is empty, and nobody where there are no users", () => {
    const context = (to: string) => withEmpty.replace("context: prod", `context: ${to}`);
    assert.equal(current(context("to-empty-cluster")), undefined);
    assert.equal(current(context("to-empty-user"))?.user, undefined);
    assert.equal(current(`${two.replace(/users:[^]*/, "users: null")}`)?.name, "prod-cluster");
  });

  it("without the context asked for, or a current one, is refused with those it has", () => {
    const known = "prod, dev, homeless, nobody";
    refuses({ kubeconfig: file, context: "staging" }, "context: no such context", "staging", known);
    const empty = write("empty", "");
    refuses({ kubeconfig: empty }, "context: no such context", "nothing", "none in this file");
  });
});
