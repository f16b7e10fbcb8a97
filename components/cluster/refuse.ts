import * as pulumi from "@pulumi/pulumi";
import type { Finding } from "../clouds/rules/rule";

/** Throws one error with everything that the rules refuse, and warns of what they only remark on. */
export function refuse(component: pulumi.Resource, name: string, findings: readonly Finding[]) {
  for (const remark of findings.filter(({ warning }) => warning)) {
    void pulumi.log.warn(`${name}: ${inWords(remark)}`, component);
  }
  const refused = findings.filter(({ warning }) => !warning);
  if (refused.length === 0) return;
  throw new pulumi.ResourceError(`${name}: ${refused.map(inWords).join("\n")}`, component, true);
}

function inWords({ path, what, found, allowed, remedy }: Finding): string {
  return `${path.join(".")}: ${what}, got ${found}; allowed: ${allowed}. To mend it, ${remedy}.`;
}
