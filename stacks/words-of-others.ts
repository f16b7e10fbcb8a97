import { limitsFix, resourcesFix } from "./amounts-of-others";
import { isMap, valueAt } from "./lookup";
import { drop, to, type Other } from "./other-word";
import { probeFix } from "./probes-of-others";
import {
  command,
  inContainer,
  isScalar,
  map,
  memory,
  mounts,
  number,
  plain,
  port,
  texts,
  variables,
  volumesFix,
  wholeSeconds,
  within,
} from "./values-of-others";
import { scaled, wordsOfModels } from "./words-of-models";

const resources: Other = { fix: resourcesFix };
const limits: Other = { fix: limitsFix };

const probe: Other = { key: "health", fix: (value, { port }) => probeFix(value, port) };

/** Where the pods go: those without GPUs have no pool to choose. */
const placement: Other = {
  fix: (_, { gpus }) =>
    typeof gpus === "number" && gpus > 0
      ? "remove it: pods with GPUs select the nodes of their pool and tolerate its taints; where several pools fit, write pool: with the name of one"
      : "remove it: pods without GPUs stay off the nodes with GPUs by themselves",
};

const ownPod = drop(
  "the pod's spec is ours; an entry has image, command, args, env, cpu, memory, and podPatch for much of the rest",
);
/** A field of the pod's spec, which the patch takes as it is. */
const patch = (field: string): Other => ({
  key: "podPatch",
  fix: (value) => `write podPatch: { ${field}: ${JSON.stringify(value)} }`,
});
/** A field of the container. */
const containerPatch = (field: string): Other => ({
  key: "podPatch",
  fix: (value, { container }) =>
    `write ${inContainer(`${field}: ${JSON.stringify(value)}`, isScalar(container) ? String(container) : undefined)}`,
});
const byName = drop(
  "services reach each other by their names; callers says who may connect, egress what is reached outside",
);
const reachedBy = drop(
  "every service has an address in the cluster; expose: { scope: internal } or { scope: public, allow: [...] } makes it reachable from outside",
);
const ownIdentity = drop(
  "every entry has a service account of its own, and buckets that it mounts are granted to it; serviceAccount: names another one",
);
const hardened = drop(
  "pods pass the Pod Security Standard restricted; user: is the number that the program runs as, and an image that runs as root needs podSecurity: baseline",
);
const rollsOut = drop("how replicas are replaced follows from the free GPUs of the pool");
const labelled = drop(
  "the objects carry the labels of the entry and the stack; labels and annotations add others",
);
/** The patch takes what is said of other pods; nodes are the pool's. */
const affinity: Other = {
  key: "podPatch",
  fix: (value, entry) => {
    const { nodeAffinity, ...ofPods } = isMap(value) ? value : {};
    if (Object.keys(ofPods).length === 0) return placement.fix(value, entry);
    const nodes =
      nodeAffinity === undefined ? "" : ", without nodeAffinity, which follows from pool";
    return `${patch("affinity").fix(ofPods, entry)}${nodes}`;
  },
};
/** The user of the container; what else the context has holds for each pod, or is for the patch. */
const securityContext: Other = {
  fix: (value, entry) => {
    const [user, group] = ["runAsUser", "runAsGroup"].map((key) => valueAt(value, [key]));
    if (typeof user !== "number" || user === 0) return hardened.fix(value, entry);
    return `write user: ${user}${typeof group === "number" ? `, group: ${group}` : ""}`;
  },
};

