/** Names of the managed sidecars, by what an entry asks for. */
const namesFor = { logs: ["logs", "logs-end"], modelUpdates: ["model", "model-updates"] };

/** Names of all managed sidecars, which no sidecar container of an entry can have. */
export const managedSidecarNames: readonly string[] = Object.values(namesFor).flat();

/** Names of the managed sidecars in pods that ship logs or fetch models. */
export function managedSidecarsOf({
  logs,
  modelUpdates,
}: Record<keyof typeof namesFor, boolean>): string[] {
  return [...(logs ? namesFor.logs : []), ...(modelUpdates ? namesFor.modelUpdates : [])];
}
