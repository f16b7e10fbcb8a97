import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { askDocker, dockerAnswers } from "../../local/docker";
import { suiteFolder } from "../support/folder";

describe("asking the Docker daemon", () => {
  const all = suiteFolder();
  const path = process.env.PATH ?? "";
  let bin: string;

  beforeEach(() => {
    bin = join(mkdtempSync(join(all, "docker-")), "bin");
    mkdirSync(bin);
    process.env.PATH = `${bin}${delimiter}${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
  });

  /** Puts a `docker` first on PATH. */
  const docker = (lines: string) =>
    writeFileSync(join(bin, "docker"), `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  /** One whose `docker version` fails with these words. */
  const failing = (words: string) => docker(`echo '${words}' >&2; exit 1`);

  it("tells the processor of the daemon's machine and the version of the API", async () => {
    const answer = { Client: { ApiVersion: "1.48", Arch: "amd64" }, Server: { Arch: "arm64" } };
    docker(`echo '${JSON.stringify(answer)}'`);
    assert.deepEqual(await askDocker(), { arch: "arm64", api: [1, 48] });
    assert.equal(await dockerAnswers(), true);
  });

  // Both as Docker 28 and as 29 says it.
  for (const [claim, words, cause, fix] of [
    [
      "a daemon that does not run",
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      "The Docker daemon at unix:///var/run/docker.sock does not run",
      /^start it \(.*Docker Desktop\)$/,
    ],
    [
      "a daemon that does not run, of a newer Docker",
      "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory",
      "The Docker daemon at unix:///var/run/docker.sock does not run",
      /^start it/,
    ],
    [
      "a socket that the user may not use",
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version": dial unix /var/run/docker.sock: connect: permission denied',
      "The Docker daemon at unix:///var/run/docker.sock runs, and this user may not use it",
      /^join its group \(`sudo usermod --append --groups docker \$USER`\) and log in again$/,
    ],
    [
      "anything else in Docker's own words",
      "The command docker could not be found in this WSL 2 distro.",
      "Docker does not answer (The command docker could not be found in this WSL 2 distro.)",
      /^make `docker version` work$/,
    ],
  ] as const) {
    it(`names ${claim}`, async () => {
      failing(words);
      const answer = await askDocker();
      assert.ok("cause" in answer);
      assert.equal(answer.cause, cause);
      assert.match(answer.fix, fix);
      assert.equal(answer.installed, true);
      assert.equal(await dockerAnswers(), false);
    });
  }

  it("does not take Podman's command of the same name for Docker", async () => {
    docker(`echo '{"Client":{"APIVersion":"4.9.3","Version":"4.9.3"}}'`);
    const answer = await askDocker();
    assert.ok("cause" in answer);
    assert.equal(answer.cause, "The command docker is not Docker's own, but perhaps Podman's");
  });

  it("expects no daemon where there is no docker command", async () => {
    process.env.PATH = bin;
    assert.deepEqual(await askDocker(), {
      cause: "There is no Docker",
      fix: "install and start it",
      installed: false,
    });
  });
});
