import { z } from "zod";

const word = z.string();
const object = z.object({ name: word });
/** A variable that may be absent is none of an entry. */
const oneKey = object.extend({ key: word, optional: z.literal(false).optional() });

/** How manifests refer to a Secret or a ConfigMap from variables and volumes (docs/facts.md 14.15), and how it is guessed. */
const manifest = z
  .object({
    secretKeyRef: oneKey,
    secretRef: object,
    secret: z.union([
      word.transform((name) => ({ name })),
      z.object({ secretName: word }).transform(({ secretName: name }) => ({ name })),
      object,
    ]),
    secretName: word.transform((name) => ({ name })),
    configMapKeyRef: oneKey,
    configMapRef: object,
    configMap: z.union([word.transform((name) => ({ name })), object]),
  })
  .partial();
const beside = z.object({ key: word, subPath: word, prefix: word }).partial();

/** A Secret or a ConfigMap of the namespace, as an entry names it. */
export interface Reference {
  /** Name of the object, by its kind. */
  object: { existingSecret: string } | { existingConfigMap: string };
  /** The one key that is meant. */
  key?: string;
  /** What the names of the variables start with. */
  prefix?: string;
}

/** The Secret or ConfigMap that a value in the form of a manifest names. */
export function referenceOf(found: unknown): Reference | undefined {
  const { data } = manifest.safeParse(found);
  if (!data) return undefined;
  const secret = data.secretKeyRef ?? data.secretRef ?? data.secret ?? data.secretName;
  const configMap = data.configMapKeyRef ?? data.configMapRef ?? data.configMap;
  const name = (secret ?? configMap)?.name;
  if (name === undefined) return undefined;
  const { key, subPath = key, prefix } = beside.safeParse(found).data ?? {};
  const ofKey = (data.secretKeyRef ?? data.configMapKeyRef)?.key ?? subPath;
  return {
    object: secret ? { existingSecret: name } : { existingConfigMap: name },
    ...(ofKey !== undefined && { key: ofKey }),
    ...(prefix !== undefined && { prefix }),
  };
}

/** The same for a variable, which has one key. */
export function variableOf(found: unknown): Reference | undefined {
  const { data } = z.object({ valueFrom: z.unknown() }).safeParse(found);
  const reference = referenceOf(data?.valueFrom ?? found);
  return reference?.key === undefined ? undefined : reference;
}

/** A reference as it is written in a file. */
export function referenceText({ object, ...beside }: Reference): string {
  const written = Object.entries({ ...object, ...beside }).map(
    ([key, value]) => `${key}: ${JSON.stringify(value)}`,
  );
  return `{ ${written.join(", ")} }`;
}
