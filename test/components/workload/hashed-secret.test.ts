import assert from "node:assert/strict";
import { contentHash } from "../../../components/workload/hashed-objects";

describe("the hash in a Secret's name", () => {
  it("is the same on every machine and in every run", () => {
    assert.equal(contentHash({ TOKEN: "s3cret" }, "models"), "144863ca57");
  });

  it("does not depend on the order of the keys", () => {
    assert.equal(
      contentHash({ A: "1", B: "2", C: "3" }, "models"),
      contentHash({ C: "3", B: "2", A: "1" }, "models"),
    );
  });

  it("changes with a value, a key and the way the text is cut into them", () => {
    const hashes = [
      contentHash({ A: "1", B: "2" }, "models"),
      contentHash({ A: "1", B: "3" }, "models"),
      contentHash({ A: "1", C: "2" }, "models"),
      contentHash({ A: "1B2" }, "models"),
      contentHash({ A: "1" }, "models"),
    ];
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it("does not show that two namespaces hold the same secret", () => {
    assert.notEqual(
      contentHash({ TOKEN: "s3cret" }, "models"),
      contentHash({ TOKEN: "s3cret" }, "other"),
    );
  });
});
