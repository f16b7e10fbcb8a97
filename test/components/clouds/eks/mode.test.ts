import assert from "node:assert/strict";
import { knownTwice, modeSwitch } from "../../../../components/clouds/eks/mode";

describe("the mode of a living EKS cluster", () => {
  it("may stay as it is, and cannot be changed", () => {
    for (const mode of ["auto", "nodeGroups"] as const)
      assert.equal(modeSwitch(mode, mode), undefined);
    assert.equal(
      modeSwitch("auto", "nodeGroups")?.found,
      "nodeGroups, on a cluster made with auto",
    );
    assert.match(modeSwitch("nodeGroups", "auto")?.fix ?? "", /back to nodeGroups\./);
  });
});

describe("an administrator of an EKS cluster", () => {
  const role = "arn:aws:iam::1:role/deploy";
  const session = "arn:aws:sts::1:assumed-role/deploy/ci";
  const user = "arn:aws:iam::1:user/eve";

  it("cannot be who made it, whom EKS has let in already, whichever path its role has", () => {
    for (const [creator, known] of [
      [session, ["arn:aws:iam::1:role/platform", role]],
      [session, ["arn:aws:iam::1:role/teams/ml/deploy"]],
      [user, [user]],
    ] as const) {
      const { path, found } = knownTwice(creator, known) ?? {};
      assert.deepEqual(path, ["cluster", "admins or viewers"]);
      assert.equal(found, `${known.at(-1)}, and the cluster is made by ${creator}`);
    }
  });

  it("may be anybody where nobody knows who made it, or it was somebody else", () => {
    for (const [creator, known] of [
      [undefined, role],
      [session, "arn:aws:iam::1:role/platform"],
      [session, "arn:aws:iam::2:role/deploy"],
      [user, "arn:aws:iam::1:role/eve"],
    ] as const) {
      assert.equal(knownTwice(creator, [known]), undefined, known);
    }
  });
});
