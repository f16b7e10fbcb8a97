import { packImage } from "./pack-image";

/** Name of the image that holds a pod's network, where Kubernetes' own cannot be had. */
export const ownPauseImage = "localhost/gpu-serving/pause:1";

/** Packs one static program into an image archive (docker format). */
export function packPauseImage(program: string, archive: string): Promise<void> {
  const programs = { pause: program };
  return packImage({ tag: ownPauseImage, programs, entrypoint: ["/pause"], user: 65535 }, archive);
}
