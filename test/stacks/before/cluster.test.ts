import assert from "node:assert/strict";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { checkout } from "../../../local/folder";
import {
  clusterAsBefore,
  refuseOtherKind,
  sameCluster,
  type FoundCluster,
  type FoundUid,
} from "../../../stacks/before/cluster";
import type { StateBefore } from "../../../stacks/before/state";
import { fromFile } from "../stack-files";
import { state } from "./state";

const kubeconfig = (cluster: string, server: string, authority = "b2xk") => `
clusters: [{ name: ${cluster}, cluster: { server: "${server}", certificate-authority-data: ${authority} } }]
contexts: [{ name: it, context: { cluster: ${cluster}, user: ann } }]
users: [{ name: ann, user: { token: t0ken } }]
current-context: it
`;
const old = kubeconfig("prod", "https://203.0.113.5");
const moved = kubeconfig("prod", "https://198.51.100.7");
const otherAuthority = kubeconfig("prod", "https://203.0.113.5", "bmV3");
const staging = kubeconfig("staging", "https://203.0.113.5");
const named = { clusterIdentifier: "prod" };

/** A state with the provider of a cluster of this kind, and an object on it. */
function on(
  provider: object,
  {
    kind = "ExistingCluster",
    uid,
    objects = 1,
  }: { kind?: string; uid?: string; objects?: 0 | 1 } = {},
): StateBefore {
  return state({
    [`${kind}::cluster`]: { uid },
    [`${kind}$pulumi:providers:kubernetes::cluster`]: { kubeconfig: old, ...provider },
    [`${kind}$pulumi:providers:kubernetes::cluster-own`]: { kubeconfig: old },
    ...(objects && { "Namespace$kubernetes:core/v1:Namespace::chat": {} }),
  });
}

/** Why an up is refused; nothing where it goes on. */
function refusal(before: StateBefore, now: FoundCluster): string {
  try {
    sameCluster(before, now);
    return "";
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error));
    return error.message;
  }
}

