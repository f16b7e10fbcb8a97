import { isIP } from "node:net";

/** Where the host of an endpoint is. */
export type Receiver =
  | { at: "pod" }
  /** A Service; without a namespace it is that of whoever asks for it. */
  | { at: "cluster"; service: string; namespace?: string }
  | { at: "address"; range: string }
  | { at: "outside"; host: string };

/** What a pod that sends logs to an endpoint (or to `stdout`) connects to. */
export function receiverOf(endpoint: string): Receiver {
  if (endpoint === "stdout") return { at: "pod" };
  const host = new URL(endpoint).hostname.replace(/^\[|\]$/g, "");
  const version = isIP(host);
  if (version !== 0) return { at: "address", range: `${host}/${version === 4 ? 32 : 128}` };
  if (host === "localhost") return { at: "pod" };
  const [service = "", namespace, ...rest] = host.replace(/\.$/, "").split(".");
  // Two names may be a host of the internet too; then nothing is there to be let out to.
  return rest.length === 0 || /^svc(?:\.|$)/.test(rest.join("."))
    ? { at: "cluster", service, ...(namespace !== undefined && { namespace }) }
    : { at: "outside", host };
}
