import { z } from "zod";
import type { StateBefore } from "./state-before";

const ranges = z.object({ loadBalancerSourceRanges: z.unknown().optional() }).prefault({});

/** A Service as the state has it: as the cluster shows it, and with the inputs that the provider keeps beside. */
const service = z.object({
  spec: ranges,
  __inputs: z.object({ spec: ranges }).prefault({ spec: {} }),
});

const urn =
  /::gpu-serving:index:InferenceService\$kubernetes:core\/v1:Service::(?<name>[^:]+)-service$/;

/**
 * Services whose load balancer takes connections from some ranges only, or did until the last `up` emptied them. A preview on the
 * cluster keeps a field that is only left out, and refuses ranges on what is no load balancer (docs/facts.md 10.7).
 */
export function limitedServices(before: StateBefore): ReadonlySet<string> {
  return new Set(
    [...before].flatMap(([of, outputs]) => {
      const name = urn.exec(of)?.groups?.name;
      const { data } = service.safeParse(outputs);
      const { spec, __inputs: inputs } = data ?? {};
      const has = [spec, inputs?.spec].some((one) => one?.loadBalancerSourceRanges !== undefined);
      return name !== undefined && has ? [name] : [];
    }),
  );
}
