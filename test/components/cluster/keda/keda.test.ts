import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Keda } from "../../../../components/cluster/keda/keda";
import { checkout } from "../../../../local/folder";
import { aCluster } from "../../../support/clusters";
import { at, deploy, homesOf } from "../../../support/deploy";

const definitionType = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";
const deploymentType = "kubernetes:apps/v1:Deployment";

/** KEDA on a cluster. */
const keda = () => deploy(() => new Keda("keda", { cluster: aCluster() }));

describe("KEDA", () => {
  it("has the definition of ScaledObjects as its release publishes it", async () => {
    const file = readFileSync(join(checkout, "components/cluster/keda/scaledobjects.yaml"));

    // config/crd/bases/keda.sh_scaledobjects.yaml of v2.20.1.
    assert.equal(
      createHash("sha256").update(file).digest("hex"),
      "af35555862a83933b074af14ad439c4b4ceabaf4daa3e9338e9b23e36d308d80",
    );
    const definition = (await keda()).find(definitionType, "keda-scaledobjects");
    assert.equal(at(definition, "metadata.name"), "scaledobjects.keda.sh");
    assert.deepEqual(at(definition, "spec.names.kind"), "ScaledObject");
  });

  it("knows the other kinds that its operator watches, with any field", async () => {
    const { resources } = await keda();

    const others = resources.filter(
      ({ type, name }) => type === definitionType && name !== "keda-scaledobjects",
    );
    assert.deepEqual(others.map((one) => at(one, "metadata.name")).sort(), [
      "cloudeventsources.eventing.keda.sh",
      "clustercloudeventsources.eventing.keda.sh",
      "clustertriggerauthentications.keda.sh",
      "scaledjobs.keda.sh",
      "triggerauthentications.keda.sh",
    ]);
    for (const one of others) {
      assert.deepEqual(at(one, "spec.versions[0].schema.openAPIV3Schema"), {
        type: "object",
        "x-kubernetes-preserve-unknown-fields": true,
      });
    }
  });

  it("runs one release of operator and server of figures", async () => {
    const { find } = await keda();

    const images = ["keda-operator", "keda-figures"].map((name) =>
      at(find(deploymentType, name), "spec.template.spec.containers[0].image"),
    );
    assert.deepEqual(images, [
      "ghcr.io/kedacore/keda:2.20.1",
      "ghcr.io/kedacore/keda-metrics-apiserver:2.20.1",
    ]);
  });

  it("mounts certificates that the operator makes, and starts without them itself", async () => {
    const { find } = await keda();

    const secrets = ["keda-operator", "keda-figures"].map((name) =>
      at(find(deploymentType, name), "spec.template.spec.volumes[0].secret"),
    );
    assert.deepEqual(secrets, [
      { secretName: "kedaorg-certs", optional: true },
      { secretName: "kedaorg-certs" },
    ]);
  });

  it("answers the cluster's questions for external figures", async () => {
    const { find } = await keda();

    const service = find("kubernetes:apiregistration.k8s.io/v1:APIService", "keda");
    assert.equal(at(service, "metadata.name"), "v1beta1.external.metrics.k8s.io");
    assert.deepEqual(at(service, "spec.service"), {
      name: "keda-metrics-apiserver",
      namespace: "keda",
    });
  });

  it("answers them at a port that the firewall of private nodes on GKE lets the API server reach", async () => {
    const { find } = await keda();

    const service = find("kubernetes:core/v1:Service", "keda-figures");
    assert.deepEqual(at(service, "spec.ports"), [{ name: "https", port: 443, targetPort: 10250 }]);
    const deployment = find(deploymentType, "keda-figures");
    const container = (path: string) => at(deployment, `spec.template.spec.containers[0].${path}`);
    assert.equal(container("args[0]"), "--secure-port=10250");
    assert.equal(container("ports[0].containerPort"), 10250);
    assert.equal(container("livenessProbe.httpGet.port"), 10250);
    assert.equal(container("readinessProbe.httpGet.port"), 10250);
  });

  it("has an account of whose kind the old provider waits for a token", async () => {
    const account = (await keda()).find("kubernetes:core/v1:ServiceAccount", "keda-account");
    // The local cluster makes that of accounts with this label.
    assert.deepEqual(at(account, "metadata.labels"), {
      "app.kubernetes.io/managed-by": "pulumi",
      "app.kubernetes.io/part-of": "keda",
    });
  });

  it("is the parent of every child and hands its provider on", async () => {
    const run = await keda();

    const children = run.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    for (const { type, options } of children) assert.equal(options.parent, run.result, type);
    assert.deepEqual(homesOf(run), ["cluster"]);
  });
});
