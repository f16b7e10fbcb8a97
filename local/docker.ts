import { z } from "zod";
import { run } from "../process/run";

/** A Docker daemon that answers. */
export interface Docker {
  /** Processor of the machine that its containers run on, in Go's words. */
  arch: string;
  /** Version of the API that command and daemon have in common, e.g. `[1, 48]`. */
  api: [major: number, minor: number];
}

/** Why no Docker daemon can be used. */
export interface NoDocker {
  /** What is wrong, as the beginning of a sentence. */
  cause: string;
  /** What to do about it, as its end. */
  fix: string;
  /** False where there is no docker command, so that nobody expects a daemon. */
  installed: boolean;
}

const versions = z.object({
  Client: z.object({ ApiVersion: z.string() }),
  Server: z.object({ Arch: z.string() }),
});

/** Asks the Docker daemon, as the docker command finds it, who it is. */
export async function askDocker(): Promise<Docker | NoDocker> {
  const args = ["version", "--format", "{{json .}}"];
  const { code, stdout, stderr } = await run("docker", args, { mayFail: true, timeout: 10_000 });
  if (code !== 0) return reason(code, stderr);
  const { success, data } = versions.safeParse(asJson(stdout));
  if (!success) {
    const cause = "The command docker is not Docker's own, but perhaps Podman's";
    return { cause, fix: "put Docker's own first on PATH", installed: true };
  }
  const [major = 0, minor = 0] = data.Client.ApiVersion.split(".").map(Number);
  return { arch: data.Server.Arch, api: [major, minor] };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Says in words why `docker version` failed. */
function reason(code: number, said: string): NoDocker {
  const address = /(?:unix|npipe|tcp):\/\/[^\s;]*[^\s;.,:]/.exec(said)?.[0];
  const daemon = `The Docker daemon${address === undefined ? "" : ` at ${address}`}`;
  if (code === 127)
    return { cause: "There is no Docker", fix: "install and start it", installed: false };
  const installed = true;
  if (code === 124) {
    const cause = `${daemon} does not answer within 10 s`;
    return { cause, fix: "wait until it has started, or restart it", installed };
  }
  if (/permission denied while trying to connect/i.test(said)) {
    const cause = `${daemon} runs, and this user may not use it`;
    const join = "`sudo usermod --append --groups docker $USER`";
    return { cause, fix: `join its group (${join}) and log in again`, installed };
  }
  if (/daemon (is )?(not )?running/i.test(said)) {
    const start = process.platform === "linux" ? "`sudo systemctl start docker`, or " : "";
    return { cause: `${daemon} does not run`, fix: `start it (${start}Docker Desktop)`, installed };
  }
  const last = said.trim().split("\n").at(-1) ?? "";
  return {
    cause: `Docker does not answer (${last})`,
    fix: "make `docker version` work",
    installed,
  };
}

/** Whether a Docker daemon can be used from here. */
export const dockerAnswers = async (): Promise<boolean> => !("cause" in (await askDocker()));
