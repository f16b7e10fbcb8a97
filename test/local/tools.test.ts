import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { inMinutes, timeLeft } from "../../local/compile";
import { inFolder } from "../../local/folder";
import type { ToolSet } from "../../local/tool-set";
import { reasonsIn } from "../../local/tools";
import { run } from "../../process/run";
import { suiteFolder } from "../support/folder";

/** Stands for Go: writes down how it is called, and makes programs that say the name they are called by; all source text is in the last package. */
const go = `#!/bin/sh
echo "$*" >> "$(dirname "$0")/called"
[ "$1" = list ] && printf 'a\\nb\\nc\\n%s\\t%s\\tgo\\n' "$8" "$(dirname "$0")"
[ "$1" = build ] || exit 0
while [ "$1" != -o ]; do shift; done
out=$2
shift 2
for package; do
  echo "$package" >&2
  printf '#!/bin/sh\\necho I am $(basename "$0")\\n' > "$out/$(basename "$package")"
  chmod +x "$out/$(basename "$package")"
done
`;

describe("tools that are neither on PATH nor to be downloaded", () => {
  const bin = suiteFolder();
  const name = (part: string) => `test-${process.pid}-${part}`;
  const set = (part: string, minutes: number): ToolSet => ({
    ...{ name: name(part), version: "v1", commands: [name(part)] },
    module: { folder: "pause", packages: { [name(part)]: `example/${name(part)}` } },
    compileSeconds: minutes * 60 * availableParallelism(),
  });
  const two = set("two", 6);
  const one = set("one", 3);
  const sets: ToolSet[] = [
    {
      ...one,
      commands: [...one.commands, name("alias")],
      module: {
        ...one.module,
        packages: { ...one.module.packages, [name("alias")]: `example/${name("one")}` },
      },
    },
    {
      ...two,
      commands: [...two.commands, name("script")],
      module: {
        ...two.module,
        scripts: { [name("script")]: "#!/bin/sh\necho I am a script\n" },
      },
    },
  ];

  /** Provides the sets in a process of its own, whose PATH has the stand-in for Go. */
  const provided = () => {
    const program = `require("./local/tools").provideAll(${JSON.stringify(sets)}, (it) => console.log(it))`;
    const PATH = [bin, process.env.PATH].join(":");
    return run(process.execPath, ["--import=tsx", "-e", program], {
      env: { ...process.env, PATH },
    });
  };

  before(() => writeFileSync(join(bin, "go"), go, { mode: 0o755 }));
  after(() => {
    for (const { name: of, commands } of sets) {
      rmSync(inFolder("tools", `${of}-v1`), { recursive: true, force: true });
      for (const command of commands) rmSync(inFolder("bin", command), { force: true });
    }
  });

  it("are compiled one after the other: why, how many and how long is said before", async () => {
    const { stdout } = await provided();
    const why = "there is no official download";
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      `  2 tools are compiled, because ${why}. That happens once and takes about 9 min on ${availableParallelism()} processors, less if Go's cache has parts.`,
      `compiling ${name("one")}, tool 1 of 2: fetching Go modules`,
      `compiling ${name("one")}, tool 1 of 2: 1 of at most 4 packages, about 6 min left`,
      `  ${name("one")} v1: compiled from Go modules (${why})`,
      `compiling ${name("two")}, tool 2 of 2: fetching Go modules`,
      `compiling ${name("two")}, tool 2 of 2: 1 of at most 4 packages, less than a minute left`,
      `  ${name("two")} v1: compiled from Go modules (${why})`,
    ]);
  });

  it("have been compiled with the same flags, so that Go's cache serves all of them", () => {
    const called = readFileSync(join(bin, "called"), "utf8").trimEnd().split("\n");
    const flags = called.map((line) =>
      line.replace(/ -(ldflags|o|f) .*| example.*|^list -deps|^build -v/g, ""),
    );
    assert.equal(called.length, 4);
    assert.equal(new Set(flags).size, 1, called.join("\n"));
  });

  it("are programs or scripts, by the names of their commands", async () => {
    const says = async (part: string) => (await run(inFolder("bin", name(part)), [])).stdout;
    assert.equal(await says("one"), `I am ${name("one")}\n`);
    assert.equal(await says("script"), "I am a script\n");
  });

  it("are one program where they are of one package: it knows the name it is called by", async () => {
    const { stdout } = await run(inFolder("bin", name("alias")), []);
    assert.equal(stdout, `I am ${name("alias")}\n`);
    const kept = (part: string) => statSync(inFolder("tools", `${name("one")}-v1`, name(part))).ino;
    assert.equal(kept("alias"), kept("one"));
  });

  it("are there the next time", async () => {
    const { stdout } = await provided();
    assert.doesNotMatch(stdout, /compiling/);
    assert.match(stdout, /one v1: compiled from Go modules \(.*\) earlier/);
  });
});

describe("why tools are compiled", () => {
  const none = { text: "there is no official download" };
  const at = (host: string) => ({ text: `${host} is not reachable`, host });

  it("is said by what they have in common", () => {
    const [k8s, github] = [at("dl.k8s.io"), at("github.com")];
    for (const [whys, says] of [
      [[none, none], "there is no official download"],
      [[k8s, k8s], "downloads from dl.k8s.io fail"],
      [
        [github, none, k8s, none, github],
        "downloads from dl.k8s.io and github.com fail and 2 of them have no official download",
      ],
      [[k8s, none], "downloads from dl.k8s.io fail and 1 of them has no official download"],
    ] as const) {
      assert.equal(reasonsIn(whys), says);
    }
  });
});

describe("the estimate of a compilation", () => {
  const minute = 60_000;

  it("is the usual one at first, and follows what this machine has taken later", () => {
    assert.equal(timeLeft(10 * minute, 0.1, 10_000), 9 * minute);
    assert.equal(timeLeft(10 * minute, 0.25, 5 * minute), 15 * minute);
    assert.equal(timeLeft(10 * minute, 0.02, minute), 9.8 * minute);
  });

  it("is in whole minutes", () => {
    assert.deepEqual([20_000, minute, 8.6 * minute].map(inMinutes), [
      ...["less than a minute", "about 1 min", "about 9 min"],
    ]);
  });
});
