import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Problem } from "../../components/problem";
import { problemLines } from "../problems";
import type { Stack } from "../stack";

const answer = z.object({ outputs: z.record(z.string(), z.object({ outputs: z.unknown() })) });

/** The resources of a stack as the last `up` or refresh saw them; a type begins with those of the components around it. */
export type StateBefore = readonly { type: string; name: string; outputs: unknown }[];

/** Reads the stack's own state; it makes no resource and asks neither cloud nor cluster. */
export async function readStateBefore({ name }: Pick<Stack, "name">): Promise<StateBefore> {
  // What the engine's own references to stacks are made of.
  const told: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {
    stackName: [pulumi.getOrganization(), pulumi.getProject(), name].join("/"),
  });
  return stateBefore(told);
}

/** The resources in the engine's answer, which has them by URN. */
export function stateBefore(told: unknown): StateBefore {
  return Object.entries(answer.parse(told).outputs).map(([urn, { outputs }]) => {
    const [type = "", name = ""] = urn.split("::").slice(-2);
    return { type, name, outputs };
  });
}

/** The resources of a type below `gpu-serving:index:`, each with what the schema finds in its outputs. */
export function foundIn<Found>(before: StateBefore, type: string, schema: z.ZodType<Found>) {
  return before.flatMap((resource) => {
    if (resource.type !== `gpu-serving:index:${type}`) return [];
    const { data } = schema.safeParse(resource.outputs);
    return data === undefined ? [] : [{ name: resource.name, found: data }];
  });
}

/** The error of an `up` or preview that would do harm to what the last one left. */
export function refused(...problems: Problem[]): pulumi.RunError {
  const lines = problems.flatMap(({ problem, ...rest }) =>
    problemLines("", { ...rest, problem: `${problem}; nothing was created or changed.` }),
  );
  return new pulumi.RunError(lines.join("\n"));
}
