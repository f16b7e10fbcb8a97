import assert from "node:assert/strict";
import { contentHash } from "../../../components/workload/hashed-objects";

const hash = (values: Record<string, string>, namespace = "models") =>
  contentHash(values, namespace);

describe("the hash in a Secret's name", () => {
  it("is the same on every machine and in every run, in whichever order the keys are", () => {
    assert.equal(hash({ TOKEN: "s3cret" }), "144863ca57");
    assert.equal(hash({ A: "1", B: "2", C: "3" }), hash({ C: "3", B: "2", A: "1" }));
  });

  it("changes with a value, a key, the way the text is cut into them, and the namespace", () => {
    const hashes = [
      hash({ A: "1", B: "2" }),
      hash({ A: "1", B: "3" }),
      hash({ A: "1", C: "2" }),
      hash({ A: "1B2" }),
      hash({ A: "1" }),
      hash({ A: "1" }, "other"),
    ];
    assert.equal(new Set(hashes).size, hashes.length);
  });
});
