import path from "node:path";
import { pullImage } from "./cluster";
import { dockerAnswers } from "./docker";
import { open, Unreachable } from "./download";
import { loadImage, prepareImage, type ReadyImage } from "./local";
import { step } from "../process/progress";

/** Name of llama.cpp's own server image for CPUs, whatever its version. */
const official = "ghcr.io/ggml-org/llama.cpp:server-b";
/** Answers without a login when the registry can be reached. */
const registry = "https://ghcr.io/token?scope=repository:ggml-org/llama.cpp:pull";
const standIn = path.join(__dirname, "engine-image");

/** Whether an image is an engine's that is made here where it cannot be pulled. */
export const isEngineImage = (tag: string | undefined): tag is string =>
  tag?.startsWith(official) ?? false;

/** An engine's image, and its stand-in where that was made. */
export interface EngineImage {
  /** Name as a pod names it. */
  tag: string;
  /** What is loaded in its place. @default it is pulled */
  standIn?: ReadyImage;
}

/** Makes the stand-in of an engine's image unless its registry can be reached; needs no cluster. Docker's cluster pulls by itself. */
export async function prepareEngineImage(tag: string): Promise<EngineImage> {
  if ((await dockerAnswers()) || (await isReachable())) return { tag };
  return { tag, standIn: await makeStandIn(tag) };
}

/** Brings an engine's image into the running cluster. */
export async function loadEngineImage({ tag, standIn }: EngineImage): Promise<void> {
  if (standIn) return void (await loadImage(standIn));
  if ((await dockerAnswers()) || (await step(`pulling ${tag}`, () => pullImage(tag)))) return;
  await loadImage(await makeStandIn(tag));
}

const makeStandIn = (tag: string) => prepareImage({ tag, context: standIn });

async function isReachable(): Promise<boolean> {
  try {
    await (await open(registry)).body?.cancel();
    return true;
  } catch (error) {
    if (error instanceof Unreachable) return false;
    throw error;
  }
}
