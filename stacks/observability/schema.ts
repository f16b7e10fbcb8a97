import { z } from "zod";
import { memoryQuantity, time } from "../../values/amounts";
import { namespaceName, secretKey } from "../../values/names";
import { forText, rules, type Rule } from "../../values/rule";
import { isMap } from "../lookup";
import { text } from "../../values/text";

const hour = 3600;

/** Address of a program in the cluster. */
const address = z
  .string()
  .refine((found) => /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/.test(found) && URL.canParse(found))
  .register(rules, {
    allowed: "http(s)://host:port, with a path where it has one",
    example: "http://prometheus.monitoring:9090",
    explain: forText({
      problem: "not an address",
      fix: "write it like http://prometheus.monitoring:9090",
    }),
  });

const labels = z.record(text, text).register(rules, {
  allowed: "a map of names to text",
  example: "{ release: kube-prometheus-stack }",
});

const existing = z
  .strictObject({
    prometheus: address.describe("Address of its Prometheus, inside the cluster."),
    namespace: namespaceName.describe(
      "Namespace that Prometheus runs in, which services let in; monitors, rules and dashboards go there.",
    ),
    labels: labels
      .default({})
      .describe("Labels by which Prometheus selects monitors and rules; default: none."),
    dashboardLabels: labels
      .default({ grafana_dashboard: "1" })
      .describe("Labels by which Grafana selects ConfigMaps of dashboards."),
  })
  .describe(
    "A Prometheus operator and a Grafana that the cluster has: only monitors, rules and dashboards are added.",
  );

/** Namespace of what is installed where the stack file names none. */
export const defaultNamespace = "observability";

const said = z
  .strictObject({
    namespace: namespaceName
      .default(defaultNamespace)
      .describe("Namespace that is made for Prometheus and Grafana, and deleted with them."),
    retention: time(hour, 2 * 365 * 24 * hour, "360h")
      .prefault("360h")
      .describe("Time that metrics are kept, from 1h to 17520h."),
    disk: memoryQuantity
      .default("50Gi")
      .describe(
        "Disk of Prometheus, 1Gi or more; the oldest metrics go when four fifths of it are full.",
      ),
    memory: memoryQuantity.default("2Gi").describe("Memory of Prometheus, 512Mi or more."),
    firstToken: time(1, hour, "10s")
      .prefault("10s")
      .describe(
        "The p95 of the time to first token, and of a request for embeddings, above which there is an alert.",
      ),
    alertmanager: address
      .optional()
      .describe("Alertmanager that gets the alerts; default: Prometheus and Grafana show them."),
    adminPassword: secretKey
      .optional()
      .describe(
        "Config key of the secret that holds the password of Grafana's user `admin`; default: nobody logs in, and whoever may forward its port may look.",
      ),
    gpuExporter: z
      .boolean()
      .optional()
      .describe(
        "Whether NVIDIA's DCGM exporter is put on the nodes of pools with NVIDIA's GPUs; default: on EKS with node groups and on AKS.",
      ),
    existing: existing.optional(),
  })
  .describe("as a map");

const rule: Rule = {
  allowed: `true, false, or a map with any of the keys ${Object.keys(said.shape).join(", ")}`,
  example: "true",
  explain: (found) =>
    isMap(found)
      ? undefined
      : { problem: "neither true nor a map", fix: "write observability: true" },
};

/** Whether the stack is watched, and with what. */
export const observability = z
  .union([z.boolean(), said])
  .register(rules, rule)
  .transform((found): z.output<typeof said> | undefined =>
    found === false ? undefined : found === true ? said.parse({}) : found,
  )
  .register(rules, rule);

/** Keys that say how Prometheus and Grafana are installed. */
export const installedKeys = [
  ...["retention", "disk", "memory", "alertmanager", "adminPassword", "gpuExporter"],
  "namespace",
] as const;
