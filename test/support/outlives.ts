import * as pulumi from "@pulumi/pulumi";
import type { Recorded, Run } from "./deploy";

/**
 * Type and name of everything that is still there when the resource goes, by its options alone: what it depends on, by
 * itself or by its provider, and so on; of a component, all that is in it.
 */
export function outlivers({ resources, components }: Run<object>, from: Recorded): Set<string> {
  const all = [...resources, ...components];
  const seen = new Set<string>();
  needs(from);
  return seen;

  function needs(its: Recorded): void {
    for (const one of [its.options.dependsOn ?? [], providerOf(its)].flat()) {
      if (pulumi.Resource.isInstance(one)) visit(one);
    }
  }

  /** Its own, or that of the component it is in. */
  function providerOf({ options }: Recorded): unknown {
    const within = all.find(({ resource }) => resource && resource === options.parent);
    return options.provider ?? (within && providerOf(within));
  }

  function visit(resource: pulumi.Resource): void {
    const its = all.find((one) => one.resource === resource);
    if (!its) return;
    const key = `${its.type} ${its.name}`;
    if (seen.has(key)) return;
    seen.add(key);
    needs(its);
    for (const child of all)
      if (child.options.parent === resource) visit(child.resource ?? resource);
  }
}
