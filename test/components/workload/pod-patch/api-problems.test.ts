import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { apiRules } from "../../../../components/workload/pod-patch/api-rules";
import { isPodPatch, patchShapeProblems } from "../../../../components/workload/pod-patch/shape";

interface Model {
  getAttributeTypeMap: () => { baseName: string; type: string }[];
}

const load = createRequire(__filename);
const models = join(dirname(load.resolve("@kubernetes/client-node")), "gen", "models");
/** Fields of a type of the API, by name. */
const fieldsOf = (type: string) => {
  const { [type]: model } = load(join(models, type)) as Record<string, Model | undefined>;
  return new Map((model?.getAttributeTypeMap() ?? []).map((of) => [of.baseName, of.type]));
};

const main = (container: object) => ({ containers: [{ name: "chat", ...container }] });
const volume = (source: object) => ({ volumes: [{ name: "new", ...source }] });
const near = { topologyKey: "kubernetes.io/hostname" };
const required = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
const anti = (of: object) => ({ affinity: { podAntiAffinity: of } });
const selecting = (expression: object) =>
  anti({ [required]: [{ ...near, labelSelector: { matchExpressions: [expression] } }] });
const at = `affinity.podAntiAffinity.${required}.0`;
const expression = `${at}.labelSelector.matchExpressions.0`;
const postStart = (handler: object) => main({ lifecycle: { postStart: handler } });
const hook = "containers.0.lifecycle.postStart";
const variable = (valueFrom: object, more = {}) =>
  main({ env: [{ name: "A", valueFrom, ...more }] });
const from = "containers.0.env.0.valueFrom";
const files = (...items: object[]) => volume({ downwardAPI: { items } });
const mount = (more: object) => main({ volumeMounts: [{ name: "v", mountPath: "/v", ...more }] });
const mounted = "containers.0.volumeMounts.0";
const seccomp = (seccompProfile: object) => ({ securityContext: { seccompProfile } });
const like = (path: string, example: string) => `${path}: write it like ${example}`;

