import type { Problem } from "../../problem";
import type { PodPatch } from "./merge";
import { quantity } from "./api-forms";
import { shownValue } from "./shown";

type Resources = NonNullable<NonNullable<PodPatch["containers"]>[number]["resources"]>;

const storage = "ephemeral-storage";

/** What is wrong with the resources of a container: nodes are chosen by all but the storage of the node, and arguments say them. */
export function amountProblems(
  path: Problem["path"],
  { requests = {}, limits = {}, claims }: Resources,
  called: (argument: string) => string,
): Problem[] {
  const amounts = Object.entries({ requests, limits }).flatMap(([list, of]) =>
    Object.entries(of).flatMap(([amount, value]) => {
      const where = { path: [...path, list, amount], found: JSON.stringify(value) };
      if (amount === storage) return quantity.test(value) ? [] : [{ ...where, ...noQuantity }];
      return [{ ...where, allowed: storage, ...words(amount, list, called) }];
    }),
  );
  if (claims === undefined) return amounts;
  const where = { path: [...path, "claims"], found: shownValue(claims), allowed: storage };
  return [...amounts, { ...where, ...claimed }];
}

/** Devices that something else than `gpus` asks for: neither nodes nor quotas are counted by it. */
export const claimed = {
  problem: "devices that only gpus may ask for, because nodes and quotas are counted by it",
  fix: "remove it, and write gpus, with a pool whose resource it is",
};

const noQuantity = {
  problem: "not an amount",
  allowed: "an amount with its unit, 0 or more: Ki, Mi, Gi, Ti or k, M, G, T",
  fix: "write it like 8Gi",
};

/** Why an amount is refused, and what is written in its place. */
function words(amount: string, list: string, called: (argument: string) => string) {
  const argument = { cpu: list === "limits" ? "cpuLimit" : "cpu", memory: "memory" }[amount];
  if (argument !== undefined) {
    return {
      problem: `set by ${called(argument)}, which decides on which nodes the pods fit`,
      fix: `remove it, and write ${called(argument)}`,
    };
  }
  if (amount.includes("/")) return claimed;
  return {
    problem: amount.startsWith("hugepages-")
      ? "huge pages, which no pool counts"
      : "not a resource of containers",
    fix: "remove it; devices are called VENDOR/NAME, and gpus says how many",
  };
}
