import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { patched, type PodPatch } from "../../../../components/workload/pod-patch/merge";
import { deployChat, deployTrain } from "../../../support/clusters";
import { at } from "../../../support/deploy";

/** What a strategic merge patch makes of the two, by the merge keys of the API (docs/facts.md 14.10). */
const asKubernetes: [what: string, made: object, patch: PodPatch, is: object][] = [
  [
    "maps by their keys",
    { dnsConfig: { a: 1, b: { c: 2 } } },
    {},
    { dnsConfig: { a: 1, b: { c: 2 } } },
  ],
  [
    "a map in a map",
    { securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } } },
    { securityContext: { supplementalGroups: [7], seccompProfile: { localhostProfile: "a" } } },
    {
      securityContext: {
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault", localhostProfile: "a" },
        supplementalGroups: [7],
      },
    },
  ],
  [
    "containers and their lists by name and path, new items behind",
    {
      containers: [
        { name: "chat", image: "a", volumeMounts: [{ mountPath: "/a", name: "x" }] },
        { name: "other" },
      ],
    },
    {
      containers: [
        {
          name: "chat",
          tty: true,
          volumeMounts: [
            { mountPath: "/b", name: "y" },
            { mountPath: "/a", readOnly: true },
          ],
        },
      ],
    },
    {
      containers: [
        {
          ...{ name: "chat", image: "a", tty: true },
          volumeMounts: [
            { mountPath: "/a", name: "x", readOnly: true },
            { mountPath: "/b", name: "y" },
          ],
        },
        { name: "other" },
      ],
    },
  ],
  [
    "ports, aliases and constraints by what tells them apart",
    {
      hostAliases: [{ ip: "10.0.0.1", hostnames: ["a"] }],
      topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 1 }],
      containers: [{ name: "chat", ports: [{ containerPort: 1 }] }],
    },
    {
      hostAliases: [
        { ip: "10.0.0.2", hostnames: ["b"] },
        { ip: "10.0.0.1", hostnames: ["c"] },
      ],
      topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 2 }],
      containers: [{ name: "chat", ports: [{ containerPort: 1, name: "http" }] }],
    },
    {
      hostAliases: [
        { ip: "10.0.0.1", hostnames: ["c"] },
        { ip: "10.0.0.2", hostnames: ["b"] },
      ],
      topologySpreadConstraints: [{ topologyKey: "zone", maxSkew: 2 }],
      containers: [{ name: "chat", ports: [{ containerPort: 1, name: "http" }] }],
    },
  ],
  [
    "any other list whole",
    { tolerations: [{ key: "a" }], containers: [{ name: "chat", args: ["a", "b"] }] },
    { tolerations: [{ key: "b" }], containers: [{ name: "chat", args: ["c"] }] },
    { tolerations: [{ key: "b" }], containers: [{ name: "chat", args: ["c"] }] },
  ],
];

describe("a patch of a pod's spec", () => {
  for (const [what, made, patch, is] of asKubernetes) {
    it(`merges as Kubernetes does: ${what}`, () => assert.deepEqual(patched(made, patch), is));
  }

  it("has its variables before those of the entry, whose text may name them", () => {
    const made = { containers: [{ name: "chat", env: [{ name: "A", value: "$(NODE)" }] }] };
    const node = { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } };
    const { containers } = patched(made, { containers: [{ name: "chat", env: [node] }] });
    assert.deepEqual(containers[0]?.env, [node, { name: "A", value: "$(NODE)" }]);
  });

  it("leaves what only the run knows", () => {
    const name = pulumi.output("login");
    const made = { imagePullSecrets: [{ name }] };
    const patch = { imagePullSecrets: [{ name: "registry" }] };
    assert.deepEqual(patched(made, patch).imagePullSecrets, [{ name }, { name: "registry" }]);
  });

  it("is in the pods of a service, which are else as before", async () => {
    const before = (await deployChat({ gpus: 1 })).pod("containers[0]");
    const { pod } = await deployChat({
      gpus: 1,
      sidecars: { proxy: { image: "proxy:v1" } },
      podPatch: {
        hostAliases: [{ ip: "10.0.0.7", hostnames: ["db"] }],
        containers: [
          {
            name: "chat",
            workingDir: "/app",
            resources: { limits: { "ephemeral-storage": "1Gi" } },
          },
        ],
        initContainers: [{ name: "proxy", imagePullPolicy: "Always" }],
      },
    });

    assert.ok(typeof before === "object");
    assert.deepEqual(pod("containers[0]"), {
      ...before,
      workingDir: "/app",
      resources: {
        requests: { cpu: "500m", memory: "1Gi" },
        limits: { "nvidia.com/gpu": "1", "ephemeral-storage": "1Gi" },
      },
    });
    assert.deepEqual(pod("hostAliases"), [{ ip: "10.0.0.7", hostnames: ["db"] }]);
    assert.equal(pod("initContainers[0].imagePullPolicy"), "Always");
    assert.deepEqual(pod("nodeSelector"), { "example.com/pool": "l4" });
  });

  it("is in the pods of a job, whose end is waited for as long as they may take to end", async () => {
    const podPatch = { terminationGracePeriodSeconds: 120, schedulerName: "volcano" };
    const { job, pod } = await deployTrain({ podPatch, timeout: 600 });

    assert.equal(pod("terminationGracePeriodSeconds"), 120);
    assert.equal(pod("schedulerName"), "volcano");
    assert.equal(at(job, "spec.template.spec.restartPolicy"), "Never");
    assert.equal(job.options.customTimeouts?.create, "780s");
  });
});
