import { z } from "zod";
import { aksCluster, eksCluster, gkeCluster } from "./managed-schema";
import { time } from "../../values/amounts";
import { stackName } from "../../values/names";
import { rules, type Explanation } from "../../values/rule";
import { registry } from "../../values/image";
import { text } from "../../values/text";

/** How one kind of load balancer is asked for. */
const loadBalancer = z.strictObject({
  class: text
    .optional()
    .describe("`spec.loadBalancerClass` of the Service; default: the cluster's own controller."),
  annotations: z
    .record(z.string(), z.string())
    .register(rules, { allowed: "a map of annotations to text" })
    .default({})
    .describe("Annotations of the Service."),
  readyTime: time(0, 1800, "4m")
    .optional()
    .describe(
      "How long it may take until it sends requests to a new pod, where pods wait for that (readiness gates); default: `0s`.",
    ),
  drainTime: time(0, 1800, "2m")
    .optional()
    .describe(
      "How long new connections may still reach a pod that was taken out; on EKS `2m`, default: `0s`.",
    ),
});

/** A cluster that is there already. */
const existingCluster = z
  .strictObject({
    kind: z
      .literal("existing")
      .register(rules, { allowed: "existing", example: "existing" })
      .describe(
        "`existing`: a cluster that is there already, found in a kubeconfig or in another stack.",
      ),
    stack: stackName
      .optional()
      .describe(
        "Stack of this program that made the cluster, `organization/project/stack`; its pools come with it.",
      ),
    context: text.optional().describe("Context of the kubeconfig; default: its current context."),
    kubeconfig: text
      .optional()
      .describe(
        "Path of the kubeconfig, from the project's folder; default: `KUBECONFIG`, else `~/.kube/config`.",
      ),
    identity: text
      .optional()
      .describe(
        "What the cluster is known by for as long as it is the same one, whatever its address or its kubeconfig says; default: the cluster's name in the kubeconfig. Another identity means another cluster, and is refused.",
      ),
    devicePlugin: z
      .boolean()
      .register(rules, { allowed: "true or false" })
      .optional()
      .describe(
        "Whether NVIDIA's device plugin is put on the pools' nodes, which need their driver; for clusters whose GPU nodes offer no `nvidia.com/gpu`. Default: false.",
      ),
    registry: registry
      .optional()
      .describe(
        "Registry that images of `build` are pushed to and the nodes may pull from, such as `registry.example/team`; `local`: `npm start` puts them on the nodes of this machine's cluster. Default: `build` is refused.",
      ),
    loadBalancer: z
      .strictObject({
        public: loadBalancer
          .optional()
          .describe(
            "Load balancer that the internet reaches; default: a plain LoadBalancer Service.",
          ),
        internal: loadBalancer
          .optional()
          .describe(
            "Load balancer that only the cluster's own networks reach; without it `scope: internal` is refused.",
          ),
      })
      .prefault({})
      .describe("How this cluster makes a load balancer for each scope."),
  })
  .superRefine((given, context) => {
    if (given.stack === undefined) return;
    const others = [
      ...(given.context === undefined ? [] : ["context"]),
      ...(given.kubeconfig === undefined ? [] : ["kubeconfig"]),
      ...(given.identity === undefined ? [] : ["identity"]),
      ...(given.devicePlugin === undefined ? [] : ["devicePlugin"]),
      ...(Object.keys(given.loadBalancer).length === 0 ? [] : ["loadBalancer"]),
    ];
    for (const key of others) {
      context.addIssue({
        code: "custom",
        path: [key],
        params: {
          problem: `never together with stack: its ${key} comes from the other stack`,
          allowed: "nothing beside stack",
          fix: `remove ${key}, or remove stack and describe the cluster here`,
        },
      });
    }
  });

const kinds = { existing: existingCluster, gke: gkeCluster, eks: eksCluster, aks: aksCluster };

for (const [kind, form] of Object.entries(kinds)) {
  const needed = kind === "existing" ? "the key kind" : "the keys kind, region";
  form.register(rules, {
    allowed: `a map with at least ${needed}`,
    hint: (key) => hintFor(kind, key),
  });
}

/** What is wrong with a key that clusters of other kinds have. */
function hintFor(kind: string, key: string): Explanation | undefined {
  if (key === "project") {
    return {
      problem: "not a key of the cluster",
      fix: "remove it, and set the project for all of it: pulumi config set gcp:project <id>",
    };
  }
  const others = Object.entries(kinds).flatMap(([of, { shape }]) => (key in shape ? [of] : []));
  const [last, ...before] = [...others].reverse();
  if (last === undefined) return undefined;
  const of =
    before.length > 0 ? `kinds ${before.reverse().join(", ")} and ${last}` : `kind ${last}`;
  return { problem: `a key of ${of}, not of kind ${kind}`, fix: fixFor(kind, key, last) };
}

function fixFor(kind: string, key: string, other: string): string {
  if (kind === "existing") return "remove it: whoever made the cluster has decided that";
  if (other === "existing") return `remove it: a cluster of kind ${kind} is made by this stack`;
  return kind === "gke" && key === "admins"
    ? "remove it, and give people roles in the Google Cloud project"
    : "remove it";
}

/** The cluster that everything runs on. */
export const cluster = z
  .discriminatedUnion("kind", [kinds.existing, kinds.gke, kinds.eks, kinds.aks])
  .register(rules, {
    allowed: "a map with at least the key kind",
    example: "{ kind: existing }",
    missing: "add it below config:, for example cluster: { kind: existing }",
  })
  .describe("The cluster that everything runs on.");