describe("the cluster of the last up", () => {
  it("may have another address and another authority", () => {
    for (const now of [moved, otherAuthority]) {
      assert.equal(refusal(on(named), { kubeconfig: now }), "");
    }
  });

  for (const kind of ["ExistingCluster", "ClusterOfStack"]) {
    it(`is not exchanged for one of another name: ${kind}`, () => {
      assert.equal(
        refusal(on(named, { kind }), { kubeconfig: staging }),
        [
          "cluster: not the cluster that the objects of this stack are on: every object would be made anew and the former ones deleted; nothing was created or changed.",
          "    found:   staging",
          "    allowed: prod",
          "    do:      where it is the same cluster under another name, set cluster.identity to prod; for another cluster, make a stack of its own (pulumi stack init) and destroy this one",
        ].join("\n"),
      );
    });

    it(`is not exchanged for one of the same name: ${kind}`, () => {
      const before = on(named, { kind, uid: "218fc5a9" });

      assert.match(
        refusal(before, { kubeconfig: moved, uid: "5a1b0c7d" }),
        /though it is known by the same name \(prod\).*\n.*198\.51\.100\.7, .* uid 5a1b0c7d\n.* uid 218fc5a9\n/,
      );
    });
  }

  it("is not taken for a service that is called cluster", () => {
    const service = state({ "InferenceService::cluster": { uid: "2" } });
    const before = [...service, ...on(named, { uid: "1" })];

    assert.match(refusal(before, { kubeconfig: old, uid: "2" }), /has the uid 2/);
  });

  it("is told from others of its name by what only it has, as soon as somebody may read that", () => {
    const known = { identity: "prod", uid: "1" };
    assert.deepEqual(sameCluster(on(named), { kubeconfig: old, uid: "1" }), known);
    assert.deepEqual(sameCluster(on(named, { uid: "1" }), { kubeconfig: old, uid: "1" }), known);
  });

  describe("that cannot be told from others of its name", () => {
    const uid = "218fc5a9";
    const unseen = "the API server answers 403";

    it("stays known by what was seen of it at the same address with the same authority, with a warning", () => {
      assert.deepEqual(sameCluster(on(named, { uid }), { kubeconfig: old, unseen }), {
        ...{ identity: "prod", uid },
        warning: [
          "cluster: cannot be compared with the one that the objects of this stack are on, because the uid of its namespace kube-system cannot be read: the API server answers 403.",
          "    found:   https://203.0.113.5, with the same address and authority as the last pulumi up",
          "    do:      make sure that it is that cluster, and let this login read the namespace kube-system",
        ].join("\n"),
      });
    });

    it("is not known by what was seen of it where it may be another one, with a warning", () => {
      const proxied = kubeconfig("prod", "http://127.0.0.1:8001");
      const unchecked = old.replace("certificate", "insecure-skip-tls-verify: true, certificate");
      for (const [before, now] of [
        [old, moved],
        [old, otherAuthority],
        [proxied, proxied],
        [unchecked, unchecked],
      ] as const) {
        const known = on({ ...named, kubeconfig: before }, { uid });
        const found = sameCluster(known, { kubeconfig: now, unseen });
        assert.equal(found.uid, undefined);
        assert.match(found.warning ?? "", /not known to be that of the last pulumi up/);
      }
    });

    it("is no matter where nothing was seen of it", () => {
      const known = { identity: "prod", uid: undefined };
      assert.deepEqual(sameCluster(on(named), { kubeconfig: old, unseen }), known);
    });
  });

  it("may be another one where none of its objects is left, or nothing was made yet", () => {
    for (const before of [on(named, { uid: "218fc5a9", objects: 0 }), state()]) {
      assert.deepEqual(sameCluster(before, { kubeconfig: staging, uid: "1" }), {
        ...{ identity: "staging", uid: "1" },
      });
    }
  });

  it("may get another name in the kubeconfig where the stack file says what it is known by", () => {
    assert.equal(refusal(on(named), { kubeconfig: staging, identity: "prod" }), "");
  });

  it("of another stack is known by what that stack tells, whatever the kubeconfig calls it", () => {
    const identity = "arn:aws:eks:us-east-1:123456789012:cluster/prod";
    const before = on({ clusterIdentifier: identity }, { kind: "ClusterOfStack" });
    const told = (identity: string) => ({ kubeconfig: staging, other: { identity } });

    assert.equal(sameCluster(before, told(identity)).identity, identity);
    const reason = refusal(before, told(`${identity}-2`));
    assert.match(reason, /allowed: arn:.*prod$/m);
    assert.match(reason, /do: +for another cluster, make a stack of its own/);
  });

  it("of another stack stays known by the name in the kubeconfig where its objects were made under it", () => {
    const now = { kubeconfig: old, other: { identity: "told" } };

    assert.equal(sameCluster(on(named, { kind: "ClusterOfStack" }), now).identity, "prod");
    assert.equal(sameCluster(state(), now).identity, "told");
  });

  for (const [what, changed] of Object.entries({ address: moved, authority: otherAuthority })) {
    it(`keeps its ${what} until the state knows it by more than that`, () => {
      const reason = refusal(on({}), { kubeconfig: changed });

      assert.match(reason, /changed before its identity was kept/);
      assert.match(reason, /the state was made at https:\/\/203\.0\.113\.5/);
    });
  }

  it("becomes known by its name in an up with the kubeconfig of the last one, whoever asks", () => {
    const bob = old.replaceAll("ann", "bob").replace("t0ken", "an0ther");

    assert.equal(refusal(on({}), { kubeconfig: bob }), "");
  });
});

