import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { collectorImage, waitingImage } from "../../components/serving/log-shipping";
import { rcloneImage } from "../../components/serving/model-updates";
import { sidecarImagesOf } from "../../local/sidecar-images";
import { readStackFile } from "../../stacks/config";

function imagesOf(services: object): string[] {
  const folder = mkdtempSync(join(tmpdir(), "stack-"));
  try {
    const file = join(folder, "Pulumi.dev.yaml");
    const volumes = { models: { claim: "models", access: "any-node" } };
    writeFileSync(
      file,
      stringify({ config: { cluster: { kind: "existing" }, volumes, services } }),
    );
    return sidecarImagesOf(readStackFile(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the local cluster gets the images of sidecars", () => {
  const image = "digits:v1";

  it("that a stack uses, and no others", () => {
    const modelUpdates = { from: "models/digits", to: "/models" };
    const logs = { to: "stdout", files: ["/var/log/server/*.log"] };
    assert.deepEqual(imagesOf({ digits: { image } }), []);
    assert.deepEqual(imagesOf({ digits: { image, modelUpdates } }), [rcloneImage]);
    assert.deepEqual(imagesOf({ digits: { image, logs } }), [collectorImage, waitingImage]);
  });

  it("that an entry or a sidecar names itself, once each", () => {
    const sidecars = { look: { image: waitingImage }, more: { image: waitingImage } };
    assert.deepEqual(imagesOf({ collector: { image: collectorImage, sidecars } }), [
      collectorImage,
      waitingImage,
    ]);
  });
});
