import { holds, isMountPath, isPlainPath, plainPath } from "../../../catalog/mount-path";
import type { Problem } from "../../problem";
import type { PodPatch } from "./merge";

type OfContainer = NonNullable<PodPatch["containers"]>[number];

/** Mounts of what the patch does not add, and mounts in or over what the container has at a path. */
export function mountProblems(
  at: Problem["path"],
  { volumeMounts = [], volumeDevices = [] }: OfContainer,
  { own, paths }: { own: readonly string[]; paths: readonly string[] },
): Problem[] {
  const lists = { volumeMounts, volumeDevices };
  const names = Object.entries(lists).flatMap(([list, items]) =>
    items.flatMap(({ name = "" }, place) =>
      own.includes(name)
        ? []
        : [
            {
              ...{ path: [...at, list, place, "name"], found: JSON.stringify(name) },
              problem: "no volume of the patch",
              allowed: own.join(", ") || "nothing: the patch has no volumes",
              fix: "write mounts for a volume of the stack, or add the volume to the patch",
            },
          ],
    ),
  );
  const places = volumeMounts.flatMap(({ mountPath = "" }, place) => {
    const path = [...at, "volumeMounts", place];
    const others = volumeMounts.slice(0, place).map((other) => other.mountPath ?? "");
    return pathProblem(path, mountPath, [...paths, ...others]);
  });
  return [...names, ...places];
}

/** Why nothing can be mounted at a path; `taken` are those at which something is. */
function pathProblem(
  path: Problem["path"],
  mountPath: string,
  taken: readonly string[],
): Problem | [] {
  const found = JSON.stringify(mountPath);
  const asPlain = plainPath(mountPath);
  const other = taken.find((one) => holds(one, asPlain) || holds(asPlain, one));
  if (other !== undefined && mountPath !== "/") {
    return {
      ...{ path, found },
      problem: `the path of another mount, or in or around one: ${other}`,
      allowed: `paths outside of ${taken.join(", ")}`,
      fix: "mount it elsewhere",
    };
  }
  if (isMountPath(mountPath)) return [];
  const isSpelling = !isPlainPath(mountPath) && isMountPath(asPlain);
  return {
    ...{ path, found },
    problem: isSpelling ? "not a plain path" : "not a path at which something can be mounted",
    allowed:
      "an absolute path without . and .., spaces, colons or a slash at its end, outside of what the system keeps for itself (/dev, /etc, /proc, /var/run/secrets, ...)",
    fix: isSpelling ? `write ${asPlain}` : "mount it elsewhere, for example at /data",
  };
}