describe("the cluster of a stack file", () => {
  const file = join(checkout, "test", "fixtures", "kubeconfig.yaml");
  const inFile = (cluster: string) =>
    fromFile({ "Pulumi.prod.yaml": `config: { cluster: ${cluster} }` });
  const existing = inFile(`{ kind: existing, kubeconfig: "${file}", identity: prod }`);

  /** What a cluster is known by, the kubeconfigs that were asked with, and the warnings. */
  async function known(
    stack: typeof existing,
    before: StateBefore,
    found: FoundUid,
    other?: Parameters<typeof clusterAsBefore>[2],
  ) {
    const [asked, warned]: [string[], string[]] = [[], []];
    const uidOf = (kubeconfig: string) => Promise.resolve((asked.push(kubeconfig), found));
    const failedLogin = () => Promise.resolve((asked.push("login"), found.login));
    const warn = (text: string) => warned.push(text);
    const known = await clusterAsBefore(stack, before, other, { uidOf, failedLogin }, warn);
    return { known, asked, warned };
  }

  it("is asked what tells it from others where somebody else keeps it, and only there", async () => {
    const found = { uid: "218fc5a9" };
    const ofStack = inFile("{ kind: existing, stack: acme/gpu-serving/platform }");
    const told = { pools: {}, loadBalancers: {}, namespaceLabels: {}, identity: "told" };
    const own = inFile("{ kind: aks, region: eastus }");

    assert.deepEqual((await known(existing, state(), found)).known, { identity: "prod", ...found });
    const other = await known(ofStack, state(), found, { ...told, kubeconfig: old });
    assert.deepEqual(other, { known: { identity: "told", ...found }, asked: [old], warned: [] });
    assert.deepEqual(await known(own, state(), found), { known: undefined, asked: [], warned: [] });
  });

  const expired = {
    unseen: "the login failed",
    login: { message: "the login failed: aws says: your session has expired", fix: "log in again" },
  };
  const refusedLogin = {
    message: [
      "cluster: nobody is logged in to it; nothing was created or changed.",
      "    found:   the login failed: aws says: your session has expired",
      "    allowed: a login by the command of the kubeconfig",
      "    do:      log in again",
    ].join("\n"),
  };

  it("is refused without a login, in the words of the command that logs in", async () => {
    await assert.rejects(known(existing, state(), expired), refusedLogin);
  });

  it("is not asked for in a preview that has none to compare; its login is tried all the same", async () => {
    const mocks = {
      newResource: ({ name }: { name: string }) => ({ id: name, state: {} }),
      call: () => ({}),
    };
    await pulumi.runtime.setMocks(mocks, "gpu-serving", "prod", true);
    try {
      const uid = "218fc5a9";
      assert.deepEqual((await known(existing, on(named), { uid })).asked, ["login"]);
      const { asked } = await known(existing, on(named, { uid }), { uid });
      assert.equal(asked.length, 1);
      assert.notEqual(asked[0], "login");
      await assert.rejects(known(existing, on(named), expired), refusedLogin);
      await assert.rejects(known(existing, on(named, { uid }), expired), refusedLogin);
    } finally {
      await pulumi.runtime.setMocks(mocks, "gpu-serving", "prod", false);
    }
  });

  it("is told of once where it cannot be compared", async () => {
    const before = on(named, { uid: "218fc5a9" });
    const { known: found, warned } = await known(existing, before, { unseen: "no answer" });

    assert.deepEqual(found, { identity: "prod", uid: undefined });
    assert.match(warned.join(), /^cluster: cannot be compared .* cannot be read: no answer\.\n/);
  });
});

describe("the kind of a cluster", () => {
  const clusters = {
    GkeCluster: { kind: "gke", region: "us-central1" },
    EksCluster: { kind: "eks", region: "us-east-1", access: ["203.0.113.0/24"] },
    AksCluster: { kind: "aks", region: "eastus" },
    ExistingCluster: { kind: "existing" },
    ClusterOfStack: { kind: "existing", stack: "acme/gpu-serving/platform" },
  };
  const kinds = Object.entries(clusters).map(([kind, cluster]) => ({
    kind,
    stack: fromFile({
      "Pulumi.prod.yaml": JSON.stringify({ config: { "gcp:project": "acme-ml", cluster } }),
    }),
  }));

  for (const was of kinds) {
    it(`stays while objects are on it: ${was.kind}`, () => {
      for (const { kind, stack } of kinds) {
        const refuse = () => refuseOtherKind(stack, on({}, { kind: was.kind }));
        if (kind === was.kind) assert.doesNotThrow(refuse);
        else assert.throws(refuse, (error) => pulumi.RunError.isInstance(error), kind);
      }
    });
  }

  it("is refused with what to do", () => {
    const [, eks] = kinds;
    assert.throws(() => eks && refuseOtherKind(eks.stack, on({})), {
      message: /found: +kind: eks\n +allowed: kind: existing\n +do: +write kind: existing again/,
    });
  });

  it("may be any where nothing is left, or nothing was made yet", () => {
    for (const { stack } of kinds) {
      assert.doesNotThrow(() => refuseOtherKind(stack, on({}, { objects: 0 })));
      assert.doesNotThrow(() => refuseOtherKind(stack, state()));
    }
  });
});
