import assert from "node:assert/strict";
import { knownTwice, modeSwitch } from "../../../../components/clouds/eks/mode";

describe("the mode of a living EKS cluster", () => {
  it("may stay as it is", () => {
    assert.equal(modeSwitch("auto", "auto"), undefined);
    assert.equal(modeSwitch("nodeGroups", "nodeGroups"), undefined);
  });

  it("cannot be changed, and it says to what and what to do instead", () => {
    assert.equal(
      modeSwitch("auto", "nodeGroups")?.found,
      "nodeGroups, on a cluster made with auto",
    );
    assert.match(
      modeSwitch("nodeGroups", "auto")?.fix ?? "",
      /^set cluster\.mode back to nodeGroups\./,
    );
  });
});

describe("an administrator of an EKS cluster", () => {
  const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
  const session = "arn:aws:sts::123456789012:assumed-role/deploy/ci";

  it("cannot be who made it, whom EKS has let in already", () => {
    const twice = knownTwice(session, [role("platform"), role("deploy")]);

    assert.match(twice?.problem ?? "", /twice; nothing was changed$/);
    assert.match(
      twice?.found ?? "",
      /^arn:aws:iam::123456789012:role\/deploy, .* made by arn:aws:sts::/,
    );
  });

  it("is known by account and name, whichever path its role has", () => {
    assert.ok(knownTwice(session, [role("teams/ml/deploy")]));
    assert.ok(knownTwice("arn:aws:iam::1:user/eve", ["arn:aws:iam::1:user/eve"]));
    assert.equal(knownTwice(session, [role("deploy").replace("123456789012", "1")]), undefined);
    assert.equal(knownTwice("arn:aws:iam::1:user/eve", ["arn:aws:iam::1:role/eve"]), undefined);
  });

  it("may be anybody where nobody knows who made it, or it was somebody else", () => {
    assert.equal(knownTwice(undefined, [role("deploy")]), undefined);
    assert.equal(knownTwice(session, [role("platform")]), undefined);
    assert.equal(knownTwice(session, []), undefined);
  });
});
