import { getProjectOutput } from "@pulumi/gcp/organizations/getProject";
import { Service } from "@pulumi/gcp/projects/service";
import type * as pulumi from "@pulumi/pulumi";
import { usedApis } from "../../../catalog/gke";

/** Switches an API on; it stays on when the cluster goes, because others of the project may use it. */
export function enabledApi(
  name: string,
  { project, service }: { project: string; service: string },
  opts: pulumi.CustomResourceOptions,
): Service {
  return new Service(name, { project, service, disableOnDestroy: false }, opts);
}

/** All that a cluster uses. Google's provider reads the project with each of them, so that of projects comes first. */
export function enabledApis(
  name: string,
  project: string,
  opts: pulumi.CustomResourceOptions,
): Service[] {
  const { projects, ...others } = usedApis;
  const first = enabledApi(`${name}-api-projects`, { project, service: projects }, opts);
  return [
    first,
    ...Object.entries(others).map(([role, service]) =>
      enabledApi(`${name}-api-${role}`, { project, service }, { ...opts, dependsOn: [first] }),
    ),
  ];
}

/** Number of the project, which accounts and identities of Google's carry; asked for once its API is on. */
export function projectNumber(
  project: string,
  apis: pulumi.Resource[],
  { parent }: { parent: pulumi.Resource },
): pulumi.Output<string> {
  return getProjectOutput({ projectId: project }, { parent, dependsOn: apis }).number;
}

/** GKE itself, as those know it who give it rights. */
export function gkeMember(number: pulumi.Output<string>): pulumi.Output<string> {
  return number.apply(
    (it) => `serviceAccount:service-${it}@container-engine-robot.iam.gserviceaccount.com`,
  );
}
