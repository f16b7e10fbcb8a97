/** Something the user can put right: printed as its sentence alone, without a stack trace, and the exit code is 1. */
export class Fault extends Error {
  /** @param message what is wrong, where, and what to do */
  constructor(message: string) {
    super(message);
    this.name = "Fault";
  }
}

/** The code of a system's error, such as `ENOENT`; undefined for anything else that was thrown. */
export function errorCode(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code : undefined;
}

const byCode: Record<string, (at: string) => string> = {
  ENOSPC: (at) =>
    `The disk is full${at}: free some space (the first start needs about 10 GB) and run the command again.`,
  EACCES: (at) =>
    `Permission denied${at}: run the command as the user who owns this checkout (root on Linux without Docker).`,
  EROFS: (at) => `Read-only file system${at}: run from a checkout that can be written to.`,
};

/** What to print for anything that was thrown: a fault's own sentence, a system error in words, else the stack of a bug. */
export function sentenceFor(thrown: unknown): string {
  if (thrown instanceof Fault) return thrown.message;
  if (!(thrown instanceof Error)) return String(thrown);
  const words = byCode[errorCode(thrown) ?? ""];
  const at = "path" in thrown && typeof thrown.path === "string" ? ` at ${thrown.path}` : "";
  return words ? words(at) : (thrown.stack ?? thrown.message);
}
