import { forText } from "./rule";
import { readText } from "./text";

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;
const taintPattern =
  /^([A-Za-z0-9](?:[A-Za-z0-9./_-]*[A-Za-z0-9])?)(?:=([A-Za-z0-9._-]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/;

/** A taint as kubectl writes it, in its parts. */
export const taint = readText(
  taintPattern,
  (found) => {
    const [, key, value, written] = taintPattern.exec(found) ?? [];
    const effect = effects.find((known) => known === written);
    return key && effect ? { key, value, effect } : undefined;
  },
  {
    allowed: `key[=value]:effect, with the effect ${effects.join(", ")}`,
    example: "nvidia.com/gpu=present:NoSchedule",
    explain: forText((found) => {
      const [before = "", effect = ""] = found.split(":");
      const near = effects.find((known) => known.toLowerCase() === effect.trim().toLowerCase());
      return {
        problem: "not a taint",
        fix: `write "${before.trim() || "nvidia.com/gpu"}:${near ?? "NoSchedule"}"`,
      };
    }),
  },
);
