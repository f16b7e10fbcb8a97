import assert from "node:assert/strict";
import { mock } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { keepOutputs } from "../../../stacks/before/outputs";

describe("the outputs of a stack", () => {
  it("are registered before the program exports any, so that the engine keeps those of before where it fails", async () => {
    const mocks = {
      newResource: ({ name }: { name: string }) => ({ id: name, state: {} }),
      call: () => ({}),
    };
    await pulumi.runtime.setMocks(mocks, "gpu-serving", "prod");
    const monitor = pulumi.runtime.getMonitor();
    assert.ok(monitor);
    const register = mock.method(monitor, "registerResourceOutputs");
    const registered = () =>
      register.mock.calls.map(({ arguments: [request] }) => [
        request.getUrn().split("::").at(-1),
        Object.keys(request.getOutputs()?.toJavaScript() ?? {}),
      ]);
    const stack = "gpu-serving-prod";
    await pulumi.runtime.runInPulumiStack(async () => {
      await keepOutputs();
      assert.deepEqual(registered(), [[stack, []]]);
      return { services: {} };
    });
    await pulumi.runtime.disconnect();
    assert.deepEqual(registered(), [
      [stack, []],
      [stack, ["services"]],
    ]);
  });
});
