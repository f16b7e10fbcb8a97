import assert from "node:assert/strict";
import { comment, marker } from "../../cli/markdown";
import type { Change, StackPreview } from "../../cli/preview-output";
import { recorded } from "./recorded";

const stack = (changes: Change[], more: Partial<StackPreview> = {}): StackPreview => ({
  ...{ stack: "prod", changes, errors: [], warnings: [], ...more },
});
const update = (name: string, after = '"b"'): Change => ({
  ...{ operation: "update", kind: "Deployment", name },
  fields: [{ path: "spec.image", before: '"a"', after, forcesReplacement: false }],
});
const rowOf = (text: string) => text.split("\n").find((line) => line.startsWith("| `prod`"));

describe("the comment on a pull request", () => {
  it("begins with the marker by which it is found again", () =>
    assert.ok(comment([recorded("changed")]).startsWith(marker)));

  for (const [what, preview, row, shown] of [
    [
      "counts changes, and names what is replaced or deleted above the table",
      recorded("changed"),
      "| `prod` | 0 | 1 | **1** | **1** | ⚠️ replaces or deletes |",
      "> [!WARNING]\n> - Deletes and makes anew Secret `digits-env`\n> - Deletes Namespace `ci-old`\n",
    ],
    ["says that nothing changes", stack([]), "| `prod` | 0 | 0 | 0 | 0 | no change |", undefined],
    [
      "shows errors in blocks that they cannot end, and no counts",
      stack([update("chat")], { errors: ["a\n```\n@team"] }),
      "| `prod` |  |  |  |  | ❌ fails: nothing would be applied |",
      "````text\na\n```\n@team\n````",
    ],
    [
      "says why a stack was not previewed",
      stack([], { skipped: "no credentials" }),
      "| `prod` |  |  |  |  | not previewed |",
      "### `prod`\n\n> no credentials\n",
    ],
    [
      "shows a change with both values on one line, whatever is in them",
      stack([update("chat", '"`x` | @team\n<b>"')]),
      "| `prod` | 0 | 1 | 0 | 0 |  |",
      '| ✏️ update | Deployment `chat` | `spec.image`: `"a"` → `"\'x\' \\| @team <b>"` |',
    ],
    [
      "tells which field forces a replacement",
      recorded("replaced"),
      undefined,
      '| `metadata.namespace`: `"ci-rec"` → `"ci-rec2"` **(forces the replacement)** |',
    ],
    [
      "folds where models go",
      stack([], { models: ["chat: acme/a on pool l4"] }),
      "| `prod` | 0 | 0 | 0 | 0 | no change |",
      "<details><summary>1 model</summary>\n\n```text\nchat: acme/a on pool l4\n```\n\n</details>",
    ],
    [
      "folds warnings",
      stack([], { warnings: ["slow"] }),
      "| `prod` | 0 | 0 | 0 | 0 | no change |",
      "<details><summary>1 warning</summary>\n\n```text\nslow\n```\n\n</details>",
    ],
  ] as const) {
    it(what, () => {
      const text = comment([preview]);
      if (row !== undefined) assert.equal(rowOf(text), row);
      if (shown === undefined) assert.doesNotMatch(text, /###/);
      else assert.ok(text.includes(shown), text);
    });
  }

  it("folds more than eight changes", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => update(name));
    assert.doesNotMatch(comment([stack(names)]), /<details>/);
    const more = comment([stack([...names, update("i")])]);
    assert.match(more, /<details><summary>9 changes<\/summary>\n\n\| \|/);
  });

  it("drops values, then tables, before it gets longer than a comment may be", () => {
    const wide = Array.from({ length: 500 }, (_, at) => update(`s${at}`, "x".repeat(110)));
    const withoutValues = comment([stack(wide)]);
    assert.ok(withoutValues.length < 65_536 && withoutValues.includes("`s499`"));
    const endless = Array.from({ length: 5_000 }, (_, at) => update(`s${at}`));
    const countsAlone = comment([stack(endless)]);
    assert.ok(countsAlone.length < 65_536);
    assert.equal(rowOf(countsAlone), "| `prod` | 0 | 5000 | 0 | 0 |  |");
  });
});
