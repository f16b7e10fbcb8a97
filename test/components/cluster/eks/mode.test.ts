import assert from "node:assert/strict";
import { modeSwitch } from "../../../../components/cluster/eks/mode";

describe("the mode of a living EKS cluster", () => {
  it("may stay as it is", () => {
    assert.equal(modeSwitch("auto", "auto"), undefined);
    assert.equal(modeSwitch("nodeGroups", "nodeGroups"), undefined);
  });

  it("cannot be changed, and it says to what and what to do instead", () => {
    assert.match(
      modeSwitch("auto", "nodeGroups") ?? "",
      /found: {3}nodeGroups, on .* made with auto\n/,
    );
    assert.match(modeSwitch("nodeGroups", "auto") ?? "", /set cluster\.mode back to nodeGroups\./);
  });
});
