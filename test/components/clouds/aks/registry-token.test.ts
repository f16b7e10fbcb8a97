import assert from "node:assert/strict";
import { registryToken } from "../../../../components/clouds/aks/images";

const server = "acme.azurecr.io";

/** What the registry answers, one after the other. */
type Answer = () => Response | Error;

describe("a registry's token", () => {
  const { fetch } = globalThis;
  afterEach(() => {
    globalThis.fetch = fetch;
  });

  /** Makes the registry answer so, and counts how often it was asked. */
  function answering(...answers: Answer[]): { asked: number } {
    const count = { asked: 0 };
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is a promise's
    globalThis.fetch = async () => {
      const answer = answers[Math.min(count.asked++, answers.length - 1)]?.();
      if (answer instanceof Response) return answer;
      throw answer ?? new Error("no answer is left");
    };
    return count;
  }

  const unknown: Answer = () =>
    new TypeError("fetch failed", { cause: new Error(`getaddrinfo ENOTFOUND ${server}`) });
  const lets: Answer = () => Response.json({ refresh_token: "a token" });

  it("comes from a registry whose name is not known everywhere at first", async () => {
    answering(unknown, unknown, lets);
    assert.equal(await registryToken(server, "entra", [1, 1]), "a token");
  });

  it("tells why the registry cannot be reached", async () => {
    const count = answering(unknown);
    await assert.rejects(registryToken(server, "entra", [1, 1]), {
      message: `${server} cannot be reached (getaddrinfo ENOTFOUND ${server}): see that this machine can open HTTPS connections to it, then run the command again`,
    });
    assert.equal(count.asked, 3);
  });

  for (const [what, no] of [
    ["in JSON", () => Response.json({ errors: [{ code: "DENIED" }] }, { status: 403 })],
    ["in HTML", () => new Response("<html>", { status: 403 })],
  ] satisfies [string, Answer][]) {
    it(`is not asked for again where the registry says no ${what}`, async () => {
      const count = answering(no);
      await assert.rejects(registryToken(server, "entra", [1]), {
        message: `${server} does not let this identity in (403): give it the role AcrPush on the registry, then run the command again`,
      });
      assert.equal(count.asked, 1);
    });
  }
});
