import { InferenceService } from "../../components/serving/inference-service";
import type { LogShipping } from "../../components/serving/log-shipping";
import type { ModelUpdates } from "../../components/serving/model-updates";
import { surgeOf } from "../derived/surge";
import { behind, type MadeJobs } from "../job/make";
import type { ServiceConfig, Stack } from "../stack";
import { bytes } from "../../values/units";
import type { VolumeOf } from "../volume/make";
import type { ArgumentsOf, Surroundings } from "../workload/arguments";

/** Makes the services of a stack, behind the jobs they come after; `limited` are those whose Service object limits source ranges. */
export function makeServices(
  stack: Stack,
  { cluster, namespaces, volumeOf }: Surroundings,
  argumentsOf: ArgumentsOf,
  jobs: MadeJobs,
  limited: ReadonlySet<string>,
): Record<string, InferenceService> {
  const surge = surgeOf(stack, cluster);
  return Object.fromEntries(
    Object.entries(stack.services).map(([name, entry]) => {
      const args = {
        ...{ ...entry, ...surge[name], ...argumentsOf(name, entry) },
        ...managedSidecars(entry, volumeOf),
        // In namespaces of the stack's own they go in place.
        limitedBefore: limited.has(name) && !namespaces[entry.namespace],
      };
      return [name, new InferenceService(name, args, behind(jobs, entry))];
    }),
  );
}

/** What a service says of its model's versions and of its log files. */
function managedSidecars(
  entry: Pick<ServiceConfig, "modelUpdates" | "logs" | "namespace">,
  volumeOf: VolumeOf,
): { modelUpdates: ModelUpdates | undefined; logs: LogShipping | undefined } {
  const { modelUpdates, logs } = entry;
  return {
    modelUpdates: modelUpdates && {
      ...modelUpdates,
      from: volumeOf(entry, modelUpdates.from),
      sizeMiB: mebibytes(modelUpdates.size),
    },
    logs: logs && { ...logs, sizeMiB: mebibytes(logs.size) },
  };
}

function mebibytes(quantity: string): number {
  return Math.max(1, Math.floor(bytes(quantity) / 1024 ** 2));
}
