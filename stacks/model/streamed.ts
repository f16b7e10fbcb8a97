import type { BucketAddress } from "../../components/clouds/bucket-address";
import { clouds } from "../../components/clouds/clouds";
import type { Engine } from "../../components/serving/engines/engine";
import { engines, type EngineName } from "../../components/serving/engines/engines";
import { volumeAndFolder, volumesOf } from "../../values/mount";
import type { ParsedStack } from "../parse";
import type { ServiceEntry } from "../schema";
import { modelFolder } from "./folder";

/** Weights in a bucket that an engine reads without a mount. */
export interface Streamed extends BucketAddress {
  /** Name of the volume that is the bucket. */
  volume: string;
}

/** Where an engine streams the weights of a service from; undefined where they come from elsewhere, or from a mount. */
export function streamedFrom(
  fields: ServiceEntry,
  name: EngineName,
  { cluster, volumes }: Pick<ParsedStack, "cluster" | "volumes">,
): Streamed | undefined {
  const { from, file } = fields.model ?? {};
  const { streams = false }: Engine = engines[name];
  if (!streams || from === undefined || from.startsWith("/") || file !== undefined)
    return undefined;
  if (cluster.kind === "existing") return undefined;
  const { volume, folder } = volumeAndFolder(from);
  const bucket = volumes[volume]?.bucket;
  if (bucket === undefined || isMounted(volume, fields)) return undefined;
  const { kind, region } = cluster;
  const address = clouds[kind].bucketAddress({ bucket, folder, region });
  return address && { volume, ...address };
}

/** Whether the entry needs a mount of the volume anyway: an account has one access to a bucket. */
function isMounted(
  volume: string,
  { mounts, adapters = {}, engineArgs = [] }: ServiceEntry,
): boolean {
  const inFolder = [...Object.values(adapters), ...engineArgs].some((text) =>
    text.includes(`${modelFolder}/`),
  );
  return inFolder || volumesOf({ mounts }).includes(volume);
}
