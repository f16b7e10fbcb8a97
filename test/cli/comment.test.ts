import assert from "node:assert/strict";
import { marker } from "../../cli/markdown";
import { publish } from "../../cli/comment";

/** A stand-in for gh on a pull request with these comments; keeps what was written. */
function github(comments: [number, string, string][]) {
  const written: { args: string[]; input?: string }[] = [];
  const gh = (args: string[], input?: string) => {
    if (args.includes("--method")) written.push({ args, input });
    return Promise.resolve(comments.map((one) => `${JSON.stringify(one)}\n`).join(""));
  };
  return { written, gh };
}
const body = `${marker}\nnew`;
const input = JSON.stringify({ body });

describe("publishing the comment", () => {
  it("writes one where there is none", async () => {
    const { written, gh } = github([[1, "ann", "nice"]]);
    assert.equal(await publish(body, "acme/models", 7, gh), "created");
    const to = "repos/acme/models/issues/7/comments";
    assert.deepEqual(written, [{ args: ["api", "--method", "POST", to, "--input", "-"], input }]);
  });

  it("writes over its own", async () => {
    const { written, gh } = github([
      [1, "ann", "nice"],
      [2, "github-actions[bot]", "of another workflow"],
      [3, "github-actions[bot]", `${marker}\nold`],
    ]);
    assert.equal(await publish(body, "acme/models", 7, gh), "updated");
    const to = "repos/acme/models/issues/comments/3";
    assert.deepEqual(written, [{ args: ["api", "--method", "PATCH", to, "--input", "-"], input }]);
  });

  it("leaves somebody else's comment with the marker alone", async () => {
    const { gh } = github([[1, "mallory", `${marker}\nold`]]);
    assert.equal(await publish(body, "acme/models", 7, gh), "created");
  });
});
