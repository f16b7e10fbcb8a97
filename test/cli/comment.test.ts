import assert from "node:assert/strict";
import { publish } from "../../cli/comment";
import { marker } from "../../cli/markdown";

const body = `${marker}\nnew`;
const bot = "github-actions[bot]";

describe("publishing the comment", () => {
  for (const [what, comments, done, method, to] of [
    [
      "writes one where there is none, and leaves those of others alone, also with the marker",
      [
        [1, "ann", "nice"],
        [2, "mallory", `${marker}\nold`],
      ],
      ...["created", "POST", "repos/acme/models/issues/7/comments"],
    ],
    [
      "writes over its own",
      [
        [1, "ann", "nice"],
        [2, bot, "of another workflow"],
        [3, bot, `${marker}\nold`],
      ],
      ...["updated", "PATCH", "repos/acme/models/issues/comments/3"],
    ],
  ] as const) {
    it(what, async () => {
      const written: unknown[] = [];
      const gh = (args: string[], input?: string) => {
        if (args.includes("--method")) written.push([args, input]);
        return Promise.resolve(comments.map((one) => `${JSON.stringify(one)}\n`).join(""));
      };
      assert.equal(await publish(body, "acme/models", 7, gh), done);
      const args = ["api", "--method", method, to, "--input", "-"];
      assert.deepEqual(written, [[args, JSON.stringify({ body })]]);
    });
  }
});
