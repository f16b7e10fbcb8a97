import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "./problem";

/** Throws one error with everything that is wrong with a component's arguments, and warns of what is only to be told. */
export function refuse(component: pulumi.Resource, name: string, problems: readonly Problem[]) {
  for (const told of problems.filter(({ warning }) => warning)) {
    void pulumi.log.warn(`${name}: ${sentence(told)}`, component);
  }
  const refused = problems.filter(({ warning }) => !warning);
  if (refused.length === 0) return;
  throw new pulumi.ResourceError(`${name}: ${refused.map(sentence).join("\n")}`, component, true);
}

/** A problem on one line. */
export function sentence({ path, problem, found, allowed, fix }: Problem): string {
  const [first = "", ...rest] = fix;
  const advice = fix.endsWith("?") ? [first.toUpperCase(), ...rest].join("") : `To fix it, ${fix}.`;
  return `${path.join(".")}: ${problem}, got ${found}; allowed: ${allowed}. ${advice}`;
}
