import type { Bounds } from "../bounds";
import { groupBounds, portBounds } from "../bounds";
import {
  textOf,
  label,
  letters,
  dnsLabel,
  dnsName,
  qualified,
  labelValue,
  objectKey,
  objectName,
  address,
  relative,
  file,
  variable,
  portName,
  search,
  type Form,
} from "./api-forms";

/** What the API server asks of a type besides the types of its fields. */
export interface ApiRules {
  /** Fields that it must have. @default [] */
  required?: readonly string[];
  /** Fields of which it must have one, and no other. @default none */
  one?: readonly string[];
  /** The values that a field, or each item of a list, may have. @default any */
  values?: Readonly<Record<string, readonly string[]>>;
  /** Bounds of numbers. @default none */
  bounds?: Readonly<Record<string, Bounds>>;
  /** Forms of texts, or of each item of a list or a map. @default any */
  forms?: Readonly<Record<string, Form>>;
  /** Form of the keys of maps. @default any */
  keys?: Readonly<Record<string, Form>>;
  /** The most items of a list. @default any number */
  most?: Readonly<Record<string, number>>;
}

const mode: Bounds = [0, 0o777];
const counts: Bounds = [1, 2 ** 31 - 1];
const profile = ["RuntimeDefault", "Localhost", "Unconfined"];
const pulls = ["Always", "IfNotPresent", "Never"];
/** Fields of the pod, and of its resources, that variables and files tell of. */
const told = [
  ...["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName"],
  ...["spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP"],
  ...["status.podIPs", "metadata.labels", "metadata.annotations"],
];
const amounts = ["cpu", "memory", "ephemeral-storage"];
const signals = [
  ...[
    "ABRT",
    "ALRM",
    "BUS",
    "CHLD",
    "CLD",
    "CONT",
    "FPE",
    "HUP",
    "ILL",
    "INT",
    "IO",
    "IOT",
    "KILL",
  ],
  ...["PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP"],
  ...["TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN"],
  ...Array.from({ length: 15 }, (_, at) => `RTMIN+${at + 1}`),
  ...Array.from({ length: 14 }, (_, at) => `RTMAX-${14 - at}`),
  "RTMAX",
].map((signal) => `SIG${signal}`);