/** Keys of manifests of Kubernetes, files of Compose, values of Helm charts and options of engines, in small letters and digits alone. */
const others: Readonly<Record<string, Other>> = {
  ...wordsOfModels,
  activedeadlineseconds: to("timeout", wholeSeconds),
  backofflimit: to("retries"),
  ttlsecondsafterfinished: drop("ended jobs stay for their logs; a schedule keeps its history"),
  completions: to("completions"),
  parallelism: to("parallelism"),
  concurrencypolicy: to("concurrency", (value) => String(value).toLowerCase()),
  startingdeadlineseconds: to("startingDeadline", wholeSeconds),
  successfuljobshistorylimit: to("history", (value) => map([["succeeded", value]])),
  failedjobshistorylimit: to("history", (value) => map([["failed", value]])),
  suspend: drop("an entry that should not run is removed from the file"),
  cron: to("schedule"),
  containerport: to("port", port),
  ports: to("port", port),
  targetport: to("port", port),
  containers: {
    fix: () =>
      "write the keys of the main container (image, command, args, env) into the entry itself, and each other container below sidecars, by its name",
  },
  dependson: {
    key: "after",
    fix: () =>
      "remove it: services start together and find each other by their names; what waits for the end of a job has after: [job]",
  },
  entrypoint: to("command", command),
  script: to("command", command),
  cmd: to("args", command),
  extraargs: to("args", command),
  environment: to("env", variables),
  extraenv: to("env", variables),
  extraenvvars: to("env", variables),
  envfile: drop("write each variable below env; a secret one as NAME: { secret: key }"),
  secrets: drop(
    "store each with pulumi config set --secret <key>, and write env: { NAME: { secret: key } }",
  ),
  imagepullsecrets: {
    key: "pullSecrets",
    fix: (value, entry) =>
      `store the registry's Docker config with pulumi config set --secret <key>, and write pullSecrets: [<key>]; for a Secret that is in the namespace ${patch("imagePullSecrets").fix(value, entry)}`,
  },
  imagepullpolicy: drop("an image is pulled where its tag or digest is not on the node"),
  pullpolicy: drop("an image is pulled where its tag or digest is not on the node"),
  livenessprobe: probe,
  readinessprobe: probe,
  startupprobe: {
    key: "health",
    fix: (value, entry) =>
      `${probe.fix(value, entry)}${valueAt(value, ["httpGet"]) === undefined ? "; " : ", and "}startup: for the time that it may take (default: 10m)`,
  },
  healthcheck: probe,
  healthcheckpath: to("health"),
  lifecycle: drop("requests in flight get the time in drain, and the address forgets a pod first"),
  terminationgraceperiodseconds: to("drain", wholeSeconds),
  stopgraceperiod: to("drain", wholeSeconds),
  nodeselector: placement,
  affinity,
  tolerations: placement,
  nodename: placement,
  topologyspreadconstraints: patch("topologySpreadConstraints"),
  resources,
  limits,
  requests: resources,
  deploy: {
    fix: (value, entry) => {
      const replicas = plain(valueAt(value, ["replicas"]));
      const of = isMap(valueAt(value, ["resources"])) ? "cpu, memory and gpus" : undefined;
      const keys = [replicas && `replicas: ${replicas}`, of].filter(Boolean);
      return keys.length > 0 ? `write ${keys.join(", ")}` : rollsOut.fix(value, entry);
    },
  },
  cpus: to("cpu"),
  memlimit: to("memory", memory),
  memreservation: to("memory", memory),
  nvidiacomgpu: to("gpus", (value) => plain(Number(value))),
  gpucount: to("gpus"),
  shmsize: {
    fix: (value) =>
      `remove it: declare volumes: { shm: { memory: ${memory(value) ?? "1Gi"} } } in the stack file, and write mounts: { /dev/shm: shm }, and memory: for the program and this volume in one sum`,
  },
  volumemounts: {
    key: "mounts",
    fix: (value, { volumes }) => {
      const written = mounts(value, volumes);
      return written === undefined ? "write mounts" : `write mounts: ${written}`;
    },
  },
  volumes: { key: "mounts", fix: (value, { volumeMounts }) => volumesFix(value, volumeMounts) },
  persistence: drop("declare a volume in the stack file, and write mounts: { /path: volume }"),
  replicacount: to("replicas"),
  scale: to("replicas"),
  autoscaling: scaled,
  hpa: scaled,
  service: reachedBy,
  ingress: reachedBy,
  type: reachedBy,
  loadbalancersourceranges: drop("write expose: { scope: public, allow: [...] } with the ranges"),
  clusterip: reachedBy,
  securitycontext: securityContext,
  podsecuritycontext: securityContext,
  privileged: hardened,
  capadd: hardened,
  runasuser: to("user", number),
  runasgroup: to("group", number),
  fsgroup: drop("the pod's volumes belong to a group of its own"),
  serviceaccountname: to("serviceAccount"),
  automountserviceaccounttoken: ownIdentity,
  rbac: ownIdentity,
  strategy: rollsOut,
  updateconfig: rollsOut,
  minreadyseconds: rollsOut,
  progressdeadlineseconds: rollsOut,
  revisionhistorylimit: rollsOut,
  poddisruptionbudget: rollsOut,
  networkpolicy: byName,
  allowfrom: to("callers", (value) => (Array.isArray(value) ? command(value) : undefined)),
  networks: byName,
  networkmode: byName,
  links: byName,
  hostnetwork: hardened,
  hostpid: hardened,
  hostipc: hardened,
  dnspolicy: patch("dnsPolicy"),
  dnsconfig: patch("dnsConfig"),
  hostname: patch("hostname"),
  hostaliases: patch("hostAliases"),
  priorityclassname: to("priorityClass"),
  schedulername: ownPod,
  runtimeclassname: patch("runtimeClassName"),
  enableservicelinks: patch("enableServiceLinks"),
  tty: containerPatch("tty"),
  stdinopen: containerPatch("stdin"),
  init: ownPod,
  ulimits: ownPod,
  sysctls: ownPod,
  logging: drop("what the container prints is collected; logs sends files that it writes"),
  restart: drop("a server is always started again; a job as often as retries says"),
  restartpolicy: drop("a server is always started again; a job as often as retries says"),
  workingdir: containerPatch("workingDir"),
  containername: to("container"),
  fullnameoverride: drop("the name is the key that the entry stands under"),
  nameoverride: drop("the name is the key that the entry stands under"),
  name: drop("the name is the key that the entry stands under"),
  namespace: drop("namespace is a key of the file, for all of its entries"),
  podlabels: to("labels", texts),
  selector: labelled,
  podannotations: to("annotations", (value) => within("pods", texts(value))),
  metadata: labelled,
  apiversion: drop("an entry is no manifest; write its keys"),
  kind: drop("an entry is no manifest; write its keys"),
  spec: drop("write image, command, args and env of its container into the entry itself"),
  template: drop("write image, command, args and env of its container into the entry itself"),
  jobtemplate: drop("write image, command, args and env of its container into the entry itself"),
};

/** What a key of another tool is called here; undefined for one that nobody knows. */
export function ofOthers(key: string): Other | undefined {
  const word = key.toLowerCase().replace(/[^a-z0-9]/g, "");
  return Object.hasOwn(others, word) ? others[word] : undefined;
}
