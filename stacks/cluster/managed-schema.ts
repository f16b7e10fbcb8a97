import { z } from "zod";
import type { ManagedCloud } from "../../catalog/machines";
import { sourceRange } from "../../values/address";
import { kubernetesVersion, region } from "../../values/cloud";
import { domain } from "../../values/names";
import { rules } from "../../values/rule";
import { oneOf, text } from "../../values/text";

/** What holds on each cloud where a key is left out. */
const without: Record<ManagedCloud, Record<"zones" | "version" | "channel" | "access", string>> = {
  gke: {
    zones: "default: three that GKE chooses",
    version: "default: what `channel` brings",
    channel: "default: `regular`",
    access: "default: whom IAM lets in, from anywhere, by the cluster's DNS name",
  },
  eks: {
    zones: "default: three of the region, a to c where they can host the control plane",
    version: "default: the version this program was made with",
    channel: "refused, because EKS has no channels",
    access: "needed, because EKS has no endpoint that IAM protects before the first packet",
  },
  aks: {
    zones:
      "default: 1, 2 and 3 for nodes without GPU where the region has zones, Azure's choice for pools; fixed when the cluster is made",
    version: "default: what `channel` brings",
    channel: "default: `regular`",
    access: "default: whom Entra lets in, from anywhere",
  },
};

/** What every cluster that we make has, whichever its cloud. */
function managed<Kind extends ManagedCloud, Own extends z.ZodRawShape>(
  kind: Kind,
  cloud: string,
  regionName: z.ZodType<string>,
  zone: string,
  own: Own,
) {
  const word = z.literal(kind);
  rules.add(word, { allowed: kind, example: kind });
  return z.strictObject({
    kind: word.describe(`\`${kind}\`: a cluster that we make on ${cloud}.`),
    region: regionName.describe("Region of the cluster."),
    zones: z
      .array(text)
      .min(1)
      .register(rules, { allowed: "a list of zones", example: `[${zone}]` })
      .optional()
      .describe(`Zones of the nodes, such as \`${zone}\`; ${without[kind].zones}.`),
    version: kubernetesVersion
      .optional()
      .describe(`Kubernetes version to stay on; ${without[kind].version}.`),
    channel: oneOf("rapid", "regular", "stable")
      .optional()
      .describe(`Release channel to follow, never with \`version\`; ${without[kind].channel}.`),
    access: z
      .array(sourceRange)
      .min(1)
      .register(rules, {
        allowed: "a list of at least one range",
        example: "[203.0.113.0/24]",
      })
      .optional()
      .describe(`Ranges that may reach the control plane; ${without[kind].access}.`),
    deletionProtection: z
      .boolean()
      .register(rules, { allowed: "true or false" })
      .default(true)
      .describe("Whether the cloud and Pulumi refuse to delete the cluster."),
    ...own,
  });
}

/** Who may do everything in the cluster, where that is not a matter of the whole project. */
function admins(example: string, who: string) {
  return principals(example, who).describe(
    `Who may do everything in the cluster besides whoever makes it: ${who}, people's and pipelines'.`,
  );
}

/** A list of members of a cloud's directory. */
function principals(example: string, who: string) {
  return z
    .array(
      z
        .string()
        .min(1)
        .register(rules, { allowed: `one of the ${who}`, example }),
    )
    .min(1)
    .register(rules, { allowed: `a list of ${who}`, example: `[${example}]` })
    .optional();
}

/** A cluster on Google Cloud. */
export const gkeCluster = managed(
  "gke",
  "Google Cloud, in the project of `gcp:project`",
  region(/^[a-z]+-[a-z]+\d+$/, "us-central1"),
  "us-central1-a",
  {
    groupsDomain: domain
      .optional()
      .describe(
        "Domain whose Google group `gke-security-groups@DOMAIN` holds the groups that namespaces may name; default: groups are refused.",
      ),
  },
);

/** A cluster on AWS. */
export const eksCluster = managed(
  "eks",
  "AWS",
  region(/^[a-z]{2}(?:-[a-z]+)+-\d+$/, "us-east-1"),
  "us-east-1a",
  {
    mode: oneOf("auto", "nodeGroups")
      .default("auto")
      .describe(
        "Who makes the nodes: EKS Auto Mode, or node groups with an autoscaler and drivers of ours.",
      ),
    admins: admins("arn:aws:iam::111122223333:role/platform", "ARNs of IAM roles"),
    viewers: principals("arn:aws:iam::111122223333:role/preview", "ARNs of IAM roles").describe(
      "Who may read what is in the cluster's namespaces, but no Secrets: ARNs of IAM roles, such as the one that previews.",
    ),
  },
);

/** A cluster on Azure. */
export const aksCluster = managed("aks", "Azure", region(/^[a-z]+\d*$/, "eastus"), "1", {
  admins: admins("00000000-0000-4000-8000-000000000001", "object ids of Entra groups"),
});
