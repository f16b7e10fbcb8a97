import * as pulumi from "@pulumi/pulumi";
import type { ManagedCloud } from "../../catalog/machines";

/** Package of each cloud's SDK, and its major version as in package.json, where each is an optional peer. */
export const sdks: Readonly<Record<ManagedCloud, { name: string; major: number }>> = {
  gke: { name: "@pulumi/gcp", major: 9 },
  eks: { name: "@pulumi/aws", major: 7 },
  aks: { name: "@pulumi/azure-native", major: 3 },
};

/** Throws where the SDK of a cloud is not installed. */
export function requireSdk(cloud: ManagedCloud): void {
  const { name, major } = sdks[cloud];
  try {
    require.resolve(`${name}/package.json`);
  } catch {
    throw new pulumi.RunError(
      `Clusters on ${cloud.toUpperCase()} need the package ${name} ${major}.x, which is not installed. To fix it, run npm install ${name}@${major}; in a checkout of gpu-serving run npm ci --include=dev.`,
    );
  }
}
