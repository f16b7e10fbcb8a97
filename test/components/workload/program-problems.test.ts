import assert from "node:assert/strict";
import { programProblems } from "../../../components/workload/program-problems";
import { fromFile, fromProgram, refusal } from "../../stacks/stack-files";

const most = 131_072;
const long = (size: number) => "x".repeat(size);
const told = (of: Parameters<typeof programProblems>[0]) =>
  programProblems(of).map(({ path, warning }) => `${path.join(".")}${warning ? " (note)" : ""}`);

describe("the texts of a program", () => {
  for (const [what, of, ...problems] of [
    ["a variable as long as can be", { env: { AB: long(most - 4) } }],
    ["a variable too long by a byte", { env: { AB: long(most - 3) } }, "env.AB"],
    ["letters of two bytes", { env: { AB: "ü".repeat(most / 2) } }, "env.AB"],
    ["an argument as long as can be", { args: [long(most - 1)] }],
    ["an argument too long by a byte", { args: ["a", long(most)] }, "args.1"],
    ["a command too long", { command: [long(most)] }, "command.0"],
    ["a sidecar's", { sidecars: { a: { env: { B: long(most) } } } }, "sidecars.a.env.B"],
    [
      "an init container's",
      { initContainers: [{}, { args: [long(most)] }] },
      "initContainers.1.args.0",
    ],
    ["one $, and four for two", { env: { A: "a$b", B: "$$$$", C: "a$" } }],
    ["references, and those that are none", { args: ["$(NAME)", "$$(NAME)", "$(date)"] }],
    ["two $", { env: { A: "pa$$word" } }, "env.A (note)"],
    ["three $", { args: ["$$$"] }, "args.0 (note)"],
    ["two $ for a shell", { command: ["sh", "-c", "kill $$"] }, "command.2 (note)"],
    ["what is no text, or secret", { env: { A: { secret: "$$" }, B: Promise.resolve("$$") } }],
  ] as const) {
    it(`are looked at: ${what}`, () => assert.deepEqual(told(of), problems));
  }

  const file = (env: string, secret = "a") => ({
    "Pulumi.prod.yaml": `config:
  cluster: { kind: existing }
  services: { chat: { image: "chat:v1", env: { A: ${env} } } }
  jobs: { one: { image: "one:v1", env: { TOKEN: { secret: token } } } }
  token: { secure: ${secret} }
`,
  });

  it("are refused and told of with their place in the file, without the text", () => {
    const said = refusal(() => fromFile(file(long(most))));
    assert.match(said, /^Pulumi\.prod\.yaml:3: services\.chat\.env\.A: too long/m);
    assert.match(said, /found: +131072 bytes$/m);
    const { warnings } = fromFile(file("pa$$word"));
    assert.match(
      warnings.join("\n"),
      /^Pulumi\.prod\.yaml, services\.chat\.env\.A: the program gets/,
    );
    assert.doesNotMatch(warnings.join("\n"), /word/);
  });

  it("are refused where a secret is too long, which a running program alone knows", () => {
    const said = refusal(() => fromProgram(file("a", long(most))));
    assert.match(said, /^Pulumi\.prod\.yaml:4: jobs\.one\.env\.TOKEN\.secret: too long/m);
  });
});