/** Patches that the API server refuses, and what each is told. */
const refused: [what: string, patch: object, ...says: string[]][] = [
  ["words", { dnsPolicy: "default" }, 'dnsPolicy: did you mean "Default"?'],
  [
    "words of a container",
    main({ imagePullPolicy: "OnChange", terminationMessagePolicy: "file" }),
    "containers.0.imagePullPolicy: choose one of these",
    'containers.0.terminationMessagePolicy: did you mean "File"?',
  ],
  [
    "protocols and numbers of ports",
    main({ ports: [{ containerPort: 70000, protocol: "tcp", name: "Metrics_Port" }] }),
    'containers.0.ports.0.protocol: did you mean "TCP"?',
    "containers.0.ports.0.containerPort: choose a number in this range",
    like("containers.0.ports.0.name", "http"),
  ],
  ["systems that no node has", { os: { name: "windows" } }, "os.name: choose one of these"],
  ["systems without a name", { os: {} }, "os: add name"],
  [
    "signals",
    main({ lifecycle: { stopSignal: "SIGINTR" } }),
    'containers.0.lifecycle.stopSignal: did you mean "SIGINT"?',
  ],
  [
    "None without a name server",
    { dnsPolicy: "None" },
    "dnsPolicy: add dnsConfig: { nameservers: [...] }, or write ClusterFirst",
  ],
  [
    "name servers and domains",
    { dnsConfig: { nameservers: ["dns.example"], searches: ["a b"], options: [{ value: "1" }] } },
    "dnsConfig.options.0: add name",
  ],
  [
    "name servers by name",
    { dnsConfig: { nameservers: ["dns.example"], searches: ["A b"] } },
    like("dnsConfig.nameservers.0", "10.0.0.7"),
    like("dnsConfig.searches.0", "svc.example.com"),
  ],
  [
    "aliases",
    { hostAliases: [{ ip: "db", hostnames: ["Data_Base"] }] },
    like("hostAliases.0.ip", "10.0.0.7"),
    like("hostAliases.0.hostnames.0", "db"),
  ],
  [
    "names of hosts",
    { hostname: "chat.example", subdomain: "A", setHostnameAsFQDN: true, hostnameOverride: "a" },
    like("hostname", "chat"),
    like("subdomain", "chat"),
    "hostnameOverride: remove one of both",
  ],
  ["a RuntimeClass", { runtimeClassName: "gVisor" }, like("runtimeClassName", "gvisor")],
  [
    "gates",
    { readinessGates: [{ conditionType: "" }], schedulingGates: [{ name: "a b" }] },
    "readinessGates.0: add conditionType",
    like("readinessGates.0.conditionType", "example.com/ready"),
    like("schedulingGates.0.name", "example.com/ready"),
  ],
  ["affinity without a key", anti({ [required]: [{}] }), `${at}: add topologyKey`],
  [
    "affinity without a weight",
    anti({ [preferred]: [{ podAffinityTerm: near }] }),
    `affinity.podAntiAffinity.${preferred}.0: add weight`,
  ],
  [
    "affinity with another weight",
    anti({ [preferred]: [{ weight: 0, podAffinityTerm: near }] }),
    `affinity.podAntiAffinity.${preferred}.0.weight: choose a number in this range`,
  ],
  [
    "operators",
    selecting({ key: "app", operator: "in", values: ["a"] }),
    `${expression}.operator: did you mean "In"?`,
  ],
  [
    "In without values",
    selecting({ key: "app", operator: "In" }),
    `${expression}.operator: add values`,
  ],
  [
    "Exists with values",
    selecting({ key: "app", operator: "Exists", values: ["a"] }),
    `${expression}.values: remove it`,
  ],
  [
    "constraints",
    {
      topologySpreadConstraints: [
        {
          ...near,
          maxSkew: 0,
          whenUnsatisfiable: "Never",
          nodeTaintsPolicy: "honor",
          minDomains: 2,
        },
      ],
    },
    "topologySpreadConstraints.0.whenUnsatisfiable: choose one of these",
    'topologySpreadConstraints.0.nodeTaintsPolicy: did you mean "Honor"?',
    "topologySpreadConstraints.0.maxSkew: choose a number in this range",
    "topologySpreadConstraints.0.minDomains: remove it",
  ],
  [
    "groups and policies",
    { securityContext: { fsGroup: -1, supplementalGroups: [1, -2], fsGroupChangePolicy: "Never" } },
    "securityContext.fsGroupChangePolicy: choose one of these",
    "securityContext.fsGroup: choose a number in this range",
    "securityContext.supplementalGroups.1: choose a number in this range",
  ],
  [
    "profiles without a type",
    seccomp({ localhostProfile: "a" }),
    "securityContext.seccompProfile: add type",
  ],
  [
    "profiles of the node without a name",
    seccomp({ type: "Localhost" }),
    "securityContext.seccompProfile.type: add localhostProfile",
  ],
  [
    "names beside another type",
    seccomp({ type: "RuntimeDefault", localhostProfile: "a" }),
    "securityContext.seccompProfile.localhostProfile: remove it, or write type: Localhost",
  ],
  ["hooks without a handler", postStart({}), `${hook}: add one, for example exec`],
  [
    "hooks with two",
    postStart({ exec: { command: ["a"] }, sleep: { seconds: 1 } }),
    `${hook}: keep exec, or one of the others`,
  ],
  ["hooks without a command", postStart({ exec: {} }), `${hook}.exec: add command`],
  [
    "hooks by HTTP",
    postStart({ httpGet: { scheme: "https", port: 0, httpHeaders: [{ name: "A" }] } }),
    `${hook}.httpGet.httpHeaders.0: add value`,
  ],
  [
    "hooks by HTTP at no port",
    postStart({ httpGet: { scheme: "https", port: 0 } }),
    `${hook}.httpGet.scheme: did you mean "HTTPS"?`,
    `${hook}.httpGet.port: choose a number in this range`,
  ],
  [
    "hooks at a port by another name",
    postStart({ tcpSocket: { port: "8080" } }),
    like(`${hook}.tcpSocket.port`, "http"),
  ],
  ["variables from nothing", variable({}), `${from}: add one, for example fieldRef`],
  [
    "variables from two",
    variable({
      fieldRef: { fieldPath: "metadata.name" },
      resourceFieldRef: { resource: "limits.cpu" },
    }),
    `${from}: keep fieldRef, or one of the others`,
  ],
  [
    "variables with a text, too",
    variable({ fieldRef: { fieldPath: "metadata.name" } }, { value: "a" }),
    "containers.0.env.0.value: remove one of both",
  ],
  [
    "names of variables",
    main({ env: [{ name: "1A", value: "" }] }),
    like("containers.0.env.0.name", "NODE_NAME"),
  ],
  [
    "fields that variables do not have",
    variable({ fieldRef: { fieldPath: "spec.replicas" } }),
    like(`${from}.fieldRef.fieldPath`, "spec.nodeName"),
  ],
  [
    "all labels in a variable",
    variable({ fieldRef: { fieldPath: "metadata.labels" } }),
    `${from}.fieldRef: write fieldPath: metadata.labels['KEY']`,
  ],
  [
    "amounts that variables do not have",
    variable({ resourceFieldRef: { resource: "limits.gpu" } }),
    `${from}.resourceFieldRef.resource: did you mean "limits.cpu"?`,
  ],
  [
    "keys that are left out",
    variable({ secretKeyRef: { name: "s", optional: true } }),
    `${from}.secretKeyRef: add key`,
  ],
  ["volumes without their object", volume({ secret: {} }), "volumes.0.secret: add secretName"],
  ["volumes without a driver", volume({ csi: {} }), "volumes.0.csi: add driver"],
  [
    "volumes without a claim",
    volume({ ephemeral: {} }),
    "volumes.0.ephemeral: add volumeClaimTemplate",
  ],
  [
    "claims without an amount",
    volume({
      ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["RWO"], resources: {} } } },
    }),
    "volumes.0.ephemeral.volumeClaimTemplate.spec.resources: add requests",
  ],
  [
    "access in short",
    volume({
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: ["ReadWrite"], resources: { requests: { storage: "1Gi" } } },
        },
      },
    }),
    'volumes.0.ephemeral.volumeClaimTemplate.spec.accessModes.0: did you mean "ReadWriteOnce"?',
  ],
  [
    "names and modes of volumes",
    { volumes: [{ name: "My_Files", configMap: { name: "a", defaultMode: 644 } }] },
    "volumes.0.configMap.defaultMode: choose a number in this range",
  ],
  [
    "names of volumes",
    { volumes: [{ name: "My_Files", secret: { secretName: "a" } }] },
    like("volumes.0.name", "chat"),
  ],
  [
    "files outside of the volume",
    volume({ configMap: { name: "a", items: [{ key: "a", path: "../a" }] } }),
    like("volumes.0.configMap.items.0.path", "models/chat"),
  ],
  [
    "files of nothing",
    files({ path: "a" }),
    "volumes.0.downwardAPI.items.0: add one, for example fieldRef",
  ],
  [
    "files of what only variables tell",
    files({ path: "a", fieldRef: { fieldPath: "status.podIP" } }),
    "volumes.0.downwardAPI.items.0.fieldRef: write a variable with valueFrom",
  ],
  [
    "files of no container",
    files({ path: "a", resourceFieldRef: { resource: "limits.cpu" } }),
    "volumes.0.downwardAPI.items.0.resourceFieldRef: add containerName",
  ],
  [
    "tokens that end too soon",
    volume({
      projected: {
        sources: [{ serviceAccountToken: { path: "a", audience: "b", expirationSeconds: 60 } }],
      },
    }),
    "volumes.0.projected.sources.0.serviceAccountToken.expirationSeconds: choose a number in this range",
  ],
  [
    "two sources in one",
    volume({ projected: { sources: [{ secret: { name: "a" }, configMap: { name: "b" } }] } }),
    "volumes.0.projected.sources.0: keep configMap, or one of the others",
  ],
  [
    "mounts into the node and out of the volume",
    mount({ mountPropagation: "Bidirectional", subPath: "/a", recursiveReadOnly: "Enabled" }),
    `${mounted}.mountPropagation: choose one of these`,
    like(`${mounted}.subPath`, "models/chat"),
    `${mounted}.recursiveReadOnly: add readOnly: true`,
  ],
  [
    "two folders of one mount",
    mount({ subPath: "a", subPathExpr: "$(A)" }),
    `${mounted}.subPathExpr: remove one of both`,
  ],
  [
    "labels that none can have",
    anti({
      [required]: [
        {
          ...{ ...near, namespaces: ["A_b"] },
          labelSelector: {
            matchLabels: { "a b": "c", d: "e f" },
            matchExpressions: [{ key: "app", operator: "In", values: ["a", "b c"] }],
          },
        },
      ],
    }),
    like(`${expression}.values.1`, "chat"),
  ],
  [
    "labels, and namespaces of others",
    anti({
      [required]: [
        {
          ...{ ...near, namespaces: ["A_b"] },
          labelSelector: { matchLabels: { "a b": "c", d: "e f" } },
        },
      ],
    }),
    like(`${at}.labelSelector.matchLabels.d`, "chat"),
    like(`${at}.labelSelector.matchLabels.a b`, "example.com/ready"),
  ],
  [
    "namespaces of others",
    anti({ [required]: [{ ...near, namespaces: ["A_b"] }] }),
    like(`${at}.namespaces.0`, "chat"),
  ],
  [
    "keys of labels without a selector",
    anti({ [required]: [{ ...near, matchLabelKeys: ["app"] }] }),
    `${at}.matchLabelKeys: add labelSelector`,
  ],
  [
    "more name servers than a pod has",
    { dnsConfig: { nameservers: ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"] } },
    "dnsConfig.nameservers: leave the first 3",
  ],
  [
    "a pause before the start",
    postStart({ sleep: { seconds: -1 } }),
    `${hook}.sleep.seconds: choose a number in this range`,
  ],
  [
    "claims of nothing",
    volume({
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "0" } } },
        },
      },
    }),
    "volumes.0.ephemeral.volumeClaimTemplate.spec.resources.requests: write requests: { storage: 10Gi }",
  ],
  [
    "objects that none can be",
    variable({ secretKeyRef: { name: "My Secret", key: "a b", optional: true } }),
    like(`${from}.secretKeyRef.name`, "settings"),
    like(`${from}.secretKeyRef.key`, "token"),
  ],
  [
    "drivers",
    volume({ csi: { driver: "a b" } }),
    like("volumes.0.csi.driver", "secrets-store.csi.k8s.io"),
  ],
  [
    "logins of a driver without a name",
    volume({ csi: { driver: "a", nodePublishSecretRef: {} } }),
    "volumes.0.csi.nodePublishSecretRef: add name",
  ],
  [
    "units of an amount",
    variable({ resourceFieldRef: { resource: "limits.memory", divisor: "1m" } }),
    `${from}.resourceFieldRef.divisor: write one, such as 1k`,
  ],
  [
    "profiles elsewhere",
    seccomp({ type: "Localhost", localhostProfile: "../a" }),
    like("securityContext.seccompProfile.localhostProfile", "models/chat"),
  ],
  [
    "policies of a resize",
    main({ resizePolicy: [{ resourceName: "gpu", restartPolicy: "Never" }] }),
    'containers.0.resizePolicy.0.resourceName: did you mean "cpu"?',
    "containers.0.resizePolicy.0.restartPolicy: choose one of these",
  ],
];

