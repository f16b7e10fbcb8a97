import assert from "node:assert/strict";
import type { Exposure } from "../../../components/serving/exposure";
import type { Ports } from "../../../components/serving/ports";
import type { Health } from "../../../components/workload/container";
import { deployChat } from "../../support/clusters";
import { at, refusedWith } from "../../support/deploy";

const serviceType = "kubernetes:core/v1:Service";
const open: Exposure = { scope: "public", allow: ["203.0.113.0/24"] };
const ports = { grpc: { port: 8001, expose: true }, metrics: { port: 8002 } };

describe("more ports of a model server", () => {
  const tcp = (name: string, port: number, targetPort = port) => {
    return { name, protocol: "TCP", port, targetPort };
  };
  const from = [{ podSelector: {} }];

  it("beside a load balancer are offered by a Service for the cluster alone, unless they are exposed", async () => {
    const { find, deployment } = await deployChat({ ports, expose: open });

    const outside = find(serviceType, "chat-service");
    const inside = find(serviceType, "chat-cluster");
    assert.deepEqual(at(outside, "spec.ports"), [tcp("http", 80, 8000), tcp("grpc", 8001)]);
    assert.equal(at(inside, "metadata.name"), "chat-cluster");
    assert.deepEqual(at(inside, "spec"), {
      ...{ type: "ClusterIP", selector: { app: "chat", "app.kubernetes.io/name": "chat" } },
      ports: [tcp("metrics", 8002)],
    });
    assert.deepEqual([inside.options.dependsOn].flat(), [deployment.resource]);
    const policy = find("kubernetes:networking.k8s.io/v1:NetworkPolicy", "chat-network");
    assert.deepEqual(at(policy, "spec.ingress"), [
      { ports: [8000, 8001].map((port) => ({ protocol: "TCP", port })) },
      { ports: [{ protocol: "TCP", port: 8002 }], from },
    ]);
  });

  it("are in one order, whatever that of the file, so that no pod is replaced for it", async () => {
    const [one, other] = [ports, { metrics: ports.metrics, grpc: ports.grpc }];
    const made = async (given: Ports) => {
      const { find, container } = await deployChat({ ports: given, expose: open });
      return [container("ports"), at(find(serviceType, "chat-service"), "spec.ports")];
    };

    assert.deepEqual(await made(other), await made(one));
  });

  it("all of which are exposed need no other Service", async () => {
    const { resources } = await deployChat({ ports: { grpc: ports.grpc }, expose: open });

    const services = resources.filter(({ type }) => type === serviceType);
    assert.deepEqual(
      services.map(({ name }) => name),
      ["chat-service"],
    );
  });

  it("can be those of a sidecar container, which listens itself", async () => {
    const sidecars = { tokenizer: { image: "tokenizer:v1", port: 9000 } };
    const { find, container, pod } = await deployChat({
      sidecars,
      ports: { tokens: { port: 9000 } },
    });

    assert.deepEqual(container("ports"), [{ containerPort: 8000 }]);
    assert.deepEqual(pod("initContainers[0].ports"), [{ containerPort: 9000 }]);
    const offered = at(find(serviceType, "chat-service"), "spec.ports");
    assert.deepEqual(offered, [tcp("http", 80, 8000), tcp("tokens", 9000)]);
  });

  const serverPort = "ports.grpc: port of the server, which the Service offers as 80, got 8000";
  for (const [what, given, expose, ...problems] of [
    ["the server's port", { grpc: { port: 8000 } }, {}, serverPort],
    [
      "the port that leads to it",
      { grpc: { port: 80 } },
      {},
      "ports.grpc: port at which the Service offers the server's, got 80",
    ],
    ["a port twice", { a: { port: 9 }, b: { port: 9 } }, {}, "ports.b: port of a already, got 9"],
    ["no port", { a: { port: 0 } }, {}, "ports.a.port: out of range, got 0"],
    [
      "names that a port cannot have",
      {
        "a--b": { port: 1 },
        "12": { port: 2 },
        "a-name-of-sixteen": { port: 3 },
        http: { port: 4 },
      },
      {},
      'ports.12.name: not a name for a port, got "12"',
      'ports.a--b.name: not a name for a port, got "a--b"',
      'ports.a-name-of-sixteen.name: not a name for a port, got "a-name-of-sixteen"',
      `ports.http.name: name of the server's own port, got "http"`,
    ],
    [
      "exposed ones without a load balancer",
      { grpc: { port: 1, expose: true } },
      {},
      "ports.grpc.expose: without effect: the service has no load balancer, got true",
    ],
    [
      "callers of exposed ones",
      { grpc: { port: 1, expose: true, callers: [] } },
      open,
      "ports.grpc.callers: without effect beside a load balancer, which hides who connects, got a list",
    ],
  ] as [string, Ports, Exposure, ...string[]][]) {
    it(`are refused: ${what}`, () => {
      const [first, ...others] = problems;
      return refusedWith(deployChat({ ports: given, expose }), `chat: ${first}`, ...others);
    });
  }
});

describe("a container", () => {
  for (const [how, health, expected] of [
    ["a path on its port", "/ready", { httpGet: { path: "/ready", port: 8000 } }],
    [
      "a path on another port",
      { path: "/ready", port: 81 },
      { httpGet: { path: "/ready", port: 81 } },
    ],
    [
      "HTTPS",
      { path: "/ready", https: true },
      { httpGet: { path: "/ready", port: 8000, scheme: "HTTPS" } },
    ],
    ["gRPC as a whole", { grpc: true }, { grpc: { port: 8000 } }],
    [
      "gRPC for one service on another port",
      { grpc: "acme.Model", port: 81 },
      { grpc: { port: 81, service: "acme.Model" } },
    ],
  ] as [string, Health, object][]) {
    it(`is asked by ${how}, as main container and as sidecar`, async () => {
      const sidecars = { proxy: { image: "proxy:v1", port: 9000, health } };
      const { pod, container } = await deployChat({ health, sidecars });

      for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
        const key = Object.keys(expected)[0] ?? "";
        assert.deepEqual({ [key]: container(`${probe}.${key}`) }, expected);
        const ofSidecar = JSON.stringify({ [key]: pod(`initContainers[0].${probe}.${key}`) });
        assert.equal(ofSidecar, JSON.stringify(expected).replace("8000", "9000"));
      }
    });
  }

  it("is asked at its own port, however little else it listens", async () => {
    const health = { path: "/ready", port: 9901 };
    const { pod } = await deployChat({ sidecars: { proxy: { image: "proxy:v1", health } } });

    assert.equal(pod("initContainers[0].ports"), undefined);
    assert.deepEqual(pod("initContainers[0].startupProbe.httpGet"), health);
  });

  it("is refused to be asked in two ways, in none, by gRPC with TLS, and at a port that is none", async () => {
    for (const [health, problem] of [
      [{ path: "/ready", grpc: true }, "health: not one of path and grpc, got both"],
      [{ port: 81 }, "health: not one of path and grpc, got neither"],
      [
        { grpc: true, https: true },
        "health.https: only for a path: Kubernetes asks gRPC without TLS, got true",
      ],
    ] as [Health, string][]) {
      await refusedWith(deployChat({ health }), `chat: ${problem}`);
    }
    const health = { path: "/ready", port: 70000 };
    await refusedWith(deployChat({ health }), "chat: health.port: out of range, got 70000");
    const proxy = { image: "p:v1", port: 1, health };
    const problem = "chat: sidecars.proxy.health.port: out of range, got 70000";
    await refusedWith(deployChat({ sidecars: { proxy } }), problem);
  });
});
