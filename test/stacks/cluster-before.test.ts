import assert from "node:assert/strict";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { checkout } from "../../local/folder";
import {
  clusterAsBefore,
  refuseOtherKind,
  sameCluster,
  type FoundCluster,
} from "../../stacks/cluster-before";
import { stateBefore, type StateBefore } from "../../stacks/state-before";
import { fromFile } from "./stack-files";

const kubeconfig = (cluster: string, server: string, authority = "b2xk") => `
clusters: [{ name: ${cluster}, cluster: { server: "${server}", certificate-authority-data: ${authority} } }]
contexts: [{ name: it, context: { cluster: ${cluster}, user: ann } }]
users: [{ name: ann, user: { token: t0ken } }]
current-context: it
`;
const old = kubeconfig("prod", "https://203.0.113.5");

const urn = (type: string, name: string) => `urn:pulumi:prod::gpu-serving::${type}::${name}`;

/** A state with the provider of a cluster of this kind, and an object on it. */
function state(
  provider: object,
  {
    kind = "ExistingCluster",
    uid,
    objects = ["kubernetes:core/v1:Namespace"],
  }: Partial<{
    kind: string;
    uid: string;
    objects: string[];
  }> = {},
): StateBefore {
  const cluster = `gpu-serving:index:${kind}`;
  return stateBefore({
    name: "prod",
    outputs: {
      [urn(cluster, "cluster")]: { type: cluster, outputs: uid === undefined ? {} : { uid } },
      [urn(`${cluster}$pulumi:providers:kubernetes`, "cluster")]: {
        type: "pulumi:providers:kubernetes",
        outputs: { kubeconfig: old, ...provider },
      },
      ...Object.fromEntries(
        objects.map((type) => [
          urn(`gpu-serving:index:Namespace$${type}`, "chat"),
          { type, outputs: {} },
        ]),
      ),
    },
  });
}

/** Why an up is refused; undefined where it goes on. */
function refusal(before: StateBefore, now: FoundCluster): string | undefined {
  try {
    sameCluster(before, now);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message;
  }
}

