import { quantity } from "./api-forms";
import { isPlainMap } from "./merge";

type Fields = Readonly<Record<string, unknown>>;

/** Whether a field says nothing: an empty text or list does not either. */
export const isEmpty = (value: unknown) =>
  value === undefined || value === "" || (Array.isArray(value) && value.length === 0);

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

/** What is wrong with fields of a type that depend on each other. */
export const together: Readonly<Record<string, Together | undefined>> = {
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
  V1VolumeResourceRequirements: ({ requests }) => {
    const storage = isPlainMap(requests) ? requests.storage : undefined;
    if (isEmpty(requests) || (typeof storage === "string" && isAmount(storage))) return [];
    return [
      {
        ...{ key: "requests", problem: "no amount of storage" },
        ...{ allowed: "storage, above 0", fix: "write requests: { storage: 10Gi }" },
      },
    ];
  },
  V1ResourceFieldSelector: ({ resource, divisor }) => {
    const allowed = String(resource).endsWith(".cpu") ? units.cpu : units.other;
    if (typeof divisor !== "string" || ["", "0", ...allowed].includes(divisor)) return [];
    const words = { problem: "not a unit of this amount", fix: `write one, such as ${allowed[1]}` };
    return [{ key: "divisor", ...words, allowed: allowed.join(", ") }];
  },
  V1PodAffinityTerm: ({ labelSelector, matchLabelKeys, mismatchLabelKeys }) =>
    labelSelector !== undefined || (isEmpty(matchLabelKeys) && isEmpty(mismatchLabelKeys))
      ? []
      : [
          {
            ...{ key: isEmpty(matchLabelKeys) ? "mismatchLabelKeys" : "matchLabelKeys" },
            ...{ problem: "needs labelSelector", allowed: "keys beside labelSelector" },
            fix: "add labelSelector",
          },
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

const units = {
  cpu: ["1", "1m"],
  other: [
    "1",
    ...["k", "M", "G", "T", "P", "E"].flatMap((of) => [`1${of}`, `1${of === "k" ? "K" : of}i`]),
  ],
};
const isAmount = (text: string) => quantity.test(text) && Number.parseFloat(text) > 0;

function fieldPath(of: unknown): string {
  return isPlainMap(of) && typeof of.fieldPath === "string" ? of.fieldPath : "";
}