/** The rules by type, of all types that a patch may have (docs/facts.md 14.16). */
export const apiRules: Readonly<Record<string, ApiRules | undefined>> = {
  V1AppArmorProfile: { required: ["type"], values: { type: profile } },
  V1CSIVolumeSource: {
    required: ["driver"],
    forms: {
      driver: textOf(
        RegExp(`^${label}(?:\\.${label})*$`, "i"),
        63,
        letters,
        "secrets-store.csi.k8s.io",
      ),
    },
  },
  V1ClusterTrustBundleProjection: { required: ["path"], forms: { path: file } },
  V1ConfigMapKeySelector: {
    ...{ required: ["name", "key"], forms: { name: objectName, key: objectKey } },
  },
  V1ConfigMapProjection: { required: ["name"] },
  V1ConfigMapVolumeSource: { required: ["name"], bounds: { defaultMode: mode } },
  V1Container: {
    values: {
      imagePullPolicy: pulls,
      terminationMessagePolicy: ["File", "FallbackToLogsOnError"],
    },
  },
  V1ContainerPort: {
    values: { protocol: ["TCP", "UDP", "SCTP"] },
    bounds: { containerPort: portBounds, hostPort: [0, 65535] },
    forms: { name: { ...portName, allowed: `at most 15 ${letters}, one of them a letter` } },
  },
  V1ContainerResizePolicy: {
    required: ["resourceName", "restartPolicy"],
    values: { resourceName: ["cpu", "memory"], restartPolicy: ["NotRequired", "RestartContainer"] },
  },
  V1DownwardAPIVolumeFile: {
    ...{ required: ["path"], one: ["fieldRef", "resourceFieldRef"] },
    ...{ bounds: { mode }, forms: { path: file } },
  },
  V1DownwardAPIVolumeSource: { bounds: { defaultMode: mode } },
  V1EnvVar: { forms: { name: variable } },
  V1EnvVarSource: {
    one: ["fieldRef", "resourceFieldRef", "secretKeyRef", "configMapKeyRef", "fileKeyRef"],
  },
  V1EphemeralVolumeSource: { required: ["volumeClaimTemplate"] },
  V1ExecAction: { required: ["command"] },
  V1FileKeySelector: { required: ["volumeName", "path", "key"] },
  V1HTTPGetAction: {
    ...{ required: ["port"], values: { scheme: ["HTTP", "HTTPS"] } },
    ...{ bounds: { port: portBounds }, forms: { port: portName } },
  },
  V1HTTPHeader: { required: ["name", "value"] },
  V1HostAlias: { forms: { ip: address, hostnames: dnsName(253, "db") } },
  V1ImageVolumeSource: { required: ["reference"], values: { pullPolicy: pulls } },
  V1KeyToPath: { required: ["key", "path"], bounds: { mode }, forms: { path: file } },
  V1LabelSelector: { keys: { matchLabels: qualified }, forms: { matchLabels: labelValue } },
  V1LabelSelectorRequirement: {
    ...{ required: ["key", "operator"], forms: { key: qualified, values: labelValue } },
    values: { operator: ["In", "NotIn", "Exists", "DoesNotExist"] },
  },
  V1Lifecycle: { values: { stopSignal: signals } },
  V1LifecycleHandler: { one: ["exec", "httpGet", "tcpSocket", "sleep"] },
  V1LocalObjectReference: { required: ["name"] },
  V1ObjectFieldSelector: {
    ...{ required: ["fieldPath"], values: { apiVersion: ["v1"] } },
    forms: {
      fieldPath: {
        ...{ allowed: told.join(", "), example: "spec.nodeName" },
        fits: (text) =>
          told.includes(text) ||
          qualified.fits(/^metadata\.(?:labels|annotations)\['(.+)'\]$/.exec(text)?.[1] ?? ""),
      },
    },
  },
  V1PersistentVolumeClaimSpec: {
    required: ["accessModes", "resources"],
    values: {
      accessModes: ["ReadWriteOnce", "ReadWriteOncePod", "ReadOnlyMany", "ReadWriteMany"],
      volumeMode: ["Filesystem", "Block"],
    },
    forms: { storageClassName: dnsName(253, "standard") },
  },
  V1PersistentVolumeClaimTemplate: { required: ["spec"] },
  V1PodAffinityTerm: {
    required: ["topologyKey"],
    forms: { topologyKey: qualified, namespaces: dnsLabel },
  },
  V1PodDNSConfig: {
    forms: { nameservers: address, searches: search },
    most: { nameservers: 3, searches: 32 },
  },
  V1PodDNSConfigOption: { required: ["name"] },
  V1PodOS: { required: ["name"], values: { name: ["linux"] } },
  V1PodReadinessGate: { required: ["conditionType"], forms: { conditionType: qualified } },
  V1PodSchedulingGate: { forms: { name: qualified } },
  V1PodSecurityContext: {
    values: {
      fsGroupChangePolicy: ["OnRootMismatch", "Always"],
      seLinuxChangePolicy: ["MountOption", "Recursive"],
      supplementalGroupsPolicy: ["Merge", "Strict"],
    },
    bounds: { fsGroup: groupBounds, supplementalGroups: groupBounds },
  },
  V1PodSpec: {
    values: { dnsPolicy: ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"] },
    forms: {
      ...{ hostname: dnsLabel, subdomain: dnsLabel, hostnameOverride: dnsName(64, "chat") },
      runtimeClassName: dnsName(253, "gvisor"),
    },
  },
  V1ProjectedVolumeSource: { bounds: { defaultMode: mode } },
  V1ResourceFieldSelector: {
    required: ["resource"],
    values: {
      resource: ["limits", "requests"].flatMap((of) => amounts.map((it) => `${of}.${it}`)),
    },
  },
  V1SeccompProfile: {
    ...{ required: ["type"], values: { type: profile } },
    forms: { localhostProfile: relative },
  },
  V1SecretKeySelector: {
    ...{ required: ["name", "key"], forms: { name: objectName, key: objectKey } },
  },
  V1SecretProjection: { required: ["name"] },
  V1SecretVolumeSource: { required: ["secretName"], bounds: { defaultMode: mode } },
  V1ServiceAccountTokenProjection: {
    ...{ required: ["path"], forms: { path: file } },
    bounds: { expirationSeconds: [600, 2 ** 32] },
  },
  V1SleepAction: { required: ["seconds"], bounds: { seconds: [0, 2 ** 31 - 1] } },
  V1Sysctl: { required: ["name"] },
  V1TCPSocketAction: {
    ...{ required: ["port"], bounds: { port: portBounds }, forms: { port: portName } },
  },
  V1TopologySpreadConstraint: {
    values: {
      whenUnsatisfiable: ["DoNotSchedule", "ScheduleAnyway"],
      ...{ nodeAffinityPolicy: ["Honor", "Ignore"], nodeTaintsPolicy: ["Honor", "Ignore"] },
    },
    bounds: { maxSkew: counts, minDomains: counts },
  },
  V1Volume: { forms: { name: dnsLabel } },
  V1VolumeResourceRequirements: { required: ["requests"] },
  V1VolumeDevice: { required: ["name"] },
  V1VolumeMount: {
    required: ["name"],
    values: {
      mountPropagation: ["None", "HostToContainer"],
      recursiveReadOnly: ["Disabled", "IfPossible", "Enabled"],
    },
    forms: { subPath: relative, subPathExpr: relative },
  },
  V1VolumeProjection: {
    one: [
      ...["configMap", "secret", "serviceAccountToken", "downwardAPI", "clusterTrustBundle"],
      "podCertificate",
    ],
  },
  V1WeightedPodAffinityTerm: {
    required: ["weight", "podAffinityTerm"],
    bounds: { weight: [1, 100] },
  },
};
