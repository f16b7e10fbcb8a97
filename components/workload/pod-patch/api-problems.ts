import type { Problem } from "../../problem";
import { meantOr } from "../../spelling";
import { numberProblems } from "../bounds";
import { apiRules, type ApiRules } from "./api-rules";
import { isPlainMap } from "./merge";
import { shownValue } from "./shown";

type Fields = Readonly<Record<string, unknown>>;

/** What the API server refuses of a value of a type whose fields have the right types, and only an `up` would show. */
export function apiProblems(type: string, fields: Fields, path: Problem["path"]): Problem[] {
  const rules = apiRules[type] ?? {};
  return [
    ...missingProblems(rules.required ?? [], fields, path),
    ...other(rules, fields, path),
    ...Object.entries(rules.values ?? {}).flatMap(([key, values]) =>
      each(fields[key], [...path, key]).flatMap((one) => valueProblem(one, values)),
    ),
    ...Object.entries(rules.bounds ?? {}).flatMap(([key, bounds]) =>
      each(fields[key], [...path, key]).flatMap(({ value, at }) =>
        typeof value === "number" ? numberProblems(at, value, bounds) : [],
      ),
    ),
    ...Object.entries(rules.forms ?? {}).flatMap(([key, { fits, allowed, example }]) =>
      each(fields[key], [...path, key]).flatMap(({ value, at }): Problem[] =>
        typeof value !== "string" || fits(value)
          ? []
          : [
              {
                ...{ path: at, found: shownValue(value), allowed },
                problem: "not of the form that Kubernetes takes here",
                fix: `write it like ${example}`,
              },
            ],
      ),
    ),
    ...(together[type]?.(fields) ?? []).map(({ key, ...words }) => ({
      ...{ path: [...path, key], found: shownValue(fields[key] ?? null), ...words },
    })),
  ];
}

/** The values of a field: the items of a list, or the one that it has. */
function each(value: unknown, at: Problem["path"]): { value: unknown; at: Problem["path"] }[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [{ value, at }];
  return value.map((item: unknown, place) => ({ value: item, at: [...at, place] }));
}

/** Whether a field says nothing: an empty text or list does not either. */
const isEmpty = (value: unknown) =>
  value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

/** Fields that a map must have, and lacks. */
export function missingProblems(
  required: readonly string[],
  fields: Fields,
  path: Problem["path"],
): Problem[] {
  return required
    .filter((key) => isEmpty(fields[key]))
    .map((key) => ({
      ...{ path, found: shownValue(fields), problem: `no ${key}`, fix: `add ${key}` },
      allowed: `a map with ${required.join(", ")}`,
    }));
}

function other({ one }: ApiRules, fields: Fields, path: Problem["path"]): Problem[] {
  if (!one) return [];
  const given = one.filter((key) => fields[key] !== undefined);
  if (given.length === 1) return [];
  const none = given.length === 0;
  return [
    {
      ...{ path, found: none ? shownValue(fields) : given.join(" and ") },
      problem: none ? "says nothing" : "more than one of them",
      allowed: `one of ${one.join(", ")}`,
      fix: none ? `add one, for example ${one[0]}` : `keep ${given[0]}, or one of the others`,
    },
  ];
}

function valueProblem(
  { value, at }: { value: unknown; at: Problem["path"] },
  values: readonly string[],
): Problem[] {
  if (typeof value !== "string" || values.includes(value)) return [];
  return [
    {
      ...{ path: at, found: JSON.stringify(value), allowed: values.join(", ") },
      problem: "not a value that Kubernetes takes here",
      fix: meantOr(value, values, "choose one of these"),
    },
  ];
}

/** What is wrong with a field because of another one; only of fields that are there. */
type Together = (
  fields: Fields,
) => { key: string; problem: string; allowed: string; fix: string }[];

/** A profile has a file where, and only where, it is one of the node. */
const localhost: Together = ({ type, localhostProfile: file }) => {
  const isOfNode = type === "Localhost";
  if (typeof type !== "string" || isOfNode !== isEmpty(file)) return [];
  return [
    {
      key: isOfNode ? "type" : "localhostProfile",
      problem: isOfNode ? "a profile of the node, without its name" : `not used by type ${type}`,
      allowed: "localhostProfile with type: Localhost, and only with it",
      fix: isOfNode ? "add localhostProfile" : "remove it, or write type: Localhost",
    },
  ];
};

