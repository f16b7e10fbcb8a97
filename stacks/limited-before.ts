import { z } from "zod";
import type { StateBefore } from "./state-before";

/** A Service as the cluster showed it last. */
const service = z.object({ spec: z.object({ loadBalancerSourceRanges: z.array(z.string()) }) });

const urn =
  /::gpu-serving:index:InferenceService\$kubernetes:core\/v1:Service::(?<name>[^:]+)-service$/;

/** Services whose Service object takes connections from some ranges only. */
export function limitedServices(before: StateBefore): ReadonlySet<string> {
  return new Set(
    [...before].flatMap(([of, outputs]) => {
      const name = urn.exec(of)?.groups?.name;
      return name !== undefined && service.safeParse(outputs).success ? [name] : [];
    }),
  );
}
