import { volumeAndFolder } from "../../values/mount";

/** What an entry mounts, as far as volumes are named. */
export interface Mounting {
  mounts?: Readonly<Record<string, { volume: string }>>;
  modelUpdates?: { from: string };
}

/** Whether an entry's pods mount such a volume: one of their mounts is one, or the place that new models come from. */
export function mountsVolume(
  { mounts = {}, modelUpdates }: Mounting,
  isSuch: (volume: string) => boolean,
): boolean {
  return [...Object.values(mounts), ...(modelUpdates ? [{ volume: modelUpdates.from }] : [])].some(
    ({ volume }) => isSuch(volumeAndFolder(volume).volume),
  );
}

/** Whether the cloud injects a sidecar into an entry's pods: GKE does where they mount a bucket. */
export function hasInjectedSidecar(
  clusterKind: string,
  entry: Mounting,
  isBucket: (volume: string) => boolean,
): boolean {
  return clusterKind === "gke" && mountsVolume(entry, isBucket);
}
