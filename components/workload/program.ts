import type * as pulumi from "@pulumi/pulumi";
import type { Environment } from "./environment-variables";

/** What a container runs. */
export interface Program {
  /** Container image. */
  image: pulumi.Input<string>;
  /** Program to run. @default the image's entrypoint */
  command?: pulumi.Input<string>[];
  /** Arguments of the program. @default the image's own */
  args?: pulumi.Input<string>[];
  /** Environment variables. @default {} */
  env?: Environment;
}