const together: Readonly<Record<string, Together | undefined>> = {
  V1AppArmorProfile: localhost,
  V1SeccompProfile: localhost,
  V1LabelSelectorRequirement: ({ operator, values }) => {
    const listed = operator === "In" || operator === "NotIn";
    const isKnown = listed || operator === "Exists" || operator === "DoesNotExist";
    if (!isKnown || listed !== isEmpty(values)) return [];
    const [key, fix] = listed ? ["operator", "add values"] : ["values", "remove it"];
    const allowed = "values with In and NotIn, and only with them";
    return [{ key, problem: `${operator} ${listed ? "needs" : "takes no"} values`, allowed, fix }];
  },
  V1EnvVar: ({ value, valueFrom }) =>
    isEmpty(value) || valueFrom === undefined
      ? []
      : [
          {
            ...{ key: "value", problem: "never together with valueFrom" },
            ...{ allowed: "value or valueFrom", fix: "remove one of both" },
          },
        ],
  V1EnvVarSource: ({ fieldRef }) =>
    /^metadata\.(?:labels|annotations)$/.test(fieldPath(fieldRef))
      ? [
          {
            ...{ key: "fieldRef", problem: "all of them, which only a file can tell" },
            allowed: "one of them, by its key",
            fix: `write fieldPath: ${fieldPath(fieldRef)}['KEY']`,
          },
        ]
      : [],
  V1DownwardAPIVolumeFile: ({ fieldRef, resourceFieldRef: of }) => [
    ...(/^(?:spec|status)\./.test(fieldPath(fieldRef))
      ? [
          {
            ...{ key: "fieldRef", problem: "a field that only variables tell" },
            allowed: "metadata.name, .namespace, .uid, .labels, .annotations",
            fix: "write a variable with valueFrom",
          },
        ]
      : []),
    ...(isPlainMap(of) && isEmpty(of.containerName)
      ? [
          {
            ...{ key: "resourceFieldRef", problem: "no containerName" },
            ...{ allowed: "the name of a container", fix: "add containerName" },
          },
        ]
      : []),
  ],
  V1VolumeMount: ({ readOnly, recursiveReadOnly: how, subPath, subPathExpr }) => [
    ...(isEmpty(subPath) || isEmpty(subPathExpr)
      ? []
      : [
          {
            ...{ key: "subPathExpr", problem: "never together with subPath" },
            ...{ allowed: "subPath or subPathExpr", fix: "remove one of both" },
          },
        ]),
    ...(how === undefined || how === "Disabled" || readOnly === true
      ? []
      : [
          {
            ...{ key: "recursiveReadOnly", problem: "needs readOnly" },
            ...{ allowed: "Disabled, or readOnly: true beside it", fix: "add readOnly: true" },
          },
        ]),
  ],
  V1TopologySpreadConstraint: ({ minDomains, whenUnsatisfiable }) =>
    minDomains === undefined || whenUnsatisfiable === "DoNotSchedule"
      ? []
      : [
          {
            ...{ key: "minDomains", problem: "needs whenUnsatisfiable: DoNotSchedule" },
            ...{ allowed: "nothing, with ScheduleAnyway", fix: "remove it" },
          },
        ],
  V1PodSpec: ({ dnsPolicy, dnsConfig, setHostnameAsFQDN, hostnameOverride }) => [
    ...(dnsPolicy === "None" && !(isPlainMap(dnsConfig) && !isEmpty(dnsConfig.nameservers))
      ? [
          {
            ...{ key: "dnsPolicy", problem: "None leaves the pods without a name server" },
            allowed: "None with dnsConfig.nameservers",
            fix: "add dnsConfig: { nameservers: [...] }, or write ClusterFirst",
          },
        ]
      : []),
    ...(setHostnameAsFQDN === true && hostnameOverride !== undefined
      ? [
          {
            ...{ key: "hostnameOverride", problem: "never together with setHostnameAsFQDN" },
            ...{ allowed: "one of both", fix: "remove one of both" },
          },
        ]
      : []),
  ],
};

function fieldPath(of: unknown): string {
  return isPlainMap(of) && typeof of.fieldPath === "string" ? of.fieldPath : "";
}
