import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { kedaImages } from "../../components/cluster/keda/keda";
import { placeholderImage } from "../../components/serving/autoscaling/placeholders";
import { collectorImage, waitingImage } from "../../components/serving/log-shipping";
import { rcloneImage } from "../../components/serving/model-updates";
import { controllerImage } from "../../components/serving/multi-node/controller";
import { sidecarImagesOf } from "../../local/sidecar-images";
import { readStackFile } from "../../stacks/config";
import { suiteFolder } from "../support/folder";

describe("the local cluster gets the images of sidecars", () => {
  const file = join(suiteFolder(), "Pulumi.dev.yaml");
  const imagesOf = (services: object, more: object = {}) => {
    const volumes = { models: { claim: "models", access: "any-node" } };
    const config = { cluster: { kind: "existing" }, volumes, services, ...more };
    writeFileSync(file, stringify({ config }));
    return sidecarImagesOf(readStackFile(file));
  };
  const image = "digits:v1";

  it("that a stack uses, and no others", () => {
    const modelUpdates = { from: "models/digits", to: "/models" };
    const logs = { to: "stdout", files: ["/var/log/server/*.log"] };
    assert.deepEqual(imagesOf({ digits: { image } }), []);
    assert.deepEqual(imagesOf({ digits: { image, modelUpdates } }), [rcloneImage]);
    assert.deepEqual(imagesOf({ digits: { image, logs } }), [collectorImage, waitingImage]);
  });

  it("that the controller of LeaderWorkerSets needs, where the stack installs it", () => {
    const services = { digits: { image } };
    assert.deepEqual(imagesOf(services, { leaderWorkerSet: "install" }), [controllerImage]);
    assert.deepEqual(imagesOf(services, { leaderWorkerSet: "existing" }), []);
  });

  it("of KEDA where the stack installs it", () => {
    assert.deepEqual(imagesOf({}, { autoscaling: { keda: "existing" } }), []);
    const images = imagesOf({}, { autoscaling: { keda: "install" } });
    assert.deepEqual(images, [kedaImages.operator, kedaImages.figures]);
  });

  it("of placeholder pods where a service has some", () => {
    const range = { min: 1, max: 3 };
    const scaled = { image, cpu: "1", scaleOn: { cpu: 70 } };
    assert.deepEqual(imagesOf({ digits: { ...scaled, replicas: range } }), []);
    const spare = { digits: { ...scaled, replicas: { ...range, spare: 1 } } };
    assert.deepEqual(imagesOf(spare), [placeholderImage]);
  });

  it("that an entry or a sidecar names itself, once each", () => {
    const sidecars = {
      look: { image: waitingImage },
      more: { image: waitingImage, after: ["look"] },
    };
    const collector = { image: collectorImage, sidecars };
    assert.deepEqual(imagesOf({ collector }), [collectorImage, waitingImage]);
  });
});
