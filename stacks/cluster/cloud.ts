import type { ManagedCloud } from "../../catalog/machines";
import type { AnyCluster } from "../schema";

/** The cloud of a cluster that we make; undefined for one that is there already. */
export function cloudOf({ kind }: Pick<AnyCluster, "kind">): ManagedCloud | undefined {
  return kind === "existing" ? undefined : kind;
}
