import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { NoAnswer } from "../../rollouts/ask";
import type { Cluster } from "../../rollouts/cluster";
import { linesOf } from "../../rollouts/problem";
import { watch, type Target } from "../../rollouts/watch";
import type { Observed } from "../../rollouts/workload";
import { at, pod, rolling, start } from "./objects";

const chat: Target = {
  ...{ kind: "Deployment", namespace: "vision", name: "chat", placement: 0, older: false },
};
const complete = rolling([], [], {
  status: { replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
});
const crashing = rolling([
  pod({
    status: {
      restartCount: 2,
      state: { terminated: { exitCode: 1, finishedAt: at(15) } },
    },
  }),
]);

/** Watches a cluster that shows these, one a look, and then the last one on; gives what was heard. */
async function heard(
  looks: (Observed | Error | undefined)[],
  {
    lines = ["Traceback", "ValueError: no"],
    lost = 0,
    seconds = 0,
    target = chat,
  }: { lines?: string[]; lost?: number; seconds?: number; target?: Target } = {},
): Promise<string[]> {
  const told: string[] = [];
  let look = 0;
  let asked = 0;
  const cluster: Cluster = {
    observe: () => {
      const answer = looks[Math.min(look++, looks.length - 1)];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    // The last logs may be gone before they are read.
    lastLines: () => Promise.resolve(asked++ < 3 - lost ? lines : []),
    labelled: () => Promise.resolve([]),
  };
  const watching = watch(
    cluster,
    () => [target],
    {
      state: ({ name }, state) => told.push(`${name}: ${state}`),
      done: ({ name }) => told.push(`${name} done`),
      problem: ({ name }, problem) => told.push(...linesOf(name, problem)),
      blind: (why) => told.push(`blind: ${why}`),
    },
    { interval: 1, since: start, now: () => at(20 + (look - 1) * seconds) },
  );
  for (let waited = 0; look < looks.length + 3 && waited < 1000; waited += 5) await sleep(5);
  watching.stop();
  return told;
}

/** A look at groups of which one pod has crashed, which was made so many seconds after the start. */
const crashedGroup = (made: number, name = "chat-1", exitCode = 1): Observed => {
  const terminated = { exitCode, finishedAt: at(made + (name === "chat-1" ? 1 : 2)) };
  const one = pod({
    name,
    made,
    leaving: true,
    status: { restartCount: 1, lastState: { terminated } },
  });
  const crashed = [{ ...one, metadata: { ...one.metadata, uid: `${name} of ${made}` } }];
  return { ...rolling([]), crashed };
};
const both = (made: number): Observed => ({
  ...rolling([]),
  crashed: [crashedGroup(made, "chat-1-1", 7), crashedGroup(made)].flatMap(
    ({ crashed = [] }) => crashed,
  ),
});

describe("watching groups of pods", () => {
  it("tells when a group has begun again for the third time, with the log of a pod that is gone", async () => {
    const told = await heard([crashedGroup(1), crashedGroup(5), crashedGroup(9), rolling([])]);

    assert.deepEqual(told.slice(told.indexOf("    log:") - 2), [
      "chat: crashed 3 times, last with exit code 1, and its group began again",
      "    on:   pod chat-1, container server",
      ...["    log:", "        Traceback", "        ValueError: no"],
      "    do:   mend what the log says: the image, `command`, `args` or `env`",
    ]);
  });

  it("tells what the last crash said of which the log was there", async () => {
    const looks = [crashedGroup(1), crashedGroup(5), crashedGroup(9)];

    assert.ok((await heard(looks, { lost: 2 })).includes("        Traceback"));
    assert.ok(!(await heard(looks, { lost: 3 })).includes("        Traceback"));
  });

  it("counts each pod once, those of before not at all, and each place by itself", async () => {
    const looks = [crashedGroup(1), crashedGroup(1), crashedGroup(-60), crashedGroup(5)];

    assert.ok(
      !(await heard([...looks, crashedGroup(6, "chat-0")])).some((one) => /began/.test(one)),
    );
    assert.ok((await heard([...looks, crashedGroup(6)])).some((one) => /began again/.test(one)));
  });

  it("tells of the pod that ended first, because the others end with it", async () => {
    const told = await heard([both(1), both(5), both(9)]);

    assert.ok(told.includes("    on:   pod chat-1, container server"), told.join("\n"));
    assert.ok(!told.some((one) => /exit code 7/.test(one)));
  });
});

describe("watching a rollout", () => {
  it("tells each change of state once, and the end", async () => {
    assert.deepEqual(await heard([undefined, rolling([pod()]), rolling([pod()]), complete]), [
      "chat: 0 of 2 ready, starting",
      "chat: 2 of 2 ready",
      "chat done",
    ]);
  });

  it("tells a problem once, with pod, container, log and what to do", async () => {
    assert.deepEqual(await heard([crashing]), [
      "chat: 0 of 2 ready, crashed 3 times (exit code 1), starts again",
      "chat: crashed 3 times, last with exit code 1",
      "    on:   pod chat-1, container server",
      "    log:",
      "        Traceback",
      "        ValueError: no",
      "    do:   mend what the log says: the image, `command`, `args` or `env`",
    ]);
  });

  it("tells what may pass only once it has gone on", async () => {
    const status = { state: { waiting: { reason: "CreateContainerConfigError" } } };
    const held = rolling([pod({ status })]);
    const told = (texts: string[]) =>
      texts.filter((text) => text.includes("cannot start (")).length;
    assert.equal(told(await heard([held, held, rolling([pod()])], { seconds: 4 })), 0);
    assert.equal(told(await heard([held, held, held, held, rolling([pod()])], { seconds: 4 })), 1);
  });

  it("tells of a pod from before only what happens to it from the first look on", async () => {
    const older = (restartCount: number) =>
      rolling([
        pod({
          made: -600,
          status: {
            ...{ restartCount, state: { waiting: { reason: "CrashLoopBackOff" } } },
            lastState: { terminated: { exitCode: 1, finishedAt: at(15) } },
          },
        }),
      ]);
    const problems = async (...looks: Observed[]) =>
      (await heard(looks, { target: { ...chat, older: true } })).filter((text) =>
        text.startsWith("chat: crashed"),
      );
    assert.deepEqual(await problems(older(7)), []);
    assert.deepEqual(await problems(older(7), older(7), older(8)), [
      "chat: crashed 9 times, last with exit code 1",
    ]);
  });

  it("asks on while the API server is away", async () => {
    const away = new NoAnswer("connect ECONNREFUSED", false);
    assert.deepEqual((await heard([away, away, complete])).at(-1), "chat done");
  });

  it("ends where the cluster does not let it look", async () => {
    const told = await heard([new NoAnswer("the API server answers 403", true), complete]);
    assert.deepEqual(told, ["blind: the API server answers 403"]);
  });
});
