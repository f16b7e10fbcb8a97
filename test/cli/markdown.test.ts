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

  it("counts what is created, updated, replaced and deleted", () => {
    assert.equal(
      rowOf(comment([recorded("changed")])),
      "| `prod` | 0 | 1 | **1** | **1** | ⚠️ replaces or deletes |",
    );
  });

  it("says that nothing changes", () => {
    const text = comment([stack([])]);
    assert.equal(rowOf(text), "| `prod` | 0 | 0 | 0 | 0 | no change |");
    assert.doesNotMatch(text, /###/);
  });

  it("names what is replaced or deleted above the table", () => {
    assert.ok(
      comment([recorded("changed")]).includes(
        "> [!WARNING]\n> - Deletes and makes anew Secret `digits-env`\n> - Deletes Namespace `ci-old`\n",
      ),
    );
  });

  it("shows a change with both values", () => {
    assert.ok(
      comment([stack([update("chat")])]).includes(
        '| ✏️ update | Deployment `chat` | `spec.image`: `"a"` → `"b"` |',
      ),
    );
  });

  it("shows the faults of a stack file and no counts", () => {
    const text = comment([recorded("faulty")]);
    assert.equal(rowOf(text), "| `prod` |  |  |  |  | ❌ fails: nothing would be applied |");
    assert.ok(text.includes('  services.digits.namespace: unknown key\n    found:   "ci-rec"\n'));
  });

  it("says why a stack was not previewed", () => {
    const text = comment([stack([], { skipped: "no credentials" })]);
    assert.equal(rowOf(text), "| `prod` |  |  |  |  | not previewed |");
    assert.ok(text.includes("> no credentials"));
  });

  it("folds more than eight changes", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => update(name));
    assert.doesNotMatch(comment([stack(names)]), /<details>/);
    assert.match(
      comment([stack([...names, update("i")])]),
      /<details><summary>9 changes<\/summary>\n\n\| \|/,
    );
  });

  it("leaves a value on its line, whatever is in it", () => {
    const text = comment([stack([update("chat", '"`x` | @team\n<b>"')])]);
    assert.ok(text.includes("→ `\"'x' \\| @team <b>\"` |"));
  });

  it("keeps an error in its block, whatever is in it", () => {
    const text = comment([stack([], { errors: ["a\n```\n@team"] })]);
    assert.ok(text.includes("````text\na\n```\n@team\n````"));
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
