import assert from "node:assert/strict";
import type { V1Pod, V1StatefulSet } from "@kubernetes/client-node";
import { ofGroups } from "../../rollouts/groups";

const versionLabel = "leaderworkerset.sigs.k8s.io/template-revision-hash";

/** The leaders of two groups of two pods, of the version `new`. */
function leaders(seen = 3): V1StatefulSet {
  return {
    metadata: {
      generation: 3,
      labels: { [versionLabel]: "new" },
      annotations: { "leaderworkerset.sigs.k8s.io/replicas": "2" },
    },
    spec: {
      replicas: 3,
      selector: {},
      serviceName: "chat",
      template: { metadata: { annotations: { "leaderworkerset.sigs.k8s.io/size": "2" } } },
    },
    status: { observedGeneration: seen, replicas: 3 },
  };
}

function pod(name: string, version = "new", ready = true, ending = false): V1Pod {
  return {
    metadata: {
      name,
      labels: { [versionLabel]: version },
      ...(ending && { deletionTimestamp: new Date() }),
    },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

const all = ["chat-0", "chat-0-1", "chat-1", "chat-1-1"];

describe("groups of pods", () => {
  it("are complete when all pods of all groups are of the newest version and ready", () => {
    const observed = ofGroups(
      leaders(),
      all.map((name) => pod(name)),
      [],
    );

    assert.deepEqual([observed.wanted, observed.complete, observed.leaving], [4, true, 0]);
  });

  it("are not complete while a member is not ready, or a group of an update is left", () => {
    const oneStarts = all.map((name) => pod(name, "new", name !== "chat-1-1"));
    assert.equal(ofGroups(leaders(), oneStarts, []).complete, false);

    const more = [...all, "chat-2", "chat-2-1"].map((name) => pod(name));
    assert.equal(ofGroups(leaders(), more, []).complete, false);
  });

  it("are not complete before their controller has seen the newest version", () => {
    assert.equal(
      ofGroups(
        leaders(2),
        all.map((name) => pod(name)),
        [],
      ).complete,
      false,
    );
  });

  it("are told of by the pods of the newest version that stay", () => {
    const pods = [
      pod("chat-0", "old"),
      pod("chat-0-1", "old"),
      pod("chat-1", "new", false),
      pod("chat-1-1", "old", true, true),
    ];
    const observed = ofGroups(leaders(), pods, []);

    assert.deepEqual(
      observed.pods.map(({ metadata }) => metadata?.name),
      ["chat-1"],
    );
    assert.deepEqual([observed.revision, observed.leaving], ["new", 1]);
  });
});
