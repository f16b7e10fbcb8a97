import assert from "node:assert/strict";
import { earlierCrashes } from "../../rollouts/container-verdict";
import { verdict } from "../../rollouts/verdict";
import type { Observed } from "../../rollouts/workload";
import { at, event, job, pod, rolling, start, type PodFacts } from "./objects";

const judge = (observed: Observed, seconds = 20, more = {}) =>
  verdict(observed, { placement: 0, since: start, older: false, ...more }, at(seconds));
const problemIn = (...args: Parameters<typeof judge>) => judge(...args).finding;
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
const ending = pod({ name: "chat-0", version: "old", leaving: true });
const noNode = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.";
const notFound = (count: number) =>
  event("Failed", `Failed to pull image "models/chat:v2": not found`, { count });
const violation = 'pods "chat-2" is forbidden: violates PodSecurity "restricted:latest": ...';
const condition = (seconds: number, message: string) => ({
  ...{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message },
  lastTransitionTime: at(seconds),
});

describe("the state of a rollout, in words", () => {
  const stateOf = (facts: PodFacts, ...events: ReturnType<typeof event>[]) =>
    judge(rolling([pod(facts)], events)).state;

  const counted = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  for (const [claim, status, done, state] of [
    ["is done when all replicas are of the newest version and available", {}, true, "2 of 2 ready"],
    [
      "is not done while the cluster has not seen the newest version, whatever the old one counts",
      { observedGeneration: 1 },
      ...([false, "waiting for the cluster to begin"] as const),
    ],
    ["is not done while old replicas are left", { replicas: 3 }, false, "1 of 2 ready"],
    ["is not done while one is not available", { availableReplicas: 1 }, false, "1 of 2 ready"],
    ["is not done while one is not made", { updatedReplicas: 1 }, false, "1 of 2 ready"],
  ] as const) {
    it(claim, () => {
      const pods = [pod({ ready: true, version: "old" }), pod({ ready: true, name: "chat-2" })];
      const seen = judge(rolling(pods, [], { status: { ...counted, ...status } }));
      assert.deepEqual([seen.done, seen.state], [done, state]);
    });
  }

  it("names the nodes that are not counted", () => {
    const away = ["a", "b"];
    const seen = { ...rolling([]), wanted: 3, complete: true, away };
    const words = "not counting nodes a, b, which are not ready";
    assert.equal(judge(seen).state, `1 of 3 ready, ${words}`);
    assert.match(judge({ ...seen, away: ["a"] }).state, /^2 of 3 .* node a, which is not ready$/);
  });

  it("says what the first replica that is not ready does", () => {
    for (const [words, facts, ...events] of [
      [`waiting for a node: ${noNode}`, { unschedulable: noNode }],
      ["starting", {}],
      ["starting again (restart 2)", { status: { restartCount: 2 } }],
      ["crashed once (exit code 1), starts again", crashed(1, 5)],
      [
        "pulling the image models/chat:v2 failed (ErrImagePull), tried again",
        waiting("ErrImagePull"),
      ],
      ["cannot start yet (CreateContainerError): no", waiting("CreateContainerError", "no")],
      ["fetch: starting", { init: {} }],
      [
        "pulling the image models/chat:v2",
        waiting("ContainerCreating"),
        event("Pulling", 'Pulling image "models/chat:v2"'),
      ],
      [
        "starting: no such volume",
        waiting("ContainerCreating"),
        event("FailedMount", "no such volume"),
      ],
    ] as [string, PodFacts, ...ReturnType<typeof event>[]][]) {
      assert.equal(stateOf(facts, ...events), `0 of 2 ready, ${words}`);
    }
    assert.equal(judge(rolling([ending])).state, "0 of 2 ready, old replicas are ending");
    const refused = rolling([], [], { conditions: [condition(1, violation)] });
    assert.equal(judge(refused).state, `0 of 2 ready, ${violation}`);
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
    for (const [answer, words] of [
      ["HTTP probe failed with statuscode: 404", "got HTTP 404 from /healthz"],
      [
        'Get "http://10.0.0.7:8000/healthz": dial tcp 10.0.0.7:8000: connect: connection refused',
        "got no answer from /healthz: nothing listens on the port yet (connection refused)",
      ],
      ["Get ...: context deadline exceeded", "got no answer in time from /healthz"],
      ["exit code 3", "failed: exit code 3"],
    ] as const) {
      const said = stateOf({}, event("Unhealthy", `Startup probe failed: ${answer}`));
      assert.equal(said, `0 of 2 ready, starting: startup probe ${words}`);
    }
    assert.equal(stateOf({}, event("Unhealthy", "odd")), "0 of 2 ready, starting: odd");
  });
});

