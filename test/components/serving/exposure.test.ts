import assert from "node:assert/strict";
import type { Exposure } from "../../../components/serving/exposure";
import { externalUrl } from "../../../components/serving/exposure";
import type { LoadBalancer } from "../../../components/cluster/cluster";
import type { InferenceServiceArgs } from "../../../components/serving/inference-service";
import { deployChat } from "../../support/clusters";
import { at } from "../../support/deploy";

const allow = ["203.0.113.0/24", "2001:db8::/32"];

async function serviceOf(
  expose: Exposure,
  loadBalancer: { public?: LoadBalancer; internal?: LoadBalancer } = {},
) {
  const run = await deployChat({ expose, port: 5000 }, { loadBalancer });
  return run.find("kubernetes:core/v1:Service", "chat-service");
}

describe("the Service of a model server", () => {
  const ports = [{ name: "http", protocol: "TCP", port: 80, targetPort: 5000 }];
  const selector = { app: "chat" };

  it("is open to the cluster alone unless told otherwise", async () => {
    assert.deepEqual(at(await serviceOf({}), "spec"), { type: "ClusterIP", selector, ports });
  });

  it("is a load balancer limited to the ranges given where it is public", async () => {
    assert.deepEqual(at(await serviceOf({ scope: "public", allow }), "spec"), {
      type: "LoadBalancer",
      selector,
      ports,
      loadBalancerSourceRanges: allow,
    });
  });

  it("is made public as the cluster says", async () => {
    const service = await serviceOf(
      { scope: "public", allow },
      { public: { class: "example.com/nlb", annotations: { "example.com/scheme": "open" } } },
    );

    assert.equal(at(service, "spec.loadBalancerClass"), "example.com/nlb");
    assert.deepEqual(at(service, "metadata.annotations"), { "example.com/scheme": "open" });
  });

  it("gives the load balancer its times, in the pods, the Deployment and the waits for both", async () => {
    const times = async (expose: Exposure) => {
      const run = await deployChat(
        { expose, startup: 60 },
        {
          loadBalancer: { internal: { class: "example.com/nlb", readyTime: 240, drainTime: 120 } },
        },
      );
      const deployment = run.find("kubernetes:apps/v1:Deployment", "chat");
      const pods = "spec.template.spec";
      return [
        at(deployment, `${pods}.containers[0].lifecycle.preStop.sleep.seconds`),
        at(deployment, `${pods}.terminationGracePeriodSeconds`),
        at(deployment, "spec.progressDeadlineSeconds"),
        deployment.options.customTimeouts,
        run.find("kubernetes:core/v1:Service", "chat-service").options.customTimeouts?.create,
      ];
    };
    const waits = (rollout: number, deletion: number) => ({
      ...{ create: `${rollout}s`, update: `${rollout}s`, delete: `${deletion}s` },
    });

    assert.deepEqual(await times({}), [15, 55, 140, waits(140, 175), "740s"]);
    assert.deepEqual(await times({ scope: "internal" }), [
      ...[135, 175, 500, waits(500, 295)],
      "1100s",
    ]);
  });

  it("is a private load balancer, made as the cluster says, where it is internal", async () => {
    const service = await serviceOf(
      { scope: "internal" },
      { internal: { class: "example.com/ilb", annotations: { "example.com/type": "Internal" } } },
    );

    assert.deepEqual(at(service, "metadata.annotations"), { "example.com/type": "Internal" });
    assert.deepEqual(at(service, "spec"), {
      type: "LoadBalancer",
      selector,
      ports,
      loadBalancerClass: "example.com/ilb",
    });
  });

  it("limits a private load balancer, too", async () => {
    const service = await serviceOf(
      { scope: "internal", allow: ["10.0.0.0/8"] },
      { internal: { class: "example.com/ilb" } },
    );

    assert.deepEqual(at(service, "spec.loadBalancerSourceRanges"), ["10.0.0.0/8"]);
  });

  it("carries the annotations of load balancers only where it is one", async () => {
    const annotations = { "example.com/scheme": "open" };
    const service = await serviceOf({}, { public: { annotations }, internal: { annotations } });

    assert.equal(at(service, "metadata.annotations"), undefined);
  });
});

describe("a service that is exposed no longer", () => {
  const options = async (args: Partial<InferenceServiceArgs>) => {
    const run = await deployChat(args);
    return run.find("kubernetes:core/v1:Service", "chat-service").options;
  };

  it("gets a new Service where the old one limits source ranges, which a preview would keep and refuse", async () => {
    const { replaceOnChanges, deleteBeforeReplace } = await options({ limitedBefore: true });

    assert.deepEqual(
      { replaceOnChanges, deleteBeforeReplace },
      { replaceOnChanges: ["spec.type"], deleteBeforeReplace: true },
    );
  });

  for (const [where, args] of [
    ["there were no ranges", {}],
    [
      "it is still exposed",
      { limitedBefore: true, expose: { scope: "public", allow: ["203.0.113.0/24"] } },
    ],
  ] as const) {
    it(`keeps its Service where ${where}`, async () => {
      assert.equal(
        (await options(args as Partial<InferenceServiceArgs>)).replaceOnChanges,
        undefined,
      );
    });
  }
});

describe("the URL of a load balancer", () => {
  it("has the IP address that GKE and AKS report", () => {
    assert.equal(externalUrl([{ ip: "203.0.113.7" }]), "http://203.0.113.7");
  });

  it("has the hostname that EKS reports", () => {
    assert.equal(externalUrl([{ hostname: "a.elb.example" }]), "http://a.elb.example");
  });

  it("has an IPv6 address in brackets", () => {
    assert.equal(externalUrl([{ ip: "2001:db8::7" }]), "http://[2001:db8::7]");
  });

  it("prefers the hostname, which certificates are made for", () => {
    assert.equal(
      externalUrl([{ hostname: "a.elb.example", ip: "203.0.113.7" }]),
      "http://a.elb.example",
    );
  });

  it("is unknown before there is an address", () => {
    assert.deepEqual([externalUrl([]), externalUrl(undefined)], [undefined, undefined]);
  });
});
