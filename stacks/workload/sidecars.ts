import type { LogShipping } from "../../components/serving/log-shipping";
import type { ModelUpdates } from "../../components/serving/model-updates";
import type { Environment } from "../../components/workload/environment-variables";
import type { Sidecar } from "../../components/workload/sidecar-containers";
import type { ServiceConfig } from "../stack";
import { bytes } from "../values/units";
import type { VolumeOf } from "../volume/make";

/** The sidecars of an entry, with the secrets of their variables. */
export function sidecarsOf(
  { sidecars }: Pick<ServiceConfig, "sidecars">,
  variables: (of: Pick<ServiceConfig, "env">) => Environment,
): Record<string, Sidecar> {
  return Object.fromEntries(
    Object.entries(sidecars).map(([name, sidecar]) => [
      name,
      { ...sidecar, env: variables(sidecar) },
    ]),
  );
}

/** What a service says of its model's versions and of its log files. */
export function besideServer(
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
