import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../problem";
import { containerVariables, resources, securityContext } from "./container";
import { variableSources, type PodSecurity, type Program, type RunAs } from "./container";
import type { Owner } from "./labels";
import { managedSidecarsOf } from "./sidecar-problems";

/** A container that runs to its end before the sidecars of its entry and the main container start. */
export interface InitContainer extends Program, RunAs {
  /** Name of the container. */
  name: string;
  /** CPU it is promised, as a Kubernetes quantity. @default "500m" */
  cpu?: pulumi.Input<string>;
  /** The most CPU it uses, as a Kubernetes quantity. @default that of the main container */
  cpuLimit?: pulumi.Input<string>;
  /** Memory it is promised and limited to, as a Kubernetes quantity. @default "1Gi" promised, no limit */
  memory?: pulumi.Input<string>;
}

/** Makes the init containers of an entry in their order, with the Secrets they refer to; they mount what the main container does. */
export function initContainers(
  containers: readonly InitContainer[],
  podSecurity: PodSecurity,
  volumeMounts: core.v1.VolumeMount[],
  owner: Owner,
): core.v1.Container[] {
  return containers.map((container) => {
    const { name, image, command, args, env = {}, envFrom } = container;
    return {
      ...{ name, image, command, args },
      imagePullPolicy: "IfNotPresent",
      // Entries have no dot in their names: the Secret of another one is never called the same.
      env: containerVariables(env, `init.${name}`, owner),
      ...variableSources(envFrom),
      resources: resources(container),
      securityContext: securityContext(podSecurity, container),
      // What it said last is then in the pod's status, where `pulumi up` finds it.
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts,
    };
  });
}

/** What a pod has to be told of its init containers before they are made. */
interface InitContainers {
  initContainers?: readonly { name: string }[];
  sidecars?: object;
}

/** Init containers that are called like another container of the pod; `main` is the main one. */
export function initContainerProblems(
  { initContainers: containers = [], sidecars = {} }: InitContainers,
  main: string,
): Problem[] {
  const others = [
    main,
    ...Object.keys(sidecars),
    ...managedSidecarsOf({ logs: {}, modelUpdates: {} }),
  ];
  return containers.flatMap(({ name }, place) => {
    const before = containers.slice(0, place).map((one) => one.name);
    const taken = [...others, ...before];
    if (!taken.includes(name)) return [];
    return [
      {
        ...{ path: ["initContainers", place, "name"], found: JSON.stringify(name) },
        problem: "name of another container of the same pods",
        allowed: `a name other than ${[...new Set(taken)].join(", ")}`,
        fix: "rename it",
      },
    ];
  });
}
