import assert from "node:assert/strict";
import { earlierCrashes } from "../../rollouts/container-verdict";
import { verdict } from "../../rollouts/verdict";
import type { Observed } from "../../rollouts/workload";
import { at, event, job, pod, rolling, start, type PodFacts } from "./objects";

const patience = { placement: 0, since: start, older: false };
const judge = (observed: Observed, seconds = 20, more = {}) =>
  verdict(observed, { ...patience, ...more }, at(seconds));
const crashed = (restartCount: number, seconds: number, terminated = {}): PodFacts => ({
  status: {
    restartCount,
    state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } },
    lastState: {
      terminated: { exitCode: 1, reason: "Error", finishedAt: at(seconds), ...terminated },
    },
  },
});
const waiting = (reason: string, message = ""): PodFacts => ({
  status: { state: { waiting: { reason, message } } },
});
const noNode = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.";

describe("the state of a rollout, in words", () => {
  const stateOf = (facts: PodFacts, ...events: ReturnType<typeof event>[]) =>
    judge(rolling([pod(facts)], events)).state;

  it("is done when all replicas are of the newest version and available", () => {
    const status = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    const { done, state } = judge(rolling([], [], { status }));
    assert.deepEqual({ done, state }, { done: true, state: "2 of 2 ready" });
  });

  it("is not done while the cluster has not seen the newest version, whatever the old one counts", () => {
    const status = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, observedGeneration: 1 };
    const { done, state } = judge(rolling([], [], { status }));
    assert.deepEqual({ done, state }, { done: false, state: "waiting for the cluster to begin" });
  });

  it("is not done while replicas of the version before are left", () => {
    const status = { replicas: 3, updatedReplicas: 2, availableReplicas: 2 };
    assert.equal(judge(rolling([pod({ ready: true })], [], { status })).done, false);
  });

  it("counts the ready replicas of the newest version alone", () => {
    const pods = [pod({ ready: true, version: "old" }), pod({ ready: true, name: "chat-2" })];
    assert.equal(judge(rolling(pods)).state, "1 of 2 ready");
  });

  it("says what the first replica that is not ready does", () => {
    assert.equal(stateOf({ unschedulable: noNode }), `0 of 2 ready, waiting for a node: ${noNode}`);
    assert.equal(
      stateOf(waiting("ContainerCreating"), event("Pulling", 'Pulling image "models/chat:v2"')),
      "0 of 2 ready, pulling the image models/chat:v2",
    );
    assert.equal(stateOf({}), "0 of 2 ready, starting");
    assert.equal(stateOf(crashed(1, 5)), "0 of 2 ready, crashed once (exit code 1), starts again");
  });

  it("says what the live replica does, not how a dead one ended whose place it has taken", () => {
    const dead = pod({ name: "chat-0", phase: "Failed", reason: "Evicted", message: "no disk" });
    const state = (...others: ReturnType<typeof pod>[]) =>
      judge(rolling([dead, ...others], [], { status: { updatedReplicas: 3 } })).state;
    const ready = (name: string) => pod({ name, ready: true });
    assert.equal(state(pod()), "0 of 2 ready, starting");
    assert.equal(state(ready("chat-1"), pod({ name: "chat-2" })), "1 of 2 ready, starting");
    assert.equal(state(ready("chat-1"), ready("chat-2")), "2 of 2 ready");
    assert.equal(state(ready("chat-1")), "1 of 2 ready, ended for good: Evicted: no disk");
  });

  it("says what the startup probe is answered while the server starts", () => {
    const answered = (answer: string) =>
      stateOf({}, event("Unhealthy", `Startup probe failed: ${answer}`));
    assert.equal(
      answered("HTTP probe failed with statuscode: 404"),
      "0 of 2 ready, starting: startup probe got HTTP 404 from /healthz",
    );
    assert.match(
      answered(
        'Get "http://10.0.0.7:8000/healthz": dial tcp 10.0.0.7:8000: connect: connection refused',
      ),
      /starting: startup probe got no answer from \/healthz: nothing listens on the port yet/,
    );
  });
});

