import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { buildImage } from "../../local/image";
import { Fault } from "../../process/fault";
import { readIfThere } from "../../process/files";
import { run } from "../../process/run";
import { suiteFolder } from "../support/folder";

describe("building an image", () => {
  const all = suiteFolder();
  let folder: string;
  let context: string;
  let out: string;
  const path = process.env.PATH ?? "";

  beforeEach(() => {
    folder = mkdtempSync(join(all, "image-"));
    context = join(folder, "context");
    out = join(folder, "out/model.tar");
    mkdirSync(context);
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(context, "Dockerfile"), "FROM scratch\n");
    process.env.PATH = `${join(folder, "bin")}${delimiter}${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
  });

  /** Puts a program first on PATH that notes its arguments and then runs these lines of shell. */
  function program(name: string, lines: string): void {
    const text = `#!/bin/sh\necho "${name} $*" >>"${folder}/calls"\n${lines}\n`;
    writeFileSync(join(folder, "bin", name), text, { mode: 0o755 });
  }
  /** What a docker command says of its daemon. */
  const answer = `echo '{"Client":{"ApiVersion":"1.48"},"Server":{"Arch":"amd64"}}'`;
  const calls = (beginning: string) =>
    (readIfThere(join(folder, "calls")) ?? "")
      .split("\n")
      .filter((line) => line.startsWith(beginning));
  const build = (args: Record<string, string> = {}, tag = "model:v1", settings = {}) =>
    buildImage({ context, tag, args, out, log: () => undefined, ...settings });
  const built = async (...args: Parameters<typeof build>) => (await build(...args)).built;
  const change = (text: string) => writeFileSync(join(context, "serve.py"), text);

  it("needs a Dockerfile, and says where it looked", async () => {
    rmSync(join(context, "Dockerfile"));
    const message = `There is no Dockerfile in ${context}: name the folder that holds it.`;
    await assert.rejects(build(), new Fault(message));
  });

  it("takes the Dockerfile and the stage that it is told", async () => {
    program("docker", answer);
    const dockerfile = "Dockerfile.cuda";
    writeFileSync(join(context, dockerfile), "FROM scratch AS server\n");
    await build({}, "model:v1", { dockerfile, target: "server" });
    const [call = ""] = calls("docker build");
    assert.ok(call.includes(` --target server --file ${join(context, dockerfile)} `), call);
  });

  describe("where a Docker daemon answers", () => {
    // Remembers the label of what it built, as the daemon does.
    beforeEach(() =>
      program(
        "docker",
        `case $1 in
          version) ${answer} ;;
          build) echo "$3" | cut -d= -f2 >"${folder}/label" ;;
          image) cat "${folder}/label" ;;
        esac`,
      ),
    );

    it("hands it folder, name and build arguments", async () => {
      assert.deepEqual(await build({ VERSION: "v1" }), { built: true, archive: undefined });
      const [call = ""] = calls("docker build");
      const label = "gpu-serving\\.content=model:v1@[0-9a-f]{16}";
      const settings = `--label ${label} --tag model:v1 --build-arg VERSION=v1`;
      const file = `--file ${join(context, "Dockerfile")} ${context}`;
      assert.match(call, new RegExp(`^docker build ${settings} ${file}$`));
    });

    it("builds once, and again when a file, a build argument or the name is another, or the user has removed it", async () => {
      assert.equal(await built(), true);
      assert.equal(await built(), false);
      for (const text of ["1", "2"]) {
        change(text);
        assert.equal(await built(), true);
      }
      assert.equal(await built({ VERSION: "v2" }), true);
      assert.equal(await built({ VERSION: "v2" }, "model:v2"), true);
      assert.equal(await built({ VERSION: "v2" }, "model:v2"), false);
      rmSync(join(folder, "label"));
      assert.equal(await built({ VERSION: "v2" }, "model:v2"), true);
      assert.equal(calls("docker build").length, 6);
    });

    it("tells what the build said when it fails", async () => {
      program(
        "docker",
        `case $1 in version) ${answer} ;; build) echo "no space in kitchen" >&2; exit 1 ;; esac`,
      );
      await assert.rejects(build(), { name: "Fault", message: /no space in kitchen/ });
    });
  });

  describe("where none answers", () => {
    beforeEach(() => program("docker", "exit 1"));

    const getuid = process.getuid;
    afterEach(() => {
      process.getuid = getuid;
    });

    it("says what to do who is not root", async () => {
      process.getuid = () => 1000;
      await assert.rejects(build(), { message: /^No Docker daemon answers, .* as root there\.$/ });
    });

    describe("with buildah, as root", () => {
      beforeEach(() => {
        process.getuid = () => 0;
        for (const name of ["buildah", "mmdebstrap", "apt-get"]) program(name, "");
        // In place of the namespaces and the script in them: writes the archive, the argument after the name.
        program("unshare", `shift 8; echo archive >"$6"`);
      });

      it("writes an archive once, and again when a file or a build argument is another", async () => {
        assert.deepEqual(await build(), { built: true, archive: out });
        assert.equal(readFileSync(out, "utf8"), "archive\n");
        assert.deepEqual(await build(), { built: false, archive: out });
        change("1");
        assert.equal(await built(), true);
        assert.equal(await built({ VERSION: "v2" }), true);
        rmSync(out);
        assert.equal(await built({ VERSION: "v2" }), true);
        assert.equal(calls("unshare").length, 4);
        assert.match(calls("unshare")[2] ?? "", /buildah\.sh .* --build-arg VERSION=v2 /);
      });

      it("does not take what an interrupted build left for the image", async () => {
        await build();
        change("1");
        program("unshare", `shift 8; echo other >"$6"; exit 1`);
        await assert.rejects(build(), Fault);
        // As it was when the image was built.
        rmSync(join(context, "serve.py"));
        program("unshare", `shift 8; echo archive >"$6"`);
        assert.equal(await built(), true);
        assert.equal(readFileSync(out, "utf8"), "archive\n");
      });

      it("hands pip this machine's settings in a mounted file, and none of them as an argument", async () => {
        const before = process.env.PIP_INDEX_URL;
        process.env.PIP_INDEX_URL = "https://user:password@example.com/simple";
        try {
          await build();
        } finally {
          if (before === undefined) delete process.env.PIP_INDEX_URL;
          else process.env.PIP_INDEX_URL = before;
        }
        const settings = join(folder, "out/buildah/pip.conf");
        const index = /^index-url = https:\/\/user:password@example\.com\/simple$/m;
        assert.match(readFileSync(settings, "utf8"), index);
        const [call = ""] = calls("unshare");
        assert.ok(call.includes(`--volume ${settings}:/usr/pip.conf:ro`), call);
        assert.ok(!call.includes("password"), call);
      });
    });
  });

  it("with buildah, reads a build argument anew in each stage that declares it", async () => {
    const first = "ARG BASE=python\nFROM ${BASE}\nARG A=1 \\\n  B=2\n";
    const second = "ENV A=${A}\nFROM ${BASE}\narg VERSION\n";
    const last = "ENV V=${VERSION}\n";
    const file = join(context, "Dockerfile");
    writeFileSync(file, first + second + last);
    program(
      "buildah",
      `case $* in
        *" build "*) for option; do case $option in */tmp/Dockerfile) cp "$option" "${folder}/read" ;; */tmp/id) echo image >"$option" ;; esac; done ;;
        *" push "*) for target; do :; done; target=\${target#docker-archive:}; echo archive >"\${target%%:*}" ;;
      esac`,
    );
    const store = join(folder, "store");
    mkdirSync(store);
    const archive = join(folder, "model.tar");
    const args = [store, context, file, "model:v1", archive, "localhost/python:x"];
    const script = join(__dirname, "../../local/image/buildah.sh");
    await run(script, [...args, "--build-arg", "VERSION=v1"]);
    const read = readFileSync(join(folder, "read"), "utf8");
    assert.equal(read, `${first}RUN :\n${second}RUN :\n${last}`);
    assert.equal(readFileSync(archive, "utf8"), "archive\n");
  });
});
