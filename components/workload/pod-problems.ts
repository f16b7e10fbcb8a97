import type { Problem } from "../problem";
import { numberProblems, userBounds } from "./bounds";
import type { WorkloadArgs } from "./workload";

/** What a workload says of its pods, apart from where they run and what runs beside the main container. */
type PodArgs = Pick<WorkloadArgs, "user">;

/** Everything that is wrong with what a workload says of its pods. */
export function podProblems({ user }: PodArgs): Problem[] {
  return user === undefined ? [] : numberProblems(["user"], user, userBounds);
}
