import { z } from "zod";
import { clouds } from "../../components/clouds/clouds";
import { describedPool } from "../pool/schema";
import { time } from "../../values/amounts";
import { stackName } from "../../values/names";
import { ruleOf, rules, type Explanation } from "../../values/rule";
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
export const existingCluster = z
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
        "Path of the kubeconfig, from the project's folder, or from your home folder with `~/`; default: `KUBECONFIG`, else `~/.kube/config`.",
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
        "Whether NVIDIA's device plugin is put on the nodes of pools without another `resource`, which need their driver; for clusters whose GPU nodes offer no `nvidia.com/gpu`. Default: false.",
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
    const { context: name, kubeconfig, identity, devicePlugin, loadBalancer } = given;
    const balancer = Object.keys(loadBalancer).length > 0 || undefined;
    const others = { context: name, kubeconfig, identity, devicePlugin, loadBalancer: balancer };
    for (const [key, value] of Object.entries(others)) {
      if (value === undefined) continue;
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

const clusters = {
  existing: existingCluster,
  gke: clouds.gke.cluster,
  eks: clouds.eks.cluster,
  aks: clouds.aks.cluster,
};
addHints(clusters, {
  existing: "remove it: whoever made the cluster has decided that",
  made: "remove it: this stack makes the cluster",
});
addHints(
  {
    existing: describedPool,
    gke: clouds.gke.pool.in,
    eks: clouds.eks.pool.in,
    aks: clouds.aks.pool.in,
  },
  {
    existing:
      "remove it, and describe what the nodes have: gpu or resource, gpusPerNode, gpusPerPod, sharesPerGpu, select, taints, spot, offers, interconnect",
    made: "remove it: the nodes get what they have, and their labels and taints, from us",
  },
);

/** Explains keys that the forms of other kinds have; `fixes` are for a cluster of others, and for its keys where we make one. */
function addHints(
  forms: Readonly<Record<string, z.ZodObject>>,
  fixes: { existing: string; made: string },
): void {
  for (const [kind, form] of Object.entries(forms)) {
    const rule = ruleOf(form);
    const hint = (key: string): Explanation | undefined => {
      const others = Object.keys(forms).filter(
        (of) => forms[of] && Object.hasOwn(forms[of].shape, key),
      );
      if (others.length === 0) return undefined;
      const made = others.includes("existing") ? fixes.made : "remove it";
      const list = new Intl.ListFormat("en-GB").format(others);
      return {
        problem: `a key of ${others.length > 1 ? "kinds" : "kind"} ${list}, not of kind ${kind}`,
        fix: kind === "existing" ? fixes.existing : made,
      };
    };
    form.register(rules, { ...rule, hint: (key, map) => rule.hint?.(key, map) ?? hint(key) });
  }
}

/** The cluster that everything runs on. */
export const cluster = z
  .discriminatedUnion("kind", [clusters.existing, clusters.gke, clusters.eks, clusters.aks])
  .register(rules, {
    allowed: "a map with at least the key kind",
    example: "{ kind: existing }",
    missing: "add it below config:, for example cluster: { kind: existing }",
  })
  .describe("The cluster that everything runs on.");