describe("a patch of what only the API server knows", () => {
  for (const [what, patch, ...says] of refused) {
    it(`is refused in a preview: ${what}`, () => {
      const told = patchShapeProblems(patch).map(({ path, fix }) => `${path.join(".")}: ${fix}`);
      assert.deepEqual(told, says);
      assert.equal(isPodPatch(patch), false);
    });
  }

  it("is accepted where the API server accepts it", () => {
    const patch = {
      ...{ dnsPolicy: "None", dnsConfig: { nameservers: ["fd00::1"], searches: ["a_b.example."] } },
      ...{ hostname: "chat", runtimeClassName: "kata.v2", os: { name: "linux" } },
      hostAliases: [{ ip: "10.0.0.7", hostnames: ["db.example"] }],
      topologySpreadConstraints: [
        { topologyKey: "rack", maxSkew: 1, minDomains: 2, whenUnsatisfiable: "DoNotSchedule" },
      ],
      ...selecting({ key: "app.kubernetes.io/name", operator: "NotIn", values: ["chat"] }),
      securityContext: {
        ...{ fsGroup: 0, supplementalGroups: [7], fsGroupChangePolicy: "Always" },
        seccompProfile: { type: "Localhost", localhostProfile: "profiles/a.json" },
      },
      volumes: [
        {
          name: "files",
          downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] },
        },
        { name: "image", image: { reference: "r.example/models:v1", pullPolicy: "Always" } },
        {
          name: "token",
          projected: { sources: [{ serviceAccountToken: { path: "a", expirationSeconds: 600 } }] },
        },
        {
          name: "config",
          configMap: { name: "a", defaultMode: 0o644, items: [{ key: "a", path: "b/a" }] },
        },
      ],
      containers: [
        {
          ...{ name: "chat", imagePullPolicy: "IfNotPresent" },
          lifecycle: { postStart: { httpGet: { port: "http" } }, stopSignal: "SIGRTMIN+3" },
          env: [
            {
              name: "A",
              valueFrom: { fieldRef: { fieldPath: "metadata.labels['example.com/a']" } },
            },
            {
              name: "B",
              valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } },
            },
          ],
          volumeMounts: [
            { name: "files", mountPath: "/files", readOnly: true, recursiveReadOnly: "IfPossible" },
          ],
        },
      ],
    };
    assert.deepEqual(patchShapeProblems(patch), []);
  });

  it("is held against types and fields that the API has", () => {
    const known = readdirSync(models);
    for (const [
      type,
      { required = [], one = [], values, bounds, forms, ...lists },
    ] of Object.entries(
      apiRules as Readonly<Record<string, NonNullable<(typeof apiRules)[string]>>>,
    )) {
      assert.ok(known.includes(`${type}.js`), type);
      const fields = fieldsOf(type);
      const named = [
        ...required,
        ...one,
        ...[values, bounds, forms, lists.keys, lists.most].flatMap((of) => Object.keys(of ?? {})),
      ];
      assert.deepEqual(
        named.filter((field) => !fields.has(field)),
        [],
        type,
      );
      const kinds = (of: object | undefined, kind: RegExp) =>
        Object.keys(of ?? {}).filter((field) => !kind.test(fields.get(field) ?? ""));
      assert.deepEqual(kinds(values, /string/), [], type);
      assert.deepEqual(kinds(bounds, /number|IntOrString/), [], type);
      assert.deepEqual(kinds(forms, /string|IntOrString/), [], type);
    }
  });
});
