import type { Problem } from "../../problem";
import { ownPrefix } from "../volumes";
import type { PatchedPods } from "./fields";
import type { PodPatch } from "./merge";
import { shownValue } from "./shown";

/** What the Pod Security Standard restricted lets pods mount, without what arguments say. */
const sources = [
  ...["configMap", "csi", "downwardAPI", "ephemeral", "image", "projected", "secret"],
];
const ofArguments: ReadonlyMap<string, string> = new Map([
  ["emptyDir", "declare a volume of kind nodeCache or memory, and write mounts"],
  ["persistentVolumeClaim", "declare a volume with claim, and write mounts"],
]);

/** Audiences of the cluster's own API, by its names in the cluster (docs/facts.md 14.13). */
const ofCluster = /^(?:https:\/\/)?kubernetes\.default(?:\.svc(?:\.[^/:]+)?)?(?::\d+)?\/?$/;

/** What is wrong with the volumes of a patch. */
export function volumeProblems({ volumes = [] }: PodPatch, pods: PatchedPods): Problem[] {
  return volumes.flatMap((volume, place) => {
    const path = ["podPatch", "volumes", place];
    const { name = "", ...of } = volume;
    const taken: Problem = {
      ...{ path: [...path, "name"], found: JSON.stringify(name) },
      problem: "the name of a volume that the pods have, or that is kept for ours",
      allowed: `names other than ${[...pods.volumes, `${ownPrefix}...`].join(", ")}`,
      fix: "rename it; what the pods mount is said by mounts",
    };
    const isTaken = pods.volumes.includes(name) || name.startsWith(ownPrefix);
    const wrong = Object.entries(of).flatMap(([source, value]: [string, unknown]): Problem[] => {
      const argument = ofArguments.get(source);
      const isOpen = pods.level === "baseline" && source !== "hostPath";
      if (sources.includes(source) || (isOpen && argument === undefined)) return [];
      const words = argument
        ? { problem: "set by mounts", fix: argument }
        : { problem: "no volume of the pods' Pod Security Standard", fix: "remove it" };
      const where = { path: [...path, source], found: shownValue(value) };
      return [{ ...where, ...words, allowed: sources.join(", ") }];
    });
    const token = (volume.projected?.sources ?? []).flatMap(({ serviceAccountToken }, at) => {
      const { audience = "" } = serviceAccountToken ?? {};
      if (!serviceAccountToken || (audience !== "" && !ofCluster.test(audience))) return [];
      const source = [...path, "projected", "sources", at, "serviceAccountToken"];
      return [
        {
          path: audience ? [...source, "audience"] : source,
          found: audience ? JSON.stringify(audience) : "no audience",
          problem: "the token of the cluster's API",
          allowed: "tokens for another audience",
          fix: `${audience ? "write another audience" : "add audience"}, or write serviceAccount: { name: NAME, token: true }`,
        },
      ];
    });
    const given = Object.keys(of);
    if (given.length === 0) {
      wrong.push({
        ...{ path, found: shownValue(volume), allowed: sources.join(", ") },
        problem: "a volume without a source, which Kubernetes makes an emptyDir without a limit",
        fix: "add its source; for an empty folder, declare a volume of kind nodeCache or memory, and write mounts",
      });
    } else if (given.length > 1) {
      wrong.push({
        ...{ path, found: given.join(" and "), allowed: "one source" },
        problem: "more than one source",
        fix: "make it a volume for each source",
      });
    }
    return [...(isTaken ? [taken] : []), ...wrong, ...token];
  });
}
