import { nvidiaGpu } from "../components/cluster/cluster";
import { isMap, valueAt } from "./lookup";
import { isScalar } from "./values-of-others";

// CPU, memory and GPUs as manifests have them.

/** Resources of GPUs by their vendors' device plugins (docs/facts.md 5.4, 5.9). */
const gpuResource =
  /^(?:nvidia\.com|amd\.com|gpu\.intel\.com|aws\.amazon\.com)\/(?!.*_monitoring$)/;
/** The GPUs among the amounts of a container, and on which pools there are some, where that is not plain. */
const gpusIn = (...amounts: unknown[]) => {
  const all = amounts.flatMap((of) => (isMap(of) ? Object.entries(of) : []));
  const [resource = nvidiaGpu, gpus] = all.find(([key]) => gpuResource.test(key)) ?? [];
  return { gpus, where: resource === nvidiaGpu ? "" : `, on a pool with resource: ${resource}` };
};
/** Amounts that a container asks for, as keys of an entry; `without` says which where none is written. */
const amounts = (found: Record<string, unknown>, without: string) => {
  const written = Object.entries(found).flatMap(([key, of]) =>
    isScalar(of) ? [`${key}: ${key === "gpus" ? Number(of) : JSON.stringify(of)}`] : [],
  );
  return `write ${written.join(", ") || without}`;
};
/** What to do with the resources of a container. */
export function resourcesFix(value: unknown): string {
  const asked = valueAt(value, ["requests", "cpu"]);
  const most = valueAt(value, ["limits", "cpu"]);
  const at = (...path: string[]) =>
    valueAt(value, ["limits", ...path]) ?? valueAt(value, ["requests", ...path]);
  const cpu = asked ?? most;
  const cpuLimit = String(most) === String(cpu) ? undefined : most;
  const { gpus, where } = gpusIn(valueAt(value, ["limits"]), valueAt(value, ["requests"]));
  return `${amounts({ cpu, cpuLimit, memory: at("memory"), gpus }, "cpu, memory and gpus")}${where}`;
}

/** What to do with its limits alone. */
export function limitsFix(value: unknown): string {
  const at = (key: string) => valueAt(value, [key]);
  const { gpus, where } = gpusIn(value);
  const found = { cpuLimit: at("cpu"), memory: at("memory"), gpus };
  return `${amounts(found, "cpuLimit and memory")}${where}`;
}
