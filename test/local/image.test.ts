import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Fault } from "../../process/fault";
import { buildImage } from "../../local/image";
import { run } from "../../process/run";

describe("building an image", () => {
  let folder: string;
  let context: string;
  let out: string;
  const path = process.env.PATH ?? "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "image-"));
    context = join(folder, "context");
    out = join(folder, "out/model.tar");
    mkdirSync(context);
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(context, "Dockerfile"), "FROM scratch\n");
    process.env.PATH = `${join(folder, "bin")}${delimiter}${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  /** Puts a program first on PATH that notes its arguments and then runs these lines of shell. */
  function program(name: string, lines: string): void {
    const file = join(folder, "bin", name);
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>"${folder}/calls"\n${lines}\n`);
    chmodSync(file, 0o755);
  }
  const calls = (beginning: string) =>
    existsSync(join(folder, "calls"))
      ? readFileSync(join(folder, "calls"), "utf8")
          .split("\n")
          .filter((line) => line.startsWith(beginning))
      : [];
  const build = (buildArgs?: Record<string, string>, tag = "model:v1") =>
    buildImage({ context, tag, args: buildArgs, out, log: () => undefined });

  it("needs a Dockerfile, and says where it looked", async () => {
    rmSync(join(context, "Dockerfile"));
    await assert.rejects(
      build(),
      new Fault(`There is no Dockerfile in ${context}: name the folder that holds it.`),
    );
  });

  it("takes the Dockerfile and the stage that it is told", async () => {
    program("docker", "");
    writeFileSync(join(context, "Dockerfile.cuda"), "FROM scratch AS server\n");
    const settings = { dockerfile: "Dockerfile.cuda", target: "server" };
    await buildImage({ context, tag: "model:v1", ...settings, out, log: () => undefined });
    const [call = ""] = calls("docker build");
    assert.ok(call.includes(` --target server --file ${join(context, "Dockerfile.cuda")} `), call);
  });

  describe("where a Docker daemon answers", () => {
    // Remembers the label of what it built, as the daemon does.
    beforeEach(() =>
      program(
        "docker",
        `case $1 in
          build) echo "$3" | cut -d= -f2 >"${folder}/label" ;;
          image) cat "${folder}/label" ;;
        esac`,
      ),
    );

    it("hands it folder, name and build arguments", async () => {
      assert.deepEqual(await build({ VERSION: "v1" }), { built: true, archive: undefined });
      const [call = ""] = calls("docker build");
      assert.match(
        call,
        new RegExp(
          `^docker build --label gpu-serving\\.content=model:v1@[0-9a-f]{16} --tag model:v1 --build-arg VERSION=v1 --file ${join(context, "Dockerfile")} ${context}$`,
        ),
      );
    });

    it("builds once, and again when a file, a build argument or the name is another", async () => {
      const built = async (...args: Parameters<typeof build>) => (await build(...args)).built;
      assert.equal(await built(), true);
      assert.equal(await built(), false);
      writeFileSync(join(context, "serve.py"), "1");
      assert.equal(await built(), true);
      writeFileSync(join(context, "serve.py"), "2");
      assert.equal(await built(), true);
      assert.equal(await built({ VERSION: "v2" }), true);
      assert.equal(await built({ VERSION: "v2" }, "model:v2"), true);
      assert.equal(await built({ VERSION: "v2" }, "model:v2"), false);
      assert.equal(calls("docker build").length, 5);
    });

    it("builds again when the user has removed the image", async () => {
      await build();
      rmSync(join(folder, "label"));
      assert.equal((await build()).built, true);
    });

    it("tells what the build said when it fails", async () => {
      program("docker", `case $1 in build) echo "no space in kitchen" >&2; exit 1 ;; esac`);
      await assert.rejects(
        build(),
        (thrown) => thrown instanceof Fault && thrown.message.includes("no space in kitchen"),
      );
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
      await assert.rejects(
        build(),
        /^Fault: No Docker daemon answers, .*: start Docker, or run the command as root there\.$/,
      );
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
        writeFileSync(join(context, "serve.py"), "1");
        assert.deepEqual(await build(), { built: true, archive: out });
        assert.deepEqual(await build({ VERSION: "v2" }), { built: true, archive: out });
        assert.equal(calls("unshare").length, 3);
        assert.match(calls("unshare")[2] ?? "", /buildah\.sh .* --build-arg VERSION=v2 /);
      });

      it("does not take what an interrupted build left for the image", async () => {
        await build();
        writeFileSync(join(context, "serve.py"), "1");
        program("unshare", `shift 8; echo other >"$6"; exit 1`);
        await assert.rejects(build(), Fault);
        // As it was when the image was built.
        rmSync(join(context, "serve.py"));
        program("unshare", `shift 8; echo archive >"$6"`);
        assert.equal((await build()).built, true);
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
        assert.match(
          readFileSync(settings, "utf8"),
          /^index-url = https:\/\/user:password@example\.com\/simple$/m,
        );
        const [call = ""] = calls("unshare");
        assert.ok(call.includes(`--volume ${settings}:/usr/pip.conf:ro`), call);
        assert.ok(!call.includes("password"), call);
      });
    });
  });

  it("with buildah, reads a build argument anew in each stage that declares it", async () => {
    writeFileSync(
      join(context, "Dockerfile"),
      "ARG BASE=python\nFROM ${BASE}\nARG A=1 \\\n  B=2\nENV A=${A}\nFROM ${BASE}\narg VERSION\nENV V=${VERSION}\n",
    );
    program(
      "buildah",
      `case $* in
        *" build "*) for option; do case $option in */tmp/Dockerfile) cp "$option" "${folder}/read" ;; */tmp/id) echo image >"$option" ;; esac; done ;;
        *" push "*) for target; do :; done; target=\${target#docker-archive:}; echo archive >"\${target%%:*}" ;;
      esac`,
    );
    const store = join(folder, "store");
    mkdirSync(store);
    const script = join(__dirname, "../../local/image/buildah.sh");
    await run(script, [
      store,
      context,
      join(context, "Dockerfile"),
      "model:v1",
      join(folder, "model.tar"),
      "localhost/python:x",
      "--build-arg",
      "VERSION=v1",
    ]);
    assert.equal(
      readFileSync(join(folder, "read"), "utf8"),
      "ARG BASE=python\nFROM ${BASE}\nARG A=1 \\\n  B=2\nRUN :\nENV A=${A}\nFROM ${BASE}\narg VERSION\nRUN :\nENV V=${VERSION}\n",
    );
    assert.equal(readFileSync(join(folder, "model.tar"), "utf8"), "archive\n");
  });
});
