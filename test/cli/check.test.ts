import assert from "node:assert/strict";
import { checkStack } from "../../cli/check";
import { inFolder } from "../stacks/stack-files";

describe("npm run check:stacks", () => {
  const checked = (text: string) =>
    inFolder({ "Pulumi.prod.yaml": text }, (folder) => checkStack("prod", folder));

  it("warns of what it cannot see without the environment that a file names", () => {
    const { errors, warnings } = checked("environment: [acme/prod]");
    assert.deepEqual(errors, []);
    assert.match(
      warnings.join("\n"),
      /^Pulumi\.prod\.yaml, cluster: missing, unless .*-- prod, which/,
    );
  });

  it("refuses the same of a file that names none, and what no environment changes", () => {
    assert.match(checked("config: {}").errors.join("\n"), /cluster: missing$/m);
    const { errors } = checked("environment: [acme/prod]\nconfig: { volumes: [a] }");
    assert.match(errors.join("\n"), /volumes: wrong type$/m);
  });
});
