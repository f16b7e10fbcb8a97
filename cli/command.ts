import { sentenceFor } from "../process/fault";

/** Runs a command of this folder: what it returns is the exit code, a fault is printed as its sentence. */
export function command(work: (args: string[]) => Promise<number> | number): void {
  Promise.resolve(process.argv.slice(2))
    .then(work)
    .catch((thrown: unknown) => {
      console.error(sentenceFor(thrown));
      return 1;
    })
    .then((code) => (process.exitCode = code))
    .catch(console.error);
}
