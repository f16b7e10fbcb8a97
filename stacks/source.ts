import type * as pulumi from "@pulumi/pulumi";
import type { Path } from "./words";
import type { Place } from "./yaml-file";

/** A stack file as read, before any check. */
export interface Source {
  /** Name of the stack. */
  stack: string;
  /** Name of the file, as problems name it. */
  file: string;
  /** Folder that paths in the file start from. */
  folder: string;
  /** What is stored in plain text, by config key without the project's name. */
  values: Record<string, unknown>;
  /** Config keys of other programs and of providers, with their namespace, such as `gcp:project`. */
  others: ReadonlySet<string>;
  /** What is stored encrypted, in whole or in part, by config key without the project's name. */
  secrets: Record<string, pulumi.Output<string>>;
  /** Whether the file names an ESC environment that nobody has opened, so that it may not have all values. @default false */
  unopened?: boolean;
  /** What an encrypted key holds, to be looked at and never shown; nothing where it cannot be decrypted. */
  decrypt: (key: string) => string | undefined;
  /** Where a value stands, by its way from the config keys; undefined where there is no file to look at. */
  place: (path: Path) => Place | undefined;
  /** Day of the check, as `2026-11-22`. */
  today: string;
}
