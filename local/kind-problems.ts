import { Fault } from "../process/fault";
import { run } from "../process/run";

/** Says which port of this machine is in use, where that is why the node does not start. */
export function portInUse(said: string): Fault | undefined {
  const port = /127\.0\.0\.1:(\d+)\b.*already (?:allocated|in use)/.exec(said)?.[1];
  if (port === undefined) return undefined;
  return new Fault(
    `Port ${port} on 127.0.0.1 is in use, and the local cluster needs it: find its program with \`docker ps --filter publish=${port}\` or \`lsof -nP -i :${port}\`, end it, then run the command again.`,
  );
}

/** A line of a stack trace in Go: a function, its file, or how it was begun. */
const isTrace = (line: string) =>
  /^\t\/?\S+\.(go|s):\d+|^[\w./-]+(\.\(\*?\w+\))?\.\S+$|^goroutine \d+/.test(line);

/** Why `kind create cluster` failed, from what it said. */
export async function notCreated(said: string): Promise<Fault> {
  const known = portInUse(said);
  if (known) return known;
  const lines = said.split("\n").filter((line) => line.trim() !== "" && !isTrace(line));
  const info = await run("docker", ["info", "--format", "{{.CgroupVersion}}"], { mayFail: true });
  const old =
    info.stdout.trim() === "1"
      ? " Docker uses cgroup v1 here, which Kubernetes no longer supports: start the machine with cgroup v2 if nothing else is wrong."
      : "";
  return new Fault(
    `The cluster could not be made in Docker.${old} kind says:\n  ${lines.slice(-15).join("\n  ")}`,
  );
}