describe("the problem of a rollout", () => {
  const findingOf = (facts: PodFacts, ...events: ReturnType<typeof event>[]) =>
    judge(rolling([pod(facts)], events)).finding;

  it("is the third crash, with exit code and log, and not the second", () => {
    assert.equal(findingOf(crashed(1, 5)), undefined);
    const found = findingOf(crashed(2, 15));
    assert.equal(found?.problem, "crashed 3 times, last with exit code 1");
    assert.deepEqual(found?.log, { pod: "chat-1", container: "server", previous: false });
  });

  it("names the signal, and memory that ran out", () => {
    assert.match(findingOf(crashed(2, 15, { exitCode: 139 }))?.problem ?? "", /139, signal 11/);
    const found = findingOf(crashed(2, 15, { exitCode: 137, reason: "OOMKilled" }));
    assert.match(found?.problem ?? "", /more memory than it may \(OOMKilled\)/);
    assert.match(found?.fix ?? "", /raise `memory`/);
  });

  it("is found in init containers and sidecars, too", () => {
    const { status } = crashed(2, 15);
    const found = findingOf({
      init: status,
      status: { state: { waiting: { reason: "PodInitializing" } } },
    });
    assert.equal(found?.container, "fetch");
  });

  it("is no crash of a version before, nor of an earlier attempt", () => {
    const old = pod({ ...crashed(9, 15), version: "old" });
    assert.equal(judge(rolling([old])).finding, undefined);
    const crashing = pod({ ...crashed(9, -100), made: -600 });
    const known = { older: true, earlier: new Map(earlierCrashes(crashing)) };
    assert.equal(judge(rolling([crashing]), 20, known).finding, undefined);
    const again = pod({ ...crashed(10, 15), made: -600 });
    assert.equal(judge(rolling([again])).finding, undefined, "it may be about to be replaced");
    assert.equal(
      judge(rolling([again]), 20, known).finding?.problem,
      "crashed 11 times, last with exit code 1",
    );
  });

  it("is no crash of the version that is about to be replaced, until the cluster shows the next one", () => {
    const old = pod({ ...crashed(9, 15), made: -600 });
    const because = { older: true, replaced: "2" };
    assert.equal(judge(rolling([old]), 600, because).finding, undefined);
    assert.ok(judge(rolling([old]), 20, { ...because, replaced: "1" }).finding);
    const fresh = pod(crashed(2, 15));
    assert.ok(judge(rolling([fresh]), 20, because).finding, "made since the update began");
  });

  it("is one crash more of a pod that crashed again and again, and the third of one that ran well", () => {
    const findingAfter = (before: PodFacts, now: PodFacts) => {
      const earlier = new Map(earlierCrashes(pod({ ...before, made: -600 })));
      const pods = [pod({ ...now, made: -600 })];
      return judge(rolling(pods), 20, { older: true, earlier }).finding;
    };
    const running = (restartCount: number, ready = true): PodFacts => ({
      status: { restartCount, ready },
      ready,
    });
    assert.ok(findingAfter(crashed(9, -5), crashed(10, 15)));
    assert.ok(findingAfter(running(10, false), crashed(10, 15)));
    for (const crashes of [4, 5]) {
      assert.equal(findingAfter(running(4), crashed(crashes, 15)), undefined, `${crashes}`);
    }
    assert.ok(findingAfter(running(4), crashed(6, 15)));
    assert.equal(findingAfter(crashed(0, -5), crashed(1, 15)), undefined);
  });

  it("is a crash whatever the clock of its node says", () => {
    const slow = pod(crashed(2, -3600));
    assert.ok(judge(rolling([slow])).finding);
  });

  it("is the second failure to pull an image, and not the first", () => {
    const failed = (count: number) =>
      findingOf(
        waiting("ImagePullBackOff"),
        event("Failed", 'Failed to pull image "models/chat:v2": not found', { count }),
        event("Failed", "Error: ErrImagePull", { count }),
      );
    assert.equal(failed(1), undefined);
    assert.equal(
      failed(2)?.problem,
      "the image models/chat:v2 cannot be pulled (ImagePullBackOff)",
    );
    assert.deepEqual(failed(2)?.said, ['Failed to pull image "models/chat:v2": not found']);
  });

  it("is an image that no attempt can bring, at once", () => {
    assert.match(findingOf(waiting("InvalidImageName"))?.problem ?? "", /InvalidImageName/);
    assert.match(findingOf(waiting("ErrImageNeverPull"))?.problem ?? "", /ErrImageNeverPull/);
  });

  it("is a container that cannot be made, once that goes on", () => {
    const found = findingOf(waiting("CreateContainerConfigError", 'secret "key" not found'));
    assert.deepEqual(found?.said, ['secret "key" not found']);
    assert.ok((found?.settle ?? 0) > 0);
  });

  it("is a container of a pod from before that cannot be made once it was tried again", () => {
    const text = 'secret "key" not found';
    const old = pod({ ...waiting("CreateContainerConfigError", text), made: -600 });
    const from = { older: true, earlier: new Map(earlierCrashes(old)) };
    const failed = (seconds: number) => event("Failed", `Error: ${text}`, { seconds });
    assert.equal(judge(rolling([old], [failed(-20)]), 40, from).finding, undefined);
    assert.deepEqual(judge(rolling([old], [failed(12)]), 40, from).finding?.said, [text]);
  });

  it("is a startup probe that failed for its whole budget, with its answer", () => {
    const answer = event(
      "Unhealthy",
      "Startup probe failed: HTTP probe failed with statuscode: 404",
    );
    assert.equal(findingOf({}, answer), undefined, "it may still answer");
    const found = findingOf(
      {},
      answer,
      event("Killing", "Container server failed startup probe, will be restarted", { seconds: 60 }),
    );
    assert.equal(
      found?.problem,
      "it did not answer within `startup` (60 s) and was ended: startup probe got HTTP 404 from /healthz",
    );
    assert.match(found?.fix ?? "", /correct `health`/);
  });

  it("is no node, once an autoscaler had its time and nobody makes room", () => {
    const one = pod({ unschedulable: noNode });
    const at40 = (more = {}, ...events: ReturnType<typeof event>[]) =>
      judge(rolling([one], events), 40, more).finding;
    assert.equal(judge(rolling([one]), 20).finding, undefined);
    assert.deepEqual([at40()?.problem, at40()?.said], ["no node fits", [noNode]]);
    assert.equal(at40({ placement: 900 }), undefined);
    assert.ok(judge(rolling([one]), 950, { placement: 900 }).finding);
    assert.equal(at40({}, event("TriggeredScaleUp", "pod triggered scale-up")), undefined);
    const leaving = pod({ name: "chat-0", version: "old", leaving: true });
    assert.equal(judge(rolling([one, leaving]), 40).finding, undefined);
  });

  it("is a pod that the cluster refuses: against Pod Security at once, for the quota once old pods have ended", () => {
    const refused = (message: string, seconds: number, pods = [pod({ ready: true })]) =>
      judge(
        rolling(pods, [], {
          conditions: [
            {
              ...{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message },
              lastTransitionTime: at(1),
            },
          ],
        }),
        seconds,
      ).finding;
    const quota = 'pods "chat-2" is forbidden: exceeded quota: quota, requested: pods=1';
    assert.match(
      refused('pods "chat-2" is forbidden: violates PodSecurity "restricted:latest": ...', 2)
        ?.fix ?? "",
      /podSecurity/,
    );
    assert.equal(refused(quota, 5), undefined);
    assert.deepEqual(refused(quota, 20)?.said, [quota]);
    const leaving = pod({ name: "chat-0", version: "old", leaving: true });
    assert.equal(refused(quota, 20, [leaving]), undefined);
  });

  it("is a refusal from before only where it stays", () => {
    const message = 'pods "chat-2" is forbidden: violates PodSecurity "restricted:latest": ...';
    const failure = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message };
    const observed = rolling([], [], {
      conditions: [{ ...failure, lastTransitionTime: at(-600) }],
    });
    assert.equal(judge(observed, 20, { older: true }).finding, undefined);
    assert.ok(judge(observed, 40, { older: true }).finding);
  });

  it("is the third pod that ended for good", () => {
    const evicted = (name: string) =>
      pod({ name, phase: "Failed", reason: "Evicted", message: "The node was low on storage" });
    assert.equal(judge(rolling([evicted("a"), evicted("b")])).finding, undefined);
    const found = judge(rolling([evicted("a"), evicted("b"), evicted("c")])).finding;
    assert.deepEqual(found?.said, ["The node was low on storage"]);
  });

  it("is no pod that ended before this update, however many there are", () => {
    const old = ["a", "b", "c"].map((name) =>
      pod({ name, made: -600_000, phase: "Failed", reason: "Terminated" }),
    );
    assert.equal(judge(rolling([...old, pod()]), 20, { older: true }).finding, undefined);
  });

  it("is no init container that has done its work, however often it failed before", () => {
    const init = {
      restartCount: 2,
      state: { terminated: { exitCode: 0, finishedAt: at(18) } },
      lastState: { terminated: { exitCode: 1, finishedAt: at(10) } },
    };
    assert.equal(findingOf({ init }), undefined);
  });

  it("is no refusal of the version before, which the Deployment repeats", () => {
    const own = [
      {
        ...{ type: "ReplicaFailure", status: "True", reason: "FailedCreate" },
        message: 'pods "chat-0" is forbidden: violates PodSecurity "restricted:latest"',
        lastTransitionTime: at(5),
      },
    ];
    assert.equal(judge(rolling([pod()], [], { own })).finding, undefined);
    assert.match(judge(rolling([], [], { conditions: own })).finding?.problem ?? "", /refuses/);
  });

  it("is what the cluster itself gave up", () => {
    const own = [
      {
        ...{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" },
        lastTransitionTime: at(600),
      },
    ];
    const dead = pod({ name: "chat-0", phase: "Failed", reason: "Evicted" });
    const found = judge(rolling([dead, pod()], [], { own }), 601).finding;
    assert.equal(found?.problem, "no replica made progress for 600 seconds");
    assert.deepEqual([found?.pod, found?.said], ["chat-1", ["starting"]]);
  });

  it("is nothing of a replica that is ready", () => {
    assert.equal(findingOf({ ...crashed(5, 15), ready: true }), undefined);
  });
});

