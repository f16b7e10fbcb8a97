import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Stack } from "./stack";

const told = z.object({ outputs: z.record(z.string(), z.object({ outputs: z.unknown() })) });

/** What the state has of a resource, as the last `up` or refresh saw it, by URN. */
export type StateBefore = ReadonlyMap<string, unknown>;

/** Reads the stack's own state; it makes no resource and asks neither cloud nor cluster. */
export async function readStateBefore({ name }: Pick<Stack, "name">): Promise<StateBefore> {
  // What the engine's own references to stacks are made of.
  const answer: unknown = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {
    stackName: [pulumi.getOrganization(), pulumi.getProject(), name].join("/"),
  });
  return stateBefore(answer);
}

/** The resources in the engine's answer. */
export function stateBefore(answer: unknown): StateBefore {
  const { outputs } = told.parse(answer);
  return new Map(Object.entries(outputs).map(([urn, resource]) => [urn, resource.outputs]));
}
