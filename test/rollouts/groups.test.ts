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

/** Their LeaderWorkerSet. */
const set = { metadata: { generation: 2 }, status: { observedGeneration: 2 } };

const all = ["chat-0", "chat-0-1", "chat-1", "chat-1-1"];

describe("groups of pods", () => {
  it("are complete when all pods of all groups are of the newest version and ready", () => {
    const observed = ofGroups(
      set,
      leaders(),
      all.map((name) => pod(name)),
      [],
    );

    assert.deepEqual([observed.wanted, observed.complete, observed.leaving], [4, true, 0]);
  });

  it("are not complete while a member is not ready, or a group of an update is left", () => {
    const oneStarts = all.map((name) => pod(name, "new", name !== "chat-1-1"));
    assert.equal(ofGroups(set, leaders(), oneStarts, []).complete, false);

    const more = [...all, "chat-2", "chat-2-1"].map((name) => pod(name));
    assert.equal(ofGroups(set, leaders(), more, []).complete, false);
  });

  it("are not complete before both controllers have seen the newest version", () => {
    const ready = all.map((name) => pod(name));
    const unseen = { metadata: { generation: 3 }, status: { observedGeneration: 2 } };

    assert.equal(ofGroups(set, leaders(2), ready, []).complete, false);
    assert.equal(ofGroups(unseen, leaders(), ready, []).complete, false);
    assert.equal(ofGroups({ metadata: { generation: 1 } }, leaders(), ready, []).seen, false);
  });

  it("begin again where a pod of the newest version has crashed, also while it ends", () => {
    const crashed = (name: string, version = "new", ending = false): V1Pod => {
      const one = pod(name, version, false, ending);
      const own = { name: "chat", ready: false, restartCount: 1, image: "", imageID: "" };
      const lastState = { terminated: { exitCode: 1 } };
      return { ...one, status: { ...one.status, containerStatuses: [{ ...own, lastState }] } };
    };
    const pods = [crashed("chat-0", "old"), crashed("chat-1", "new", true), pod("chat-1-1")];
    const { crashed: found } = ofGroups(set, leaders(), pods, []);

    assert.deepEqual(
      found?.map(({ metadata }) => metadata?.name),
      ["chat-1"],
    );
  });

  it("are told of by the pods of the newest version that stay", () => {
    const pods = [
      pod("chat-0", "old"),
      pod("chat-0-1", "old"),
      pod("chat-1", "new", false),
      pod("chat-1-1", "old", true, true),
    ];
    const observed = ofGroups(set, leaders(), pods, []);

    assert.deepEqual(
      observed.pods.map(({ metadata }) => metadata?.name),
      ["chat-1"],
    );
    assert.deepEqual([observed.revision, observed.leaving], ["new", 1]);
  });
});