describe("a job that is to start", () => {
  it("is done with the first pod that is ready, has succeeded or has failed", () => {
    for (const count of ["ready", "succeeded", "failed"]) {
      const { done, state } = judge(job([pod()], [], { [count]: 1 }));
      assert.deepEqual([done, state], [true, "started"]);
    }
    assert.equal(judge(job([pod()], [], { ready: 0 })).done, false);
  });

  it("has failed where its image cannot be pulled, and where no node fits", () => {
    const said = event("Failed", 'Failed to pull image "models/chat:v2": not found', { count: 2 });
    const image = judge(job([pod(waiting("ImagePullBackOff"))], [said])).finding;
    assert.match(image?.problem ?? "", /^the image models\/chat:v2 cannot be pulled/);
    const unplaced = judge(job([pod({ unschedulable: noNode })]), 60).finding;
    assert.deepEqual([unplaced?.problem, unplaced?.said], ["no node fits", [noNode]]);
  });

  it("has failed where the cluster refuses its pods", () => {
    const message = 'Error creating: pods "study-x" is forbidden: exceeded quota: quota';
    const refused = event("FailedCreate", message, { name: "study" });
    assert.equal(judge(job([], [refused]), 8).finding, undefined);
    const { finding } = judge(job([], [refused]), 40);
    assert.deepEqual(
      [finding?.problem, finding?.said],
      ["the namespace's quota has no room for a replica", [message]],
    );
  });
});
