import { asCommand } from "../values/command-line";
import { referenceOf, referenceText, variableOf } from "../values/reference";
import { duration } from "../values/units";
import { isMap } from "./lookup";

// Values in the form of other tools, as they are written here; undefined where the other form says too little.

/** A whole number without quotes. */
export const number = (value: unknown) => (isScalar(value) ? String(Number(value)) : undefined);
/** A map of texts. */
export const texts = (value: unknown) => (isMap(value) ? variables(value) : undefined);
/** A map with one key. */
export const within = (key: string, written?: string) => written && `{ ${key}: ${written} }`;
/** Whether a value is one word or number. */
export const isScalar = (value: unknown) => typeof value === "string" || typeof value === "number";
/** A word or number as it stands. */
export const plain = (value: unknown) => (isScalar(value) ? JSON.stringify(value) : undefined);
/** A time of so many seconds. */
export const wholeSeconds = (value: unknown) =>
  typeof value === "number" ? duration(value) : typeof value === "string" ? value : undefined;
/** A command line as a list. */
export const command = (value: unknown) =>
  typeof value === "string" ? asCommand(value) : Array.isArray(value) ? list(value) : undefined;
const list = (value: readonly unknown[]) =>
  `[${value.map((item) => JSON.stringify(String(item))).join(", ")}]`;
/** A map of these keys and values. */
export const map = (entries: readonly (readonly [string, unknown])[]) =>
  `{ ${entries.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ")} }`;

/** Fields of the container, for which the patch is the place. */
export const inContainer = (fields: string, container = "NAME") =>
  `podPatch: { containers: [{ name: ${container}, ${fields} }] } with the name of the container, which is the entry's unless container says another`;

/** Docker's sizes have small letters and powers of 1024. */
export function memory(value: unknown): string | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt])i?b?$/i.exec(String(value)) ?? [];
  return amount && unit ? `${amount}${unit.toUpperCase()}i` : plain(value);
}

/** Variables as Compose and Kubernetes list them. */
export function variables(value: unknown): string | undefined {
  if (isMap(value)) return writtenMap(Object.entries(value).map(([name, of]) => [name, text(of)]));
  if (!Array.isArray(value)) return undefined;
  return writtenMap(
    value.map((item: unknown) => {
      const [, name, of] = /^([^=]+)=(.*)$/s.exec(typeof item === "string" ? item : "") ?? [];
      if (name !== undefined && of !== undefined) return [name, JSON.stringify(of)];
      if (!isMap(item) || typeof item.name !== "string") return undefined;
      const { name: variable, ...from } = item;
      return [variable, isScalar(item.value) ? text(item.value) : variableText(from)];
    }),
  );
}

/** How a list of variables is written here; what only the pod's spec can say is for the patch. */
export function variablesFix(list: readonly unknown[]): string | undefined {
  const patched = list.filter((item) => variables([item]) === undefined);
  if (!patched.every((item) => isMap(item) && "valueFrom" in item)) return undefined;
  const ours = list.filter((item) => !patched.includes(item));
  if (patched.length === 0) return `write a map: ${variables(ours)}`;
  const first = ours.length > 0 ? `write a map: ${variables(ours)}, and` : "remove it, and write";
  return `${first} ${inContainer(`env: ${JSON.stringify(patched)}`)}`;
}

const text = (of: unknown) => (isMap(of) ? variableText(of) : JSON.stringify(String(of)));
/** A variable that is one already, or one from a Secret or a ConfigMap. */
const variableText = (of: Record<string, unknown>) => {
  const reference = variableOf(of);
  if (reference) return referenceText(reference);
  const isOurs = Object.keys(of).some((key) =>
    /^(?:secret|existing(?:Secret|ConfigMap))$/.test(key),
  );
  return isOurs ? map(Object.entries(of)) : undefined;
};

/** A map of these keys to what is written; undefined where a value is. */
function writtenMap(entries: readonly (readonly [string, string | undefined] | undefined)[]) {
  const written = entries.map(
    (entry) =>
      entry?.[1] &&
      `${/^[\w./-]+$/.test(entry[0]) ? entry[0] : JSON.stringify(entry[0])}: ${entry[1]}`,
  );
  return written.every((entry) => entry) ? `{ ${written.join(", ")} }` : undefined;
}

/** Port in the container, of `8000`, `"80:8000"` or `[{ containerPort: 8000 }]`. */
export function port(value: unknown): string | undefined {
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (isMap(one)) return plain(one.containerPort ?? one.targetPort ?? one.target ?? one.port);
  return /^(?:.*:)?(\d+)(?:\/tcp)?$/.exec(String(one))?.[1];
}

/** What to do with a list of ports. */
export function portsFix(list: readonly unknown[]): string {
  const named = list.map((item) => (isMap(item) && item.name !== "http" ? item.name : undefined));
  const others = list.flatMap((item, at) => {
    const [name, number] = [named[at], port([item])];
    return typeof name === "string" && number !== undefined ? [`${name}: ${number}`] : [];
  });
  const [own] = list.filter((_, at) => typeof named[at] !== "string");
  const ofServer = `port: ${port([own]) ?? "NUMBER"}`;
  if (others.length === 0)
    return `write ${ofServer} for the server's own, ports: { NAME: NUMBER } for others`;
  return own === undefined
    ? `write a map: { ${others.join(", ")} }, without the server's own, which is port`
    : `write ${ofServer} for the server's own, and ports: { ${others.join(", ")} }`;
}

const items = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Mounts as Kubernetes and Compose list them, of these volumes of the pod; a folder of one's own machine is no volume. */
export function mounts(value: unknown, volumes?: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  return writtenMap(
    value.map((item: unknown) => {
      const [, volume, path] = /^([a-z][\w-]*):(\/[^:]+)/.exec(String(item)) ?? [];
      if (volume !== undefined && path !== undefined) return [path, JSON.stringify(volume)];
      if (!isMap(item) || typeof item.name !== "string") return undefined;
      const { name, mountPath, subPath: key } = item;
      const of = referenceOf(items(volumes).find((one) => isMap(one) && one.name === name));
      const file = typeof key === "string" && { key };
      return [String(mountPath), of ? referenceText({ ...of, ...file }) : JSON.stringify(name)];
    }),
  );
}

/** What to do with the volumes of a pod, which its mounts name, or with those of Compose. */
export function volumesFix(value: unknown, volumeMounts: unknown): string {
  const named = items(value).flatMap((item) =>
    isMap(item) && typeof item.name === "string" ? [item.name] : [],
  );
  const guessed = named.map((name) => ({ name, mountPath: `/${name}` }));
  const at = volumeMounts ?? guessed;
  const written = named.length > 0 ? mounts(at, value) : mounts(value);
  if (!written?.includes("/")) {
    return "declare each below volumes of the stack file, and write mounts: { /path: volume }; files of your own machine belong into the image (build)";
  }
  const where = at === guessed && named.length > 0 ? " with the paths of your own" : "";
  const declare = items(value).every((item) => referenceOf(item) !== undefined)
    ? ""
    : ", and declare the volumes in the stack file";
  return `write mounts: ${written}${where}${declare}`;
}
