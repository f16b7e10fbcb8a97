import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../problem";

/** Variables as far as their texts are looked at: what else they are read from refers to no other one. */
type Texts = Readonly<Record<string, unknown>>;

/** The variables of the map that the text of one names as `$(NAME)`; `$$(NAME)` names none. */
function references(env: Texts, name: string): string[] {
  const text = env[name];
  if (typeof text !== "string") return [];
  const named = [...text.matchAll(/\$(?:\$|\(([^)]*)\))/g)].flatMap(([, other]) => other ?? []);
  // Its own name stays as it is: no variable of it is there before.
  return [...new Set(named)].filter((other) => other !== name && Object.hasOwn(env, other)).sort();
}

/**
 * Names of the variables in the order of a container's list. Kubernetes replaces `$(NAME)` by variables before it alone, and a map
 * has no order: each comes behind those that it refers to, and else by name; what only the run knows comes last, as it was given.
 */
export function variableOrder(env: Texts): string[] {
  const order = new Set<string>();
  const visit = (name: string, way: readonly string[]) => {
    if (order.has(name) || way.includes(name)) return;
    for (const other of references(env, name)) visit(other, [...way, name]);
    order.add(name);
  };
  const isOpen = (value: unknown) => value instanceof Promise || pulumi.Output.isInstance(value);
  const known = Object.keys(env).filter((name) => !isOpen(env[name]));
  for (const name of [...known.sort(), ...Object.keys(env)]) visit(name, []);
  return [...order];
}

/** The variables that the text of one refers to, and those that these refer to. */
function reached(env: Texts, name: string, found = new Set<string>()): Set<string> {
  for (const other of references(env, name).filter((one) => !found.has(one))) {
    reached(env, other, found.add(other));
  }
  return found;
}

/** Variables that refer to themselves by way of others: what each would be, only their order could say. */
export function circleProblems(path: Problem["path"], env: Texts): Problem[] {
  return Object.keys(env).flatMap((name) => {
    const circle = [...reached(env, name)].filter((other) => reached(env, other).has(name));
    const [first, ...others] = circle.sort();
    // Each circle once.
    if (first !== name) return [];
    return [
      {
        ...{ path: [...path, name], found: `$(${others[0]})` },
        problem: `refers to itself by way of ${others.join(" and ")}`,
        allowed: "$(NAME) of variables that do not refer back",
        fix: "write the text itself in one of them, or $$(NAME) for the letters $(NAME)",
      },
    ];
  });
}
