import assert from "node:assert/strict";
import { principalTypeOf } from "../../../../components/clouds/aks/access";

/** A token of Entra's with these claims, as a JSON Web Token. */
function tokenWith(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return [part({ alg: "RS256", typ: "JWT" }), part(claims), "signature"].join(".");
}

const azureCommandLine = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

describe("the kind of the principal that runs the program on Azure", () => {
  for (const [who, claims, kind] of [
    [
      "a person on the command line",
      { appid: azureCommandLine, scp: "user_impersonation" },
      "User",
    ],
    ["a person in Cloud Shell", { appid: "another", scp: "user_impersonation" }, "User"],
    ["a pipeline", { appid: "a pipeline's", idtyp: "app" }, "ServicePrincipal"],
    ["a managed identity", { appid: "its client", xms_mirid: "its id" }, "ServicePrincipal"],
  ] as const) {
    it(`is ${kind} for ${who}`, () => assert.equal(principalTypeOf(tokenWith(claims)), kind));
  }

  it("is ServicePrincipal where the token cannot be read", () => {
    for (const token of ["", "opaque", "a.b.c"])
      assert.equal(principalTypeOf(token), "ServicePrincipal");
  });
});