describe("the problem of a rollout", () => {
  const findingOf = (facts: PodFacts, ...events: ReturnType<typeof event>[]) =>
    problemIn(rolling([pod(facts)], events));

  it("is the third crash, with exit code and log, and not the second", () => {
    assert.equal(findingOf(crashed(1, 5)), undefined);
    const { problem, said, fix, log } = findingOf(crashed(2, 15)) ?? {};
    assert.equal(problem, "crashed 3 times, last with exit code 1");
    assert.deepEqual([said, fix?.startsWith("mend what the log says")], [[], true]);
    assert.deepEqual(log, { pod: "chat-1", container: "server", previous: false });
    assert.ok(findingOf(crashed(2, -3600)), "whatever the clock of its node says");
    assert.equal(findingOf({ ...crashed(5, 15), ready: true }), undefined, "it is ready");
    const running = { ...crashed(5, 15).status, state: { running: {} } };
    assert.equal(findingOf({ status: running }), undefined, "it runs");
  });

  it("names the signal, a reason, and memory that ran out", () => {
    const last = (terminated: object) => findingOf(crashed(2, 15, terminated))?.problem ?? "";
    assert.match(last({ exitCode: 139 }), /exit code 139, signal 11$/);
    assert.match(last({ exitCode: 1, signal: 9 }), /exit code 1, signal 9$/);
    assert.match(last({ reason: "StartError" }), /exit code 1 \(StartError\)$/);
    const found = findingOf(crashed(2, 15, { exitCode: 137, reason: "OOMKilled" }));
    assert.match(found?.problem ?? "", /more memory than it may \(OOMKilled\)/);
    assert.match(found?.fix ?? "", /raise `memory`/);
  });

  it("tells with a crash what the run said last, and the liveness probe that ended it", () => {
    const killed = event("Killing", "Container server failed liveness probe, will be restarted");
    const others = [event("Killing", "Stop"), event("Unhealthy", "liveness probe failed")];
    const found = findingOf(crashed(2, 15, { message: "bye" }), killed, killed, ...others);
    assert.deepEqual(found?.said, [killed.message, "bye"]);
  });

  it("is found in init containers and sidecars, too, and not in an init container that is done", () => {
    const { status } = crashed(2, 15);
    const initializing = waiting("PodInitializing");
    assert.equal(findingOf({ init: status, ...initializing })?.container, "fetch");
    const done = { ...status, state: { terminated: { exitCode: 0 } } };
    assert.equal(findingOf({ init: done }), undefined);
  });

  it("is no crash of a version before, nor of an earlier attempt", () => {
    const old = pod({ ...crashed(9, 15), version: "old" });
    assert.equal(problemIn(rolling([old])), undefined);
    const crashing = pod({ ...crashed(9, -100), made: -600 });
    const known = { older: true, earlier: new Map(earlierCrashes(crashing)) };
    assert.equal(problemIn(rolling([crashing]), 20, known), undefined);
    const again = pod({ ...crashed(10, 15), made: -600 });
    assert.equal(problemIn(rolling([again])), undefined, "it may be about to be replaced");
    const found = problemIn(rolling([again]), 20, known);
    assert.equal(found?.problem, "crashed 11 times, last with exit code 1");
  });

  it("is no crash of the version that is about to be replaced, until the cluster shows the next one", () => {
    const old = pod({ ...crashed(9, 15), made: -600 });
    const because = { older: true, replaced: "2" };
    assert.equal(problemIn(rolling([old]), 600, because), undefined);
    assert.ok(problemIn(rolling([old]), 20, { ...because, replaced: "1" }));
    const fresh = pod(crashed(2, 15));
    assert.ok(problemIn(rolling([fresh]), 20, because), "made since the update began");
  });

  it("is one crash more of a pod that crashed again and again, and the third of one that ran well", () => {
    const findingAfter = (before: PodFacts, now: PodFacts) => {
      const earlier = new Map(earlierCrashes(pod({ ...before, made: -600 })));
      const pods = [pod({ ...now, made: -600 })];
      return problemIn(rolling(pods), 20, { older: true, earlier });
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

  it("is the second failure of this attempt to pull an image, and not the first", () => {
    const failed = (...events: ReturnType<typeof event>[]) =>
      findingOf(waiting("ImagePullBackOff"), ...events);
    assert.equal(failed(notFound(1), event("Failed", "Error: ErrImagePull")), undefined);
    const before = event("Failed", notFound(1).message ?? "", { count: 2, seconds: -5 });
    assert.equal(failed(before, notFound(1)), undefined);
    for (const other of [{ name: "chat-2" }, { container: "fetch" }]) {
      const theirs = event("Failed", notFound(1).message ?? "", { count: 2, ...other });
      assert.equal(failed(theirs), undefined, "another container");
    }
    const later = event("Failed", "Failed to pull image: no route", { seconds: 6 });
    assert.deepEqual(failed(later, notFound(1))?.said, [later.message]);
    const { problem, said, fix } = failed(notFound(2)) ?? {};
    assert.equal(problem, "the image models/chat:v2 cannot be pulled (ImagePullBackOff)");
    assert.deepEqual(said, [notFound(2).message]);
    assert.match(fix ?? "", /push it/);
    const denied = event("Failed", "Failed to pull image: 403 Forbidden", { count: 2 });
    assert.match(failed(denied)?.fix ?? "", /pullSecrets/);
  });

  it("is an image that no attempt can bring, at once", () => {
    for (const reason of ["InvalidImageName", "ErrImageNeverPull"]) {
      assert.match(findingOf(waiting(reason))?.problem ?? "", RegExp(`cannot be used.*${reason}`));
    }
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
    assert.equal(problemIn(rolling([old], [failed(-20)]), 40, from), undefined);
    assert.deepEqual(problemIn(rolling([old], [failed(12)]), 40, from)?.said, [text]);
  });

  it("is a startup probe that failed for its whole budget in this attempt, with its answer and its log", () => {
    const message = "Startup probe failed: HTTP probe failed with statuscode: 404";
    const killed = (seconds: number) =>
      event("Killing", "Container server failed startup probe, will be restarted", { seconds });
    const found = (...events: ReturnType<typeof event>[]) =>
      findingOf({ status: { restartCount: 1 } }, event("Unhealthy", message), ...events);
    assert.equal(found(), undefined, "it may still answer");
    assert.equal(found(killed(-5)), undefined, "an attempt before");
    const { problem, said, fix, log } = found(killed(60)) ?? {};
    assert.equal(
      problem,
      "it did not answer within `startup` (60 s) and was ended: startup probe got HTTP 404 from /healthz",
    );
    assert.match(fix ?? "", /it must be a path/);
    assert.deepEqual([said, log?.previous], [[message], true]);
    const first = findingOf({}, killed(60));
    assert.deepEqual([first?.said, first?.log?.previous], [[], false]);
    assert.match(first?.fix ?? "", /raise `startup`/);
  });

  it("is no node, once an autoscaler had its time and nobody makes room", () => {
    const one = pod({ unschedulable: noNode });
    const after = (seconds: number, more = {}, ...events: ReturnType<typeof event>[]) =>
      problemIn(rolling([one], events), seconds, more);
    const { problem, said, fix } = after(40) ?? {};
    assert.deepEqual([problem, said], ["no node fits", [noNode]]);
    assert.match(
      fix ?? "",
      /whether its nodes offer `nvidia\.com\/gpu`, .*`kubectl describe nodes`/,
    );
    const lacks = (resource: string) => {
      const unschedulable = `0/1 nodes are available: 1 Insufficient ${resource}. preemption: ...`;
      return problemIn(rolling([pod({ unschedulable })]), 40)?.fix;
    };
    assert.match(lacks("nvidia.com/mig-1g.10gb") ?? "", /offer `nvidia\.com\/mig-1g\.10gb`,/);
    assert.match(lacks("cpu") ?? "", /raise `nodes\.max` of the pool$/);
    for (const [seconds, placement, expected] of [
      [20, 0, false],
      [40, 900, false],
      [950, 900, true],
    ] as const) {
      assert.equal(!!after(seconds, { placement }), expected, `${seconds} of ${placement} s`);
    }
    for (const reason of ["TriggeredScaleUp", "Nominated"]) {
      assert.equal(after(40, {}, event(reason, "a node comes")), undefined);
    }
    assert.ok(after(40, {}, event("Nominated", "a node comes", { name: "chat-2" })));
    const refused = event("NotTriggerScaleUp", "max node group size reached");
    assert.deepEqual(after(40, {}, refused)?.said, [noNode, refused.message]);
    assert.equal(problemIn(rolling([one, ending]), 40), undefined);
  });

  it("is a pod that the cluster refuses: against Pod Security at once, for the quota once old pods have ended", () => {
    const refused = (message: string, seconds: number, pods = [pod({ ready: true })], more = {}) =>
      problemIn(rolling(pods, [], { conditions: [condition(1, message)] }), seconds, more);
    const quota = 'pods "chat-2" is forbidden: exceeded quota: quota, requested: pods=1';
    assert.match(refused(violation, 2)?.fix ?? "", /podSecurity/);
    assert.equal(refused("webhook says no", 20), undefined);
    assert.equal(refused("webhook says no", 40)?.fix, "correct what it names");
    const noClass = 'pods "chat-2" is forbidden: pod rejected: RuntimeClass "nvidia" not found';
    assert.match(refused(noClass, 40)?.fix ?? "", /set `runtimeClass` of the pool to one that/);
    assert.equal(refused(quota, 5), undefined);
    const { problem, said } = refused(quota, 20) ?? {};
    assert.match(problem ?? "", /quota has no room/);
    assert.deepEqual(said, [quota]);
    assert.equal(refused(quota, 20, [ending]), undefined);
    assert.equal(refused(quota, 20, [], { placement: 60 }), undefined);
  });

  it("is a refusal from before only where it stays, and where old versions count", () => {
    const over = [{ ...condition(1, violation), status: "False" }];
    assert.equal(problemIn(rolling([], [], { conditions: over }), 600), undefined);
    const observed = rolling([], [], { conditions: [condition(-600, violation)] });
    assert.equal(problemIn(observed, 20, { older: true }), undefined);
    assert.ok(problemIn(observed, 40, { older: true }));
    assert.equal(problemIn(observed, 40), undefined);
  });

  it("is no refusal of the version before, which the Deployment repeats", () => {
    const own = [condition(5, violation)];
    assert.equal(problemIn(rolling([pod()], [], { own })), undefined);
    assert.match(problemIn(rolling([], [], { conditions: own }))?.problem ?? "", /refuses/);
  });

  it("is the third pod that ended for good since this update began", () => {
    const evicted = (name: string, made?: number) =>
      pod({ name, made, phase: "Failed", reason: "Evicted", message: "low on storage" });
    assert.equal(problemIn(rolling([evicted("a"), evicted("b")])), undefined);
    const found = problemIn(rolling([evicted("a"), evicted("b"), evicted("c")]));
    assert.deepEqual([found?.pod, found?.said], ["c", ["low on storage"]]);
    const names = ["a", "b", "c"];
    assert.equal(problemIn(rolling(names.map((name) => pod({ name })))), undefined);
    const old = names.map((name) => evicted(name, -600_000));
    assert.equal(problemIn(rolling([...old, pod()]), 20, { older: true }), undefined);
  });

  it("is what the cluster itself gave up", () => {
    const given = (from: number, seconds: number, more = {}, reason = "DeadlineExceeded") => {
      const progress = { type: "Progressing", status: "False", reason: `Progress${reason}` };
      const own = [{ ...progress, lastTransitionTime: at(from) }];
      const dead = pod({ name: "chat-0", phase: "Failed", reason: "Evicted" });
      return problemIn(rolling([dead, pod()], [], { own }), seconds, more);
    };
    const found = given(600, 601);
    assert.equal(found?.problem, "no replica made progress for 600 seconds");
    assert.deepEqual([found.pod, found.said], ["chat-1", ["starting"]]);
    assert.equal(given(600, 601, {}, "ing"), undefined);
    assert.equal(given(-5, 601), undefined, "an attempt before");
    assert.equal(given(-5, 599, { older: true }), undefined, "it may be about to be withdrawn");
    assert.ok(given(-5, 601, { older: true }));
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

  it("has failed where its image cannot be pulled, where no node fits, and where its pods are refused", () => {
    const image = problemIn(job([pod(waiting("ImagePullBackOff"))], [notFound(2)]));
    assert.match(image?.problem ?? "", /^the image models\/chat:v2 cannot be pulled/);
    assert.equal(problemIn(job([pod({ unschedulable: noNode })]), 60)?.problem, "no node fits");
    const message = 'Error creating: pods "study-x" is forbidden: exceeded quota: quota';
    const refused = job([], [event("FailedCreate", message, { name: "study" })]);
    assert.equal(problemIn(refused, 8), undefined);
    assert.equal(problemIn(job([], [event("SuccessfulCreate", message)]), 40), undefined);
    assert.deepEqual(problemIn(refused, 40)?.said, [message]);
  });

  it("has failed where a pod from before crashes again, though no version of it is counted", () => {
    const old = job([pod({ ...crashed(9, 15), made: -600 })]);
    assert.ok(problemIn(old, 20, { older: true }));
    assert.equal(problemIn(old), undefined);
  });
});
