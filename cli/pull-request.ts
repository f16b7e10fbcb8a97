import { z } from "zod";
import { marker } from "./markdown";

/** Runs GitHub's command line and returns what it printed. */
export type Gh = (args: string[], input?: string) => Promise<string>;

/** Number, author and text of a comment. */
const comment = z.tuple([z.number(), z.string(), z.string()]);

/** Who writes comments with the token of a workflow run. */
const author = "github-actions[bot]";

/** Writes the comment of a pull request, over the one of an earlier run if there is one. */
export async function publish(
  body: string,
  repository: string,
  pullRequest: number,
  gh: Gh,
): Promise<"updated" | "created"> {
  const comments = `repos/${repository}/issues/${pullRequest}/comments`;
  const jq = ".[] | [.id, .user.login, .body] | @json";
  const listed = await gh(["api", "--paginate", `${comments}?per_page=100`, "--jq", jq]);
  const mine = listed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => comment.parse(JSON.parse(line)))
    .find(([, login, text]) => login === author && text.startsWith(marker));
  const to = mine
    ? ["--method", "PATCH", `repos/${repository}/issues/comments/${mine[0]}`]
    : ["--method", "POST", comments];
  await gh(["api", ...to, "--input", "-"], JSON.stringify({ body }));
  return mine ? "updated" : "created";
}