describe("the cluster of the last up", () => {
  it("is no matter where nothing was made yet", () => {
    const empty = stateBefore({ name: "prod", outputs: {} });

    assert.deepEqual(sameCluster(empty, { kubeconfig: old, uid: "1" }), {
      identity: "prod",
      uid: "1",
    });
  });

  it("may have another address and another authority", () => {
    const moved = kubeconfig("prod", "https://prod.example", "bmV3");

    assert.equal(refusal(state({ clusterIdentifier: "prod" }), { kubeconfig: moved }), undefined);
  });

  for (const kind of ["ExistingCluster", "ClusterOfStack"]) {
    it(`is not exchanged for one of another name: ${kind}`, () => {
      const staging = kubeconfig("staging", "https://203.0.113.5");

      assert.equal(
        refusal(state({ clusterIdentifier: "prod" }, { kind }), { kubeconfig: staging }),
        [
          "cluster: not the cluster that the objects of this stack are on: every object would be made anew and the former ones deleted; nothing was created or changed.",
          "    found:   staging",
          "    allowed: prod",
          "    do:      where it is the same cluster under another name, set cluster.identity to prod; for another cluster, make a stack of its own (pulumi stack init) and destroy this one",
        ].join("\n"),
      );
    });

    it(`is not exchanged for one of the same name: ${kind}`, () => {
      const namesake = kubeconfig("prod", "https://198.51.100.7");

      assert.equal(
        refusal(state({ clusterIdentifier: "prod" }, { kind, uid: "218fc5a9" }), {
          kubeconfig: namesake,
          uid: "5a1b0c7d",
        }),
        [
          "cluster: not the cluster that the objects of this stack are on, though it is known by the same name (prod); nothing was created or changed.",
          "    found:   https://198.51.100.7, whose namespace kube-system has the uid 5a1b0c7d",
          "    allowed: the cluster whose namespace kube-system has the uid 218fc5a9",
          "    do:      use the kubeconfig of that cluster; for another one, make a stack of its own (pulumi stack init). Where that cluster is gone for good, take its objects out of the state with PULUMI_K8S_DELETE_UNREACHABLE=true pulumi refresh, then run pulumi up",
        ].join("\n"),
      );
    });
  }

  it("is not taken for a service that is called cluster", () => {
    const service = urn("gpu-serving:index:InferenceService", "cluster");
    const before = new Map([[service, {}], ...state({ clusterIdentifier: "prod" }, { uid: "1" })]);

    assert.match(refusal(before, { kubeconfig: old, uid: "2" }) ?? "", /has the uid 2/);
  });

  it("is told from others of its name by what only it has, as soon as somebody may read that", () => {
    assert.deepEqual(
      sameCluster(state({ clusterIdentifier: "prod" }), { kubeconfig: old, uid: "1" }),
      { identity: "prod", uid: "1" },
    );
  });

  describe("that cannot be told from others of its name", () => {
    const known = state({ clusterIdentifier: "prod" }, { uid: "218fc5a9" });
    const unseen = "the API server answers 403";

    it("stays known by what was seen of it at the same address with the same authority, with a warning", () => {
      assert.deepEqual(sameCluster(known, { kubeconfig: old, unseen }), {
        identity: "prod",
        uid: "218fc5a9",
        warning: [
          "cluster: cannot be compared with the one that the objects of this stack are on, because the uid of its namespace kube-system cannot be read: the API server answers 403.",
          "    found:   https://203.0.113.5, with the same address and authority as the last pulumi up",
          "    do:      make sure that it is that cluster, and let this login read the namespace kube-system",
        ].join("\n"),
      });
    });

    it("is not known by what was seen of it where it may be another one, with a warning", () => {
      const at = (server: string) =>
        state(
          { clusterIdentifier: "prod", kubeconfig: kubeconfig("prod", server) },
          { uid: "218fc5a9" },
        );
      const proxied = "http://127.0.0.1:8001";
      for (const [before, now] of [
        [known, kubeconfig("prod", "https://198.51.100.7")],
        [known, kubeconfig("prod", "https://203.0.113.5", "bmV3")],
        [at(proxied), kubeconfig("prod", proxied)],
      ] as const) {
        const { uid, warning } = sameCluster(before, { kubeconfig: now, unseen });
        assert.equal(uid, undefined);
        assert.match(warning ?? "", /not known to be that of the last pulumi up/);
      }
    });

    it("is no matter where nothing was seen of it, or nothing is left on it", () => {
      const never = state({ clusterIdentifier: "prod" });
      const empty = state({ clusterIdentifier: "prod" }, { uid: "218fc5a9", objects: [] });
      for (const before of [never, empty]) {
        assert.deepEqual(sameCluster(before, { kubeconfig: old, unseen }), {
          ...{ identity: "prod", uid: undefined },
        });
      }
    });
  });

  it("may be another one where none of its objects is left", () => {
    const empty = state({ clusterIdentifier: "prod" }, { uid: "218fc5a9", objects: [] });
    const staging = kubeconfig("staging", "https://198.51.100.7");

    assert.deepEqual(sameCluster(empty, { kubeconfig: old, uid: "1" }), {
      identity: "prod",
      uid: "1",
    });
    assert.deepEqual(sameCluster(empty, { kubeconfig: staging }), {
      identity: "staging",
      uid: undefined,
    });
  });

  it("may get another name in the kubeconfig where the stack file says what it is known by", () => {
    const renamed = kubeconfig("production", "https://203.0.113.5");

    assert.equal(
      refusal(state({ clusterIdentifier: "prod" }), { kubeconfig: renamed, identity: "prod" }),
      undefined,
    );
  });

  it("of another stack is known by what that stack tells, whatever the kubeconfig calls it", () => {
    const told = "arn:aws:eks:us-east-1:123456789012:cluster/prod";
    const renamed = kubeconfig("renamed", "https://203.0.113.5");
    const before = state({ clusterIdentifier: told }, { kind: "ClusterOfStack" });

    assert.equal(sameCluster(before, { kubeconfig: renamed, told }).identity, told);
    const another = { kubeconfig: renamed, told: `${told}-2`, ofStack: true };
    const reason = refusal(before, another) ?? "";
    assert.match(reason, /allowed: arn:.*prod$/m);
    assert.match(reason, /do: +for another cluster, make a stack of its own/);
  });

  it("of another stack stays known by the name in the kubeconfig where its objects were made under it", () => {
    const told = "arn:aws:eks:us-east-1:123456789012:cluster/prod";
    const before = state({ clusterIdentifier: "prod" }, { kind: "ClusterOfStack" });

    assert.equal(sameCluster(before, { kubeconfig: old, told }).identity, "prod");
    const empty = stateBefore({ name: "prod", outputs: {} });
    assert.equal(sameCluster(empty, { kubeconfig: old, told }).identity, told);
  });

  for (const [what, changed] of [
    ["address", kubeconfig("prod", "https://prod.example")],
    ["authority", kubeconfig("prod", "https://203.0.113.5", "bmV3")],
  ] as const) {
    it(`keeps its ${what} until the state knows it by more than that`, () => {
      const reason = refusal(state({}), { kubeconfig: changed });

      assert.match(reason ?? "", /changed before its identity was kept/);
      assert.match(reason ?? "", /the state was made at https:\/\/203\.0\.113\.5/);
      assert.match(reason ?? "", /do: +put the former kubeconfig back and run pulumi up/);
    });
  }

  it("becomes known by its name in an up with the kubeconfig of the last one, whoever asks", () => {
    const bob = old.replaceAll("ann", "bob").replace("t0ken", "an0ther");

    assert.equal(refusal(state({}), { kubeconfig: bob }), undefined);
  });
});

