import { volumeAndFolder } from "./values/mount";

/** What an entry mounts, as far as volumes are named. */
export interface Mounting {
  mounts?: Readonly<Record<string, { volume: string }>>;
  modelUpdates?: { from: string };
}

/** Whether an entry's pods mount a bucket: one of their mounts is one, or the place that new models come from. */
export function mountsBucket(
  { mounts = {}, modelUpdates }: Mounting,
  isBucket: (volume: string) => boolean,
): boolean {
  return [...Object.values(mounts), ...(modelUpdates ? [{ volume: modelUpdates.from }] : [])].some(
    ({ volume }) => isBucket(volumeAndFolder(volume).volume),
  );
}
