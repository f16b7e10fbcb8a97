import type { ManagedCloud } from "../../../catalog/machines";
import type { Problem } from "../../problem";
import type { PreflightCluster } from "./rule";

/** Until when a cloud supports a version; days as `2026-12-02`. */
interface Support {
  /** Last day of standard support. */
  standard: string;
  /** Last day on which a cluster may stay on it, where that costs extra. @default `standard` */
  extended?: string;
}

/**
 * Support of Kubernetes versions, by cloud. EKS: user guide, release calendar (docs/facts.md 3.1 for 1.34 and 1.35), the others as
 * listed by endoflife.date on 2026-02-15. GKE: release schedule as listed by endoflife.date on 2026-04-10, without the Extended
 * channel, which we do not offer. AKS: release calendar of
 * MicrosoftDocs/azure-aks-docs:articles/aks/supported-kubernetes-versions.md, read 2026-11-22, without long-term support.
 */
export const support: Record<ManagedCloud, Readonly<Record<string, Support>>> = {
  eks: {
    "1.29": { standard: "2025-03-23", extended: "2026-03-23" },
    "1.30": { standard: "2025-07-23", extended: "2026-07-23" },
    "1.31": { standard: "2025-11-26", extended: "2026-11-26" },
    "1.32": { standard: "2026-03-23", extended: "2027-03-23" },
    "1.33": { standard: "2026-07-29", extended: "2027-07-29" },
    "1.34": { standard: "2026-12-02", extended: "2027-12-02" },
    "1.35": { standard: "2027-03-27", extended: "2028-03-27" },
  },
  gke: {
    "1.30": { standard: "2025-09-30" },
    "1.31": { standard: "2026-01-16" },
    "1.32": { standard: "2026-04-11" },
    "1.33": { standard: "2026-08-03" },
    "1.34": { standard: "2026-10-01" },
    "1.35": { standard: "2027-04-11" },
  },
  aks: {
    "1.32": { standard: "2026-03-31" },
    "1.33": { standard: "2026-07-31" },
    "1.34": { standard: "2026-11-30" },
    "1.35": { standard: "2027-03-31" },
    "1.36": { standard: "2027-06-30" },
    "1.37": { standard: "2027-10-31" },
  },
};

/** Days before the end of standard support from which on it is told. */
const noticeDays = 60;

/** Whether the version is supported today: refused once the cloud has no support for it at all, told while it only runs out. */
export function versionProblem({
  kind,
  version,
  today = new Date().toISOString().slice(0, 10),
}: PreflightCluster): Problem | undefined {
  if (version === undefined) return undefined;
  const path = ["cluster", "version"];
  const found = JSON.stringify(version);
  const allowed = `a version that ${kind} supports: ${supported(kind, today)}`;
  const fix = `raise it by one minor version at a time${kind === "eks" ? "" : ", or follow a channel"}`;
  const dates = support[kind][version];
  if (!dates) {
    // A newer one may have come since the table was written.
    if (minor(version) > oldest(kind)) return undefined;
    return {
      path,
      problem: "out of support for longer than the table goes back",
      found,
      allowed,
      fix,
    };
  }
  const { standard, extended = standard } = dates;
  if (today > extended) {
    return { path, problem: `out of support since ${extended}`, found, allowed, fix };
  }
  if (today > standard) {
    const problem = `in extended support, which costs extra, from ${standard} to ${extended}`;
    return { path, problem, found, allowed, fix, warning: true };
  }
  const left = (Date.parse(standard) - Date.parse(today)) / 86_400_000;
  if (left > noticeDays) return undefined;
  const problem = `standard support ends on ${standard}`;
  return { path, problem, found, allowed, fix, warning: true };
}

/** The number that tells minor versions apart: 35 of `1.35`. */
function minor(version: string): number {
  return Number(version.split(".")[1]);
}

function oldest(kind: ManagedCloud): number {
  return Math.min(...Object.keys(support[kind]).map(minor));
}

function supported(kind: ManagedCloud, today: string): string {
  const names = Object.entries(support[kind]).filter(([, { standard }]) => today <= standard);
  return `${names.map(([name]) => name).join(", ")} or newer`;
}
