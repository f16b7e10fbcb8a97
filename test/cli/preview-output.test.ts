import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepPreviews, previewsIn, readOutput } from "../../cli/preview-output";
import { output, preview, recorded } from "./recorded";

const inWords = (name: string) =>
  recorded(name).changes.map(({ operation, kind, name }) => `${operation} ${kind} ${name}`);

/** What the engine says when one resource gets other inputs. */
function updateOf(type: string, path: string, before: unknown, after: unknown): string {
  const side = (inputs: unknown) => ({ type, custom: true, inputs });
  const step = {
    ...{ op: "update", urn: `urn:pulumi:prod::gpu-serving::a:b:C$${type}::thing` },
    ...{ oldState: side(before), newState: side(after) },
    detailedDiff: { [path]: { kind: "update", inputDiff: true } },
  };
  return JSON.stringify({ steps: [step] });
}

describe("what pulumi preview --json says", () => {
  it("lists what is created, without components", () => {
    assert.deepEqual(inWords("create"), [
      "create kubernetes provider cluster",
      "create Namespace ci-old",
      "create Namespace ci-rec",
      "create ServiceAccount digits-account",
      "create Secret digits-env",
      "create NetworkPolicy digits-network",
      "create Service digits-service",
      "create PodDisruptionBudget digits-budget",
      "create Deployment digits",
    ]);
  });

  it("lists what is replaced, updated and deleted, and nothing where nothing changes", () => {
    assert.deepEqual(inWords("changed"), [
      "replace Secret digits-env",
      "update Deployment digits",
      "delete Namespace ci-old",
    ]);
    const { changes, errors } = recorded("unchanged");
    assert.deepEqual({ changes, errors }, { changes: [], errors: [] });
  });

  it("leaves out what is only read, or the same as before", () => {
    const said = updateOf("x:y:Z", "a", 1, 1);
    assert.equal(preview(said).changes.length, 1);
    for (const op of ["same", "read", "refresh"]) {
      assert.deepEqual(preview(said.replace('"update"', `"${op}"`)).changes, []);
    }
  });

  it("tells which field forces a replacement, with both values", () => {
    const account = recorded("replaced").changes.find(({ kind }) => kind === "ServiceAccount");
    const values = { before: '"ci-rec"', after: '"ci-rec2"' };
    assert.deepEqual(account?.fields, [
      { path: "metadata.namespace", ...values, forcesReplacement: true },
    ]);
  });

  it("tells the faults of a stack file, without the engine's prefix", () => {
    const [error, ...others] = recorded("faulty").errors;
    assert.match(
      error ?? "",
      /^2 faults in 1 file; nothing was created or changed\.\n\nPulumi\.prod/,
    );
    assert.deepEqual(others, []);
  });

  it("tells what to do about a stack that the backend does not have", () => {
    const stderr = "error: no stack named 'gke' found\n";
    const { errors } = readOutput("gke", { code: 6, stdout: "", stderr }).preview;
    assert.match(
      errors.join("\n"),
      /^no stack named 'gke' found\n +do: .* pulumi login [^]* pulumi stack init gke\./,
    );
  });

  it("tells the same warning once", () => {
    const one = { message: "warning: slow\n", severity: "warning" };
    assert.deepEqual(preview(JSON.stringify({ diagnostics: [one, one] })).warnings, ["slow"]);
  });

  it("reads names with dots and slashes in a path", () => {
    const path = 'metadata.annotations["example.com/a.b"]';
    const values = (value: string) => ({ metadata: { annotations: { "example.com/a.b": value } } });
    const said = preview(updateOf("x:y:Z", path, values("old"), values("new")));
    assert.deepEqual(said.changes[0]?.fields, [
      { path, before: '"old"', after: '"new"', forcesReplacement: false },
    ]);
  });

  it("shows neither side of a value when one side holds a secret", () => {
    const deployment = recorded("changed").changes.find(({ kind }) => kind === "Deployment");
    const values = deployment?.fields.flatMap(({ before, after }) => [before, after]);
    assert.deepEqual([...new Set(values)], ["[secret]"]);
  });

  it("shows nothing of a Secret's payload, whether the engine knows it as secret or not", () => {
    const json = updateOf("kubernetes:core/v1:Secret", "data.KEY", { data: { KEY: "b2xk" } }, {});
    assert.deepEqual(preview(json).changes[0]?.fields, [
      { path: "data.KEY", before: "[secret]", after: "[secret]", forcesReplacement: false },
    ]);
  });

  it("hands on what pulumi said when it ended before the preview, or with nothing but its code", () => {
    for (const [printed, stderr, error] of [
      ["", "error: no login\n", "no login"],
      ["", "", "pulumi preview ended without saying anything"],
      ["{}", "no access\n", "no access"],
      ["{}", "", "pulumi preview ended with exit code 255"],
    ] as const) {
      assert.deepEqual(preview(printed, stderr, 255).errors, [error]);
    }
  });

  it("says of an unknown form where it differs, and shows none of it", () => {
    const [error] = preview('{"steps": [{"op": 7, "urn": "hidden"}]}').errors;
    assert.match(error ?? "", /another form than known: steps\.0\.op: /);
    assert.doesNotMatch(error ?? "", /hidden/);
  });

  it("has recordings without a secret in plain text", () => {
    for (const name of ["create", "changed", "replaced"]) {
      assert.match(output(name), /"data": "\[secret\]"/);
    }
  });
});

describe("previews in a folder", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "previews-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are read as they were written, by the names of their stacks, and nothing else is", () => {
    const [prod, dev] = [recorded("changed"), { ...recorded("faulty"), stack: "dev", skipped: "" }];
    keepPreviews(folder, [prod, dev]);
    writeFileSync(join(folder, "notes.txt"), "not a preview");
    assert.deepEqual(previewsIn(folder), [dev, prod]);
  });

  it("are refused where a file is no preview", () => {
    writeFileSync(join(folder, "prod.json"), JSON.stringify({ stack: "prod" }));
    assert.throws(() => previewsIn(folder), /changes/);
  });
});
