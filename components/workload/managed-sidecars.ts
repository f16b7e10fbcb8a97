import type { ConfigMap } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { hashedConfigMap } from "./hashed-config-map";
import { containerSecurityContext, runsAs } from "./security";
import { sidecarContainer, type Sidecar } from "./sidecar-containers";
import { ownVolume, volumeMounts, type Mounts } from "./volumes";

/** A sidecar container that we put into a pod, which needs more than those that entries name. */
export interface ManagedSidecar extends Sidecar {
  /** Name of the container, which no sidecar container of an entry can have. */
  name: string;
  /** Whether it runs to its end before anything after it starts. @default false, it runs until the pod ends */
  first?: boolean;
  /** What it mounts. @default {} */
  mounts?: Mounts;
  /** Texts by the names of their files, all in the folder {@link managedFiles}. @default {} */
  files?: Readonly<Record<string, string>>;
  /** Facts of its pod as variables: name to path in the pod, such as `metadata.name`. @default {} */
  facts?: Readonly<Record<string, string>>;
}

/** Folder of the files of a managed sidecar. */
export const managedFiles = "/etc/gpu-serving";

/** User that managed sidecars run as where nothing else is said; no image has files of it. */
const defaultUser = 65532;

/** What the managed sidecars of a pod are made from. */
export interface ManagedSidecarsArgs {
  /** Entry that the pods belong to. */
  entry: string;
  /** Namespace of the pods. */
  namespace: pulumi.Input<string>;
  /** The sidecars in the order in which they start. */
  sidecars: readonly ManagedSidecar[];
  /** What each container of the pod mounts, those included. */
  allMounts: readonly Mounts[];
}

/** Makes the managed sidecars of a pod, with the Secrets and ConfigMaps they refer to. */
export function managedSidecars(
  { entry, namespace, sidecars, allMounts }: ManagedSidecarsArgs,
  child: pulumi.CustomResourceOptions,
): { containers: core.v1.Container[]; volumes: core.v1.Volume[] } {
  const volumes: core.v1.Volume[] = [];
  const configMaps = new Map<string, ConfigMap>();
  const containers = sidecars.map((sidecar): core.v1.Container => {
    const { name, files = {}, first = false, facts = {}, user = defaultUser } = sidecar;
    const mounts = volumeMounts(sidecar.mounts ?? {}, allMounts);
    if (Object.keys(files).length > 0) {
      const volume = ownVolume(`${name}-files`);
      const content = JSON.stringify(files);
      const made =
        configMaps.get(content) ?? hashedConfigMap({ entry, role: name, namespace, files }, child);
      configMaps.set(content, made);
      volumes.push({ name: volume, configMap: { name: made.metadata.name } });
      mounts.push({ name: volume, mountPath: managedFiles, readOnly: true });
    }
    const variables = fieldVariables(facts);
    return {
      ...sidecarContainer({ entry, namespace, name, sidecar, variables }, child),
      ...(first && { restartPolicy: undefined }),
      // What it said last is then in the pod's status, where `pulumi up` and `kubectl describe` find it.
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: mounts,
      securityContext: {
        ...containerSecurityContext("restricted"),
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        ...runsAs(user),
      },
    };
  });
  return { containers, volumes };
}

function fieldVariables(facts: Readonly<Record<string, string>>): core.v1.EnvVar[] {
  return Object.entries(facts).map(([name, fieldPath]) => ({
    name,
    valueFrom: { fieldRef: { fieldPath } },
  }));
}
