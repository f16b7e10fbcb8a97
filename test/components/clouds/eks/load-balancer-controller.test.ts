import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { Provider } from "@pulumi/kubernetes";
import { LoadBalancerController } from "../../../../components/clouds/eks/load-balancer-controller";
import { loadBalancerPermissions } from "../../../../components/clouds/eks/controller-permissions";
import { at, deploy } from "../../../support/deploy";
import { outlivers } from "../../../support/outlives";

function deployController(tags: Record<string, string> = {}) {
  return deploy(() => {
    const provider = new Provider("cluster", { kubeconfig: "kubeconfig of the test" });
    const args = { clusterName: "prod", region: "us-east-1", vpcId: "vpc-1", tags };
    return new LoadBalancerController("balancers", args, { provider });
  });
}

const deployment = "kubernetes:apps/v1:Deployment";
const mutating = "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration";
const validating = "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration";
const definition = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
const service = "aws-load-balancer-webhook-service";

describe("the AWS load balancer controller", () => {
  it("hands its provider to every child", async () => {
    const { resources } = await deployController();

    assert.equal(resources.length, 14);
    for (const { type, provider } of resources.slice(1)) assert.match(provider, /cluster/, type);
  });

  it("is told where it is, what to tag, and to care for Services alone", async () => {
    const { find } = await deployController({ owner: "ml", "cost-centre": "42" });

    assert.deepEqual(at(find(deployment, "balancers"), "spec.template.spec.containers[0].args"), [
      "--cluster-name=prod",
      "--aws-region=us-east-1",
      "--aws-vpc-id=vpc-1",
      "--feature-gates=ServiceTypeLoadBalancerOnly=true",
      "--default-tags=owner=ml,cost-centre=42",
    ]);
  });

  it("runs without rights on its node, and answers where its Service sends the API server", async () => {
    const { find } = await deployController();
    const pod = "spec.template.spec";
    const balancers = find(deployment, "balancers");

    assert.deepEqual(at(balancers, `${pod}.securityContext`), {
      ...{ runAsNonRoot: true, runAsUser: 65534, fsGroup: 65534 },
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(at(balancers, `${pod}.containers[0].securityContext`), {
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(at(balancers, `${pod}.containers[0].ports`), [
      { name: "webhook-server", containerPort: 9443 },
    ]);
    assert.deepEqual(at(find("kubernetes:core/v1:Service", "balancers-webhook"), "spec.ports"), [
      { port: 443, targetPort: "webhook-server" },
    ]);
  });

  it("brings its kinds before it starts", async () => {
    const run = await deployController();
    const before = outlivers(run, run.find(deployment, "balancers"));

    for (const [plural, scope, versioned] of [
      ["targetgroupbindings", "Namespaced", { status: {} }],
      ["ingressclassparams", "Cluster", undefined],
    ] as const) {
      const kind = run.find(definition, `balancers-${plural}`);
      assert.equal(at(kind, "metadata.name"), `${plural}.elbv2.k8s.aws`);
      assert.equal(at(kind, "spec.scope"), scope);
      assert.deepEqual(at(kind, "spec.versions[0].subresources"), versioned);
      assert.ok(before.has(`${definition} balancers-${plural}`), plural);
    }
  });

  it("serves its webhooks with a certificate for its Service, which later runs keep, and is asked only while it is there", async () => {
    const run = await deployController();
    const certificate = run.find("kubernetes:core/v1:Secret", "balancers-certificate");
    const data = certificate.inputs.data as Record<string, string>;
    const pem = Buffer.from(data["tls.crt"] ?? "", "base64").toString();
    const host = `${service}.kube-system.svc`;

    assert.equal(new X509Certificate(pem).checkHost(host), host);
    assert.deepEqual(certificate.options.ignoreChanges, ["data"]);
    assert.deepEqual(certificate.secrets, ["data"]);
    for (const [type, name, path, failurePolicy] of [
      [mutating, "changes", "webhooks.0", "Ignore"],
      [mutating, "changes", "webhooks.1", "Fail"],
      [validating, "checks", "webhooks.0", "Fail"],
    ] as const) {
      const webhooks = run.find(type, `balancers-${name}`);
      assert.equal(at(webhooks, `${path}.clientConfig.caBundle`), data["tls.crt"]);
      assert.equal(at(webhooks, `${path}.clientConfig.service.name`), service);
      assert.equal(at(webhooks, `${path}.failurePolicy`), failurePolicy);
      assert.ok(outlivers(run, webhooks).has(`${deployment} balancers`), name);
    }
    // Pods that cannot be gated while the controller is away are made all the same.
    assert.deepEqual(at(run.find(mutating, "balancers-changes"), "webhooks.0.namespaceSelector"), {
      matchLabels: { "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled" },
    });
  });

  it("changes and deletes only what it made itself", () => {
    const open = loadBalancerPermissions
      .filter(({ conditions }) => !conditions)
      .flatMap(({ actions }) => actions)
      .filter((action) => /:(Delete|Set|Modify)/.test(action));

    assert.deepEqual(open, [
      "elasticloadbalancing:DeleteListener",
      "elasticloadbalancing:ModifyListener",
      "elasticloadbalancing:ModifyListenerAttributes",
    ]);
  });
});
