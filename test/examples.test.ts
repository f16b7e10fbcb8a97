import assert from "node:assert/strict";
import { join } from "node:path";
import { readStackFile } from "../stacks/config";

describe("the worked example", () => {
  for (const file of ["Pulumi.dev.yaml", "Pulumi.existing.yaml"]) {
    it(`${file} is without faults and serves something`, () => {
      assert.notDeepEqual(readStackFile(join(__dirname, "..", file)).services, {});
    });
  }
});
