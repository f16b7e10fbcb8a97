import assert from "node:assert/strict";
import { parse } from "yaml";
import { LeaderWorkerSetController } from "../../../../components/serving/multi-node/controller";
import { aCluster } from "../../../support/clusters";
import { at, deploy, homesOf } from "../../../support/deploy";

const deployController = () =>
  deploy(() => new LeaderWorkerSetController("lws", { cluster: aCluster() }));

interface Webhook {
  name: string;
  objectSelector?: object;
  clientConfig: { service: object };
}

describe("the controller of LeaderWorkerSets", () => {
  it("is the pinned image, and ready when its webhooks can be asked", async () => {
    const { find } = await deployController();

    const deployment = find("kubernetes:apps/v1:Deployment", "lws");
    const container = "spec.template.spec.containers[0]";
    assert.equal(at(deployment, `${container}.image`), "registry.k8s.io/lws/lws:v0.9.0");
    assert.deepEqual(at(deployment, `${container}.readinessProbe.tcpSocket`), { port: 10250 });
  });

  it("answers at a port that the API server of private nodes may reach", async () => {
    const { find } = await deployController();

    const { data, metadata } = find("kubernetes:core/v1:ConfigMap", "lws-controller-manager-config")
      .inputs as {
      data: Record<string, string>;
      metadata: { name: string };
    };
    const pod = at(find("kubernetes:apps/v1:Deployment", "lws"), "spec.template.spec") as {
      volumes: { name: string; configMap?: { name: string } }[];
      containers: { args: string[]; volumeMounts: { name: string; mountPath: string }[] }[];
    };
    const [volume] = pod.volumes.filter(({ configMap }) => configMap?.name === metadata.name);
    const [{ args, volumeMounts } = { args: [], volumeMounts: [] }] = pod.containers;
    const folder = volumeMounts.find(({ name }) => name === volume?.name)?.mountPath;
    const [[file, text] = ["", ""]] = Object.entries(data);
    assert.ok(args.includes(`--config=${folder}/${file}`), args.join(" "));
    assert.equal((parse(text) as { webhook: { port: number } }).webhook.port, 10250);
    const service = find("kubernetes:core/v1:Service", "lws-webhooks");
    assert.deepEqual(at(service, "spec.ports"), [
      { port: 443, protocol: "TCP", targetPort: 10250 },
    ]);
  });

  it("hands its provider to every object", async () => {
    assert.deepEqual(homesOf(await deployController()), ["cluster"]);
  });

  it("is asked about its own pods alone, so that no other pod waits for it", async () => {
    const { find } = await deployController();

    for (const kind of ["Mutating", "Validating"]) {
      const type = `kubernetes:admissionregistration.k8s.io/v1:${kind}WebhookConfiguration`;
      const webhooks = at(find(type, `lws-${kind.toLowerCase()}`), "webhooks") as Webhook[];
      const ofPods = webhooks.filter(({ name }) => /^[mv]pod/.test(name));
      assert.deepEqual(
        ofPods.map(({ objectSelector }) => objectSelector),
        [
          {
            matchExpressions: [{ key: "leaderworkerset.sigs.k8s.io/name", operator: "Exists" }],
          },
        ],
      );
      for (const { clientConfig } of webhooks) {
        const { name, namespace } = clientConfig.service as Record<string, string>;
        assert.deepEqual([name, namespace], ["lws-webhook-service", "lws-system"]);
      }
    }
  });

  it("may change one Secret, that of its certificate, and keeps what it writes there", async () => {
    const { find } = await deployController();

    const rbac = (kind: string, name: string) =>
      at(find(`kubernetes:rbac.authorization.k8s.io/v1:${kind}`, name), "rules") as {
        resources: string[];
        verbs: string[];
        resourceNames?: string[];
      }[];
    const secrets = ({ resources }: { resources: string[] }) => resources.includes("secrets");
    assert.deepEqual(rbac("ClusterRole", "lws-cluster").filter(secrets), [
      { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] },
    ]);
    assert.deepEqual(
      rbac("Role", "lws-own")
        .filter(secrets)
        .map(({ resourceNames }) => resourceNames),
      [["lws-webhook-server-cert"]],
    );
    const { options } = find("kubernetes:core/v1:Secret", "lws-certificate");
    assert.deepEqual((options as { ignoreChanges?: string[] }).ignoreChanges, [
      "data",
      "stringData",
    ]);
  });

  it("defines what it looks after, in a size that client-side apply takes too", async () => {
    const { resources } = await deployController();

    const type = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
    const found = resources.filter((one) => one.type === type);
    assert.deepEqual(found.map((one) => at(one, "metadata.name")).sort(), [
      "disaggregatedsets.disaggregatedset.x-k8s.io",
      "leaderworkersets.leaderworkerset.x-k8s.io",
    ]);
    for (const one of found) assert.ok(JSON.stringify(one.inputs).length < 262_144);
  });

  it("knows nothing of what is in them: of some fields alone the provider 2.0.0 makes a patch that ends it", async () => {
    const { find } = await deployController();

    for (const name of ["leaderworkersets.leaderworkerset", "disaggregatedsets.disaggregatedset"]) {
      const type = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
      const path = "spec.versions[0].schema.openAPIV3Schema.x-kubernetes-preserve-unknown-fields";
      assert.equal(at(find(type, `lws-${name}.x-k8s.io`), path), true);
    }
  });
});
