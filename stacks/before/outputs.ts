import * as pulumi from "@pulumi/pulumi";
import { RegisterResourceOutputsRequest } from "@pulumi/pulumi/proto/resource_pb";

/**
 * Keeps the outputs of the last `up` where this one fails: the engine then prints those that were not told anew as they are, and not as
 * deleted. It does so only once it has been told of any (docs/facts.md 10.12); what the program exports at its end takes their place.
 */
export async function keepOutputs(): Promise<void> {
  const stack = pulumi.runtime.getStackResource();
  const monitor = pulumi.runtime.getMonitor();
  if (!stack || !monitor) return;
  const request = new RegisterResourceOutputsRequest();
  request.setUrn(await new Promise<string>((resolve) => stack.urn.apply(resolve)));
  // The last one counts. The SDK's own function does not say when the engine has got it, and the program's might come before.
  await new Promise<void>((resolve, reject) => {
    monitor.registerResourceOutputs(request, (error) => (error ? reject(error) : resolve()));
  });
}
