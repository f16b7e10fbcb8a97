import assert from "node:assert/strict";
import { externalUrl, type Exposure } from "../../../components/serving/exposure";
import type { LoadBalancer } from "../../../components/cluster/cluster";
import { deployChat } from "../../support/clusters";
import { at } from "../../support/deploy";

const serviceType = "kubernetes:core/v1:Service";

describe("the Service of a model server", () => {
  const balancer = (name: string): LoadBalancer => ({
    class: `example.com/${name}`,
    annotations: { "example.com/type": name },
  });
  const both = { public: balancer("public"), internal: balancer("internal") };
  const spec = {
    selector: { app: "chat", "app.kubernetes.io/name": "chat" },
    ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 5000 }],
  };
  const allow = ["203.0.113.0/24", "2001:db8::/32"];

  for (const [claim, expose, made, ranges] of [
    ["is open to the cluster alone unless told otherwise", {}, undefined, {}],
    [
      "is a load balancer limited to its ranges where it is public, made as the cluster says",
      ...[{ scope: "public", allow }, "public", { loadBalancerSourceRanges: allow }],
    ],
    ["is a private load balancer where it is internal", { scope: "internal" }, "internal", {}],
    [
      "is a private load balancer limited to its ranges, too",
      ...[{ scope: "internal", allow }, "internal", { loadBalancerSourceRanges: allow }],
    ],
  ] as [string, Exposure, "public" | "internal" | undefined, object][]) {
    it(claim, async () => {
      const { find } = await deployChat({ expose, port: 5000 }, { loadBalancer: both });

      const service = find(serviceType, "chat-service");
      assert.deepEqual(at(service, "metadata.annotations"), made && both[made].annotations);
      assert.deepEqual(at(service, "spec"), {
        ...{ ...spec, ...ranges },
        type: made ? "LoadBalancer" : "ClusterIP",
        ...(made && { loadBalancerClass: both[made].class }),
      });
    });
  }

  it("gives the load balancer its times, in the pods, the Deployment and the waits for both", async () => {
    const times = async (expose: Exposure) => {
      const internal = { class: "example.com/nlb", readyTime: 240, drainTime: 120 };
      const { find, of, pod, container, deployment } = await deployChat(
        { expose, startup: 60 },
        { loadBalancer: { internal } },
      );
      const service = find(serviceType, "chat-service");
      return [
        container("lifecycle.preStop.sleep.seconds"),
        pod("terminationGracePeriodSeconds"),
        of("spec.progressDeadlineSeconds"),
        ...[deployment, service].map(({ options }) => options.customTimeouts?.create),
      ];
    };

    assert.deepEqual(await times({}), [15, 55, 140, "140s", "740s"]);
    assert.deepEqual(await times({ scope: "internal" }), [135, 175, 500, "500s", "1100s"]);
  });

  it("is made anew where it is exposed no longer and limits source ranges, which a preview would keep and refuse", async () => {
    const replaced = async (...args: Parameters<typeof deployChat>) => {
      const { options } = (await deployChat(...args)).find(serviceType, "chat-service");
      return [options.replaceOnChanges, options.deleteBeforeReplace];
    };

    assert.deepEqual(await replaced({ limitedBefore: true }), [["spec.type"], true]);
    assert.deepEqual(await replaced({}), [undefined, undefined]);
    const expose = { scope: "public", allow } as const;
    assert.deepEqual(await replaced({ limitedBefore: true, expose }), [undefined, undefined]);
  });
});

describe("the URL of a load balancer", () => {
  for (const [claim, ingress, url] of [
    ["has the IP address that GKE and AKS report", { ip: "203.0.113.7" }, "http://203.0.113.7"],
    ["has the hostname of EKS", { hostname: "a.elb.example" }, "http://a.elb.example"],
    ["has an IPv6 address in brackets", { ip: "2001:db8::7" }, "http://[2001:db8::7]"],
    [
      "has the first port that is reported, of the local cluster in Docker",
      { ip: "127.0.0.1", ports: [{ port: 30003 }, { port: 30007 }] },
      "http://127.0.0.1:30003",
    ],
    [
      "has no port where it is that of HTTP",
      { ip: "203.0.113.7", ports: [{ port: 80 }] },
      "http://203.0.113.7",
    ],
    [
      "prefers the hostname, which certificates are made for",
      { hostname: "a.elb.example", ip: "203.0.113.7" },
      "http://a.elb.example",
    ],
  ] as [
    string,
    Parameters<typeof externalUrl>[0] extends (infer I)[] | undefined ? I : never,
    string,
  ][]) {
    it(claim, () => assert.equal(externalUrl([ingress]), url));
  }

  it("is unknown before there is an address", () => {
    assert.deepEqual([externalUrl([]), externalUrl(undefined)], [undefined, undefined]);
  });
});
