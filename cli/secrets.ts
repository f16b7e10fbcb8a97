import { z } from "zod";
import { Fault } from "../process/fault";

/** Runs pulumi with arguments; a failure is a code other than 0. */
type Engine = (args: string[]) => Promise<{ code: number; stdout: string; stderr: string }>;

const config = z.record(
  z.string(),
  z.object({ value: z.string().optional(), secret: z.boolean().optional() }),
);

/** The values of all secrets in a stack's configuration, to be looked for and never shown. */
export async function secretsOf(stack: string, engine: Engine): Promise<string[]> {
  const { code, stdout, stderr } = await engine([
    ...["config", "--json", "--show-secrets", "--stack", stack],
  ]);
  if (code !== 0) throw new Fault(`The secrets of ${stack} cannot be read: ${stderr.trim()}`);
  return Object.values(config.parse(JSON.parse(stdout))).flatMap(({ value, secret }) =>
    secret && value !== undefined ? [value] : [],
  );
}
