import type { Problem } from "../problem";
import { numberProblems, portBounds } from "./bounds";
import { healthPort, healthProblems } from "./container";
import { startOrder, type Sidecar } from "./sidecar-containers";

/** Names of the managed sidecars, by what an entry asks for. */
const managed = { logs: ["logs", "logs-end"], modelUpdates: ["model", "model-updates"] };

/** Names of the managed sidecars in pods that ship logs or fetch models. */
export function managedSidecarsOf({
  logs,
  modelUpdates,
}: {
  logs?: object;
  modelUpdates?: object;
}) {
  return [...(logs ? managed.logs : []), ...(modelUpdates ? managed.modelUpdates : [])];
}

/** Everything that is wrong with the sidecar containers of a pod; `ports` are those of its other containers, and whose they are. */
export function sidecarProblems(
  sidecars: Readonly<Record<string, Pick<Sidecar, "port" | "health" | "after">>>,
  { main, ports }: { main: string; ports: ReadonlyMap<number, string> },
): Problem[] {
  const names = [main, ...Object.values(managed).flat()];
  const taken = new Map(ports);
  const each = Object.entries(sidecars).flatMap(([name, { port, health }]) => {
    const path = ["sidecars", name];
    const problems: Problem[] = [];
    if (names.includes(name)) {
      problems.push({
        ...{ path: [...path, "name"], found: JSON.stringify(name) },
        problem: "name of another container of the same pods",
        allowed: `a name other than ${names.join(", ")}`,
        fix: "rename it",
      });
    }
    const asked = healthPort(health);
    problems.push(...healthProblems([...path, "health"], health));
    if (port === undefined && health !== undefined && asked === undefined) {
      problems.push({
        ...{ path: [...path, "port"], found: "nothing" },
        problem: "missing beside health",
        allowed: "the port that is asked as health says",
        fix: "add the port that the container listens on, or remove health",
      });
    }
    if (port === undefined) return problems;
    const other = taken.get(port);
    if (other === undefined) taken.set(port, name);
    const shared: Problem = {
      ...{ path: [...path, "port"], found: String(port) },
      problem: `port of ${other}, and all containers of a pod share one network`,
      allowed: `a port other than ${[...taken.keys()].join(", ")}`,
      fix: "let it listen on another port",
    };
    return [
      ...problems,
      ...numberProblems([...path, "port"], port, portBounds),
      ...(other === undefined ? [] : [shared]),
    ];
  });
  return [...each, ...orderProblems(sidecars)];
}

/** An order in which they cannot start, or none: a map of names has none, and Pulumi sorts its keys. */
function orderProblems(sidecars: Readonly<Record<string, Pick<Sidecar, "after">>>): Problem[] {
  const unknown = Object.entries(sidecars).flatMap(([name, { after = [] }]) => {
    const others = Object.keys(sidecars).filter((other) => other !== name);
    return after.flatMap((other, at): Problem[] => {
      if (others.includes(other)) return [];
      return [
        {
          ...{ path: ["sidecars", name, "after", at], found: JSON.stringify(other) },
          problem: "no other sidecar of this name",
          allowed: others.sort().join(", ") || "nothing, because it is the only one",
          fix: others.length > 0 ? "name one of these" : "remove after",
        },
      ];
    });
  });
  const [one, two] = startOrder(sidecars).open;
  if (unknown.length > 0 || one === undefined) return unknown;
  const { open } = startOrder(sidecars);
  const isCircle = open.every((name) => sidecars[name]?.after?.some((it) => open.includes(it)));
  const problem = isCircle ? "each starts after another one" : "nothing says which starts first";
  const fix = isCircle
    ? `remove after from the one that starts first`
    : `write after: [${one}] in ${two}, or after: [${two}] in ${one}`;
  return [
    {
      ...{ path: ["sidecars"], found: open.join(", "), problem, fix },
      allowed: "one order by after: all but the first name one that starts before them",
    },
  ];
}
