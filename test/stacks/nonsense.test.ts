import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readStackFile } from "../../stacks/config";
import { StackProblems } from "../../stacks/problems";
import { isMap, valueAt } from "../../stacks/lookup";
import { inFolder } from "./stack-files";

/** A stack file with nearly all that one can say. */
const whole = `
config:
  cluster: { kind: existing, registry: registry.example/team }
  pools: { l4: { gpu: L4, gpusPerNode: 8, select: { pool: l4 }, nodes: { max: 8 } } }
  namespaces:
    models:
      quota: { gpus: 64, cpu: 400, memory: 4Ti, pods: 400 }
      limits: { cpu: 16, memory: 16Gi }
      operators: [ops]
  volumes:
    work: { disk: 10Gi, access: one-node, keep: true, namespace: models }
    models: { claim: models, access: any-node }
    cache: { nodeCache: 5Gi }
  services:
    chat:
      image: chat:v1
      port: 8080
      replicas: 2
      gpus: 1
      health: { path: /health, port: 8081, https: true }
      ports: { grpc: 8001, metrics: { port: 8002, expose: false, callers: [gate, { namespace: monitoring }] } }
      env: { MODE: fast, TOKEN: { secret: token } }
      egress: [10.0.0.0/8]
      after: [train]
      sidecars: { proxy: { image: "proxy:v1", port: 9000, health: { grpc: acme.Proxy }, user: 1000, memory: 64Mi } }
      mounts: { /models: models/chat, /cache: { volume: cache, write: true } }
      modelUpdates: { from: models/new, to: /new, every: 5m, notify: { signal: HUP, user: 1000 } }
      logs: { to: "http://gate:4318", files: [/var/log/chat/*.log] }
    gate:
      build: { context: ./gate, args: { VERSION: "1" } }
      port: 4318
      callers: [chat, train, { namespace: monitoring }]
  jobs:
    train: { image: "train:v1", timeout: 20m, mounts: { /work: { volume: work, write: true } } }
    nightly: { image: "train:v1", schedule: "0 3 * * *", timeZone: Europe/Berlin, history: { failed: 2 } }
    tune: { image: "train:v1", command: [torchrun], workers: 4, gpus: 8, timeout: 4h }
  token: { secure: AAABBB }
`;

const nonsense = [null, "", -1, "constructor", "/x", [null], { a: 1 }];

type Steps = (string | number)[];

/** The way to each value of a map or list, at every depth. */
function waysTo(value: unknown, at: Steps = []): Steps[] {
  const inner = Array.isArray(value)
    ? value.map((item: unknown, place) => [place, item] as const)
    : Object.entries(isMap(value) ? value : {});
  return inner.flatMap(([step, item]) => [[...at, step], ...waysTo(item, [...at, step])]);
}

/** A copy with another value at this place. */
function changed(root: unknown, at: Steps, value: unknown): unknown {
  const copy = structuredClone(root);
  const parent = valueAt(copy, at.slice(0, -1));
  if (typeof parent === "object" && parent !== null) Reflect.set(parent, String(at.at(-1)), value);
  return copy;
}

describe("a stack file with nonsense in one place", function () {
  this.slow(10_000);
  const file: unknown = parse(whole);
  const sections = Object.keys(valueAt(file, ["config"]) ?? {}).filter((key) => key !== "token");

  /** What is told of the file, or nothing where it is taken. */
  function problemsOf(folder: string, content: unknown) {
    const path = join(folder, "Pulumi.prod.yaml");
    writeFileSync(path, stringify(content));
    try {
      readStackFile(path, "2026-11-22");
      return [];
    } catch (error) {
      if (error instanceof StackProblems) return error.problems;
      throw error;
    }
  }

  it("is without problems as long as there is none", () =>
    inFolder({ "gate/Dockerfile": "FROM scratch" }, (folder) => {
      assert.deepEqual(problemsOf(folder, file), []);
    }));

  for (const section of sections) {
    it(`is taken or refused in words, never with an error of the program: ${section}`, () =>
      inFolder({ "gate/Dockerfile": "FROM scratch" }, (folder) => {
        const ways = waysTo(valueAt(file, ["config", section]), ["config", section]);
        for (const at of [["config", section], ...ways]) {
          for (const value of nonsense) {
            for (const said of problemsOf(folder, changed(file, at, value))) {
              const words = [said.problem, said.found, said.allowed, said.fix];
              const plain = words.every((text) => text && !/undefined|NaN|\[object/.test(text));
              assert.ok(plain, `${at.join(".")}: ${JSON.stringify(value)}: ${words.join("; ")}`);
            }
          }
        }
      }));
  }
});
