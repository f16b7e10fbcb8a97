import type { JobConfig, ServiceConfig, Stack } from "../stack";

/** The jobs, each behind those it comes after. */
export function inRunOrder(jobs: Readonly<Record<string, JobConfig>>): [string, JobConfig][] {
  const order = new Map<string, JobConfig>();
  const visit = (name: string) => {
    const job = jobs[name];
    if (!job || order.has(name)) return;
    job.after.forEach(visit);
    order.set(name, job);
  };
  Object.keys(jobs).forEach(visit);
  return [...order];
}

/** Names of the jobs whose end something else waits for. */
export function waitedFor({ services, jobs }: Pick<Stack, "services" | "jobs">): Set<string> {
  const entries: Pick<ServiceConfig | JobConfig, "after">[] = [
    ...Object.values(services),
    ...Object.values(jobs),
  ];
  return new Set(entries.flatMap(({ after }) => after));
}
