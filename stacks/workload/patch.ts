import { z } from "zod";
import { isPodPatch, patchShapeProblems } from "../../components/workload/pod-patch/shape";
import { rules } from "../../values/rule";

const rule = {
  allowed: "a map of fields of a pod's spec",
  example: "{ hostAliases: [{ ip: 10.0.0.7, hostnames: [db] }] }",
};

/** More of the spec of the pods of an entry. */
export const podPatch = z
  .record(z.string(), z.unknown())
  .register(rules, rule)
  .transform((input, context) => {
    if (isPodPatch(input)) return input;
    for (const { path, ...params } of patchShapeProblems(input)) {
      context.addIssue({ code: "custom", input, path: [...path], params });
    }
    return z.NEVER;
  })
  .register(rules, rule);
