import type * as pulumi from "@pulumi/pulumi";
import { defaultTimeout } from "./job-run";

/** Seconds that a job may take for `pulumi up` to wait for its end where nothing comes after it. */
export const longestWait = 1800;

/** Options of a Job whose end `up` waits for. */
export function runUntilItsEnd(timeout = defaultTimeout): pulumi.CustomResourceOptions {
  return {
    ...inPlace,
    // What failed while `up` waited for it runs again on the next one. The engine does this for any provider; the provider's
    // own `pulumi.com/replaceUnready` would also end a job that still runs.
    replaceOnChanges: ["#initerror"],
    customTimeouts: seconds(timeout + margin),
  };
}

/** Options of a Job whose start alone `up` waits for, on a pool whose nodes take up to `provisioning` seconds. */
export function runInBackground(provisioning: number): pulumi.CustomResourceOptions {
  return { ...inPlace, customTimeouts: seconds(provisioning + start) };
}

// The next run has the same name.
const inPlace = { deleteBeforeReplace: true };

/** Seconds for the Job controller to end the pods and say so. */
const margin = 60;

/** Seconds for the image of a job to be pulled and its program to start, once it has a node. */
const start = 600;

function seconds(of: number): pulumi.CustomTimeouts {
  return { create: `${of}s`, update: `${of}s` };
}
