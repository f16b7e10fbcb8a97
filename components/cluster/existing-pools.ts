import type { Problem } from "../problem";
import { nvidiaGpu, type Taint } from "./cluster";
import { describedPoolProblems, resourceOf, taintsOf, type DescribedPool } from "./described-pool";
import type { NvidiaDevicePluginArgs } from "./device-plugin";

type Pools = Readonly<Record<string, DescribedPool>>;

/** The pools that the device plugin serves: it offers whole GPUs of NVIDIA's. */
function served(pools: Pools): DescribedPool[] {
  return Object.values(pools).filter((pool) => resourceOf(pool) === nvidiaGpu);
}

/** Which nodes the device plugin runs on, with their taints and their RuntimeClass. */
export function pluginNodes(pools: Pools): NvidiaDevicePluginArgs {
  const all = served(pools);
  const [runtimeClass] = all.map((pool) => pool.runtimeClass);
  const text = ({ key, value = "", effect }: Taint) => `${key}=${value}:${effect}`;
  const taints = new Map(all.flatMap(taintsOf).map((taint) => [text(taint), taint]));
  return {
    nodes: all.map(({ select }) => select),
    taints: [...taints.values()],
    ...(runtimeClass !== undefined && { runtimeClass }),
  };
}

/** What keeps the device plugin from the nodes of pools. */
function pluginProblems(pools: Pools): Problem[] {
  const all = served(pools);
  const at = { path: ["cluster", "devicePlugin"], found: "true" };
  if (all.length === 0) {
    const none = Object.keys(pools).length === 0;
    return [
      {
        ...at,
        problem: `no node to put it on: it runs on the nodes of the pools, and ${none ? "there are none" : `none offers ${nvidiaGpu}`}`,
        allowed: `true beside at least one pool that offers ${nvidiaGpu}`,
        fix: none
          ? "describe the GPU nodes under pools, or remove devicePlugin"
          : "remove devicePlugin: other resources are offered by their own device plugins",
      },
    ];
  }
  const classes = [...new Set(all.map(({ runtimeClass = "none" }) => runtimeClass))];
  if (classes.length < 2) return [];
  return [
    {
      ...{ ...at, found: `true, with runtimeClass ${classes.join(", ")}` },
      problem: "one device plugin for pools of different runtime classes",
      allowed: `the same runtimeClass on all pools that offer ${nvidiaGpu}`,
      fix: "write the same on each of them, or remove devicePlugin and install NVIDIA's chart for each RuntimeClass",
    },
  ];
}

/** What is wrong with the pools of a cluster of somebody else's, and with the device plugin on them. */
export function existingPoolProblems(pools: Pools, devicePlugin: boolean): Problem[] {
  return [
    ...Object.entries(pools).flatMap(([name, pool]) =>
      describedPoolProblems(pool).map((it) => ({ ...it, path: ["pools", name, ...it.path] })),
    ),
    ...selectProblems(pools),
    ...(devicePlugin ? pluginProblems(pools) : []),
  ];
}

/** Pools without GPUs that select the nodes of one with GPUs: their pods would fill nodes that others wait for. */
function selectProblems(pools: Pools): Problem[] {
  const all = Object.entries(pools);
  const text = ({ select }: DescribedPool) => JSON.stringify(Object.entries(select).sort());
  return all.flatMap(([name, pool]) => {
    const other = all.find(
      ([, one]) => resourceOf(one) !== undefined && text(one) === text(pool),
    )?.[0];
    if (resourceOf(pool) !== undefined || other === undefined) return [];
    return [
      {
        ...{ path: ["pools", name, "select"], found: JSON.stringify(pool.select) },
        problem: `the nodes of pool ${other}, which have GPUs`,
        allowed: "labels of nodes without GPUs",
        fix: `select nodes of its own, or remove this pool and write pool: ${other} for pods without GPUs too`,
      },
    ];
  });
}