describe("the cluster of a stack file", () => {
  const empty = stateBefore({ name: "prod", outputs: {} });
  const inFile = (cluster: string) =>
    fromFile({ "Pulumi.prod.yaml": `config: { cluster: ${cluster}, namespaces: { a: {} } }` });

  it("is asked what tells it from others where somebody else keeps it, and only there", async () => {
    const file = join(checkout, "test", "fixtures", "kubeconfig.yaml");
    const asked: string[] = [];
    const uidOf = (kubeconfig: string) => {
      asked.push(kubeconfig);
      return Promise.resolve({ uid: "218fc5a9" });
    };
    const other = {
      ...{ kubeconfig: old, identity: "told", pools: {}, loadBalancers: {}, namespaceLabels: {} },
    };
    const existing = inFile(`{ kind: existing, kubeconfig: "${file}" }`);
    const ofStack = inFile("{ kind: existing, stack: acme/gpu-serving/platform }");
    const own = inFile("{ kind: aks, region: eastus }");

    assert.equal((await clusterAsBefore(existing, empty, undefined, uidOf))?.uid, "218fc5a9");
    assert.deepEqual(await clusterAsBefore(ofStack, empty, other, uidOf), {
      identity: "told",
      uid: "218fc5a9",
    });
    assert.equal(await clusterAsBefore(own, empty, undefined, uidOf), undefined);
    assert.deepEqual([asked.length, asked[1]], [2, old]);
  });

  it("is not asked for in a preview that has none to compare", async () => {
    const file = join(checkout, "test", "fixtures", "kubeconfig.yaml");
    const existing = inFile(`{ kind: existing, kubeconfig: "${file}", identity: prod }`);
    const asked: string[] = [];
    const uidOf = (kubeconfig: string) => {
      asked.push(kubeconfig);
      return Promise.resolve({ uid: "218fc5a9" });
    };
    const known = state({ clusterIdentifier: "prod" }, { uid: "218fc5a9" });
    const unknown = state({ clusterIdentifier: "prod" });
    const mocks = {
      newResource: ({ name }: { name: string }) => ({ id: name, state: {} }),
      call: () => ({}),
    };

    await pulumi.runtime.setMocks(mocks, "gpu-serving", "prod", true);
    try {
      await clusterAsBefore(existing, unknown, undefined, uidOf);
      assert.equal(asked.length, 0);
      await clusterAsBefore(existing, known, undefined, uidOf);
      assert.equal(asked.length, 1);
    } finally {
      await pulumi.runtime.setMocks(mocks, "gpu-serving", "prod", false);
    }
  });

  it("is told of once where it cannot be compared", async () => {
    const file = join(checkout, "test", "fixtures", "kubeconfig.yaml");
    const existing = inFile(`{ kind: existing, kubeconfig: "${file}", identity: prod }`);
    const before = state({ clusterIdentifier: "prod" }, { uid: "218fc5a9" });
    const warned: string[] = [];
    const unseen = "no answer";
    const uidOf = () => Promise.resolve({ unseen });

    const known = await clusterAsBefore(existing, before, undefined, uidOf, (text) =>
      warned.push(text),
    );
    assert.deepEqual(known, { identity: "prod", uid: undefined });
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
        const refuse = () => refuseOtherKind(stack, state({}, { kind: was.kind }));
        if (kind === was.kind) assert.doesNotThrow(refuse);
        else assert.throws(refuse, (error) => pulumi.RunError.isInstance(error), kind);
      }
    });
  }

  it("is refused with what to do", () => {
    const [, eks] = kinds;
    assert.ok(eks);
    assert.throws(() => refuseOtherKind(eks.stack, state({})), {
      message: [
        "cluster: a cluster of another kind is another stack: every object would be made anew and the former ones deleted; nothing was created or changed.",
        "    found:   kind: eks",
        "    allowed: kind: existing",
        "    do:      write kind: existing again, and make a stack of its own for the other cluster (pulumi stack init); once nothing of this one is left (pulumi destroy), it may have any kind",
      ].join("\n"),
    });
  });

  it("may be any where nothing is left, or nothing was made yet", () => {
    for (const { stack } of kinds) {
      assert.doesNotThrow(() => refuseOtherKind(stack, state({}, { objects: [] })));
      assert.doesNotThrow(() => refuseOtherKind(stack, stateBefore({ name: "prod", outputs: {} })));
    }
  });
});
