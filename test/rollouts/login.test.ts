import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loggedIn, LoginFailure } from "../../rollouts/login";
import { suiteFolder } from "../support/folder";

const server = "https://prod.example";
const login = (printed: string) => ({
  exec: { command: "sh", args: ["-c", `echo '${printed}'`] },
});

/** The entries of the cluster and the user that the client is given. */
async function given(user: Record<string, unknown>, cluster: Record<string, unknown> = {}) {
  const { entries, until } = await loggedIn({ name: "c", cluster, user }, server);
  const { clusters, users } = entries as Record<string, Record<string, unknown>[]>;
  return { cluster: clusters?.[0]?.cluster, user: users?.[0]?.user, until };
}

describe("somebody who is logged in", () => {
  const tokenFile = join(suiteFolder(), "token");

  it("has the token that the login gives, until its time", async () => {
    const expirationTimestamp = "2026-11-30T12:00:00Z";
    const status = { token: "t", expirationTimestamp };
    assert.deepEqual(await given(login(JSON.stringify({ status }))), {
      cluster: { server },
      user: { token: "t" },
      until: Date.parse(expirationTimestamp),
    });
  });

  it("has the certificate that the login gives, for as long as it is taken", async () => {
    const status = { clientCertificateData: "cert", clientKeyData: "key" };
    assert.deepEqual(await given(login(JSON.stringify({ status }))), {
      cluster: { server },
      user: { "client-certificate-data": "Y2VydA==", "client-key-data": "a2V5" },
      until: undefined,
    });
  });

  it("is nobody where the login prints no credential, and that shows nothing of what it printed", async () => {
    for (const printed of ["t0ken", '{"status":{"token":{"a":"t0ken"}}}', "{}"]) {
      await assert.rejects(given(login(printed)), (error) => {
        assert.ok(error instanceof LoginFailure);
        assert.equal(error.message, "the login failed: sh prints no ExecCredential with a status");
        return true;
      });
    }
  });

  it("is nobody where the login cannot be read, for good", async () => {
    await assert.rejects(given({ exec: { command: "sh", args: "-c" } }), {
      message: "the login of the kubeconfig cannot be read",
      lasting: true,
    });
  });

  it("has the token in a file, before any other", async () => {
    writeFileSync(tokenFile, "t\n");
    assert.deepEqual((await given({ token: "old", tokenFile })).user, { token: "t" });
    assert.deepEqual((await given({ token: "old", tokenFile: "" })).user, { token: "old" });
  });

  it("is known by what an entry holds before the file that it names", async () => {
    const { cluster, user } = await given(
      { "client-key": "key.pem", "client-key-data": "a2V5", "client-certificate": "cert.pem" },
      { "certificate-authority": "ca.pem", "certificate-authority-data": "b2xk" },
    );
    assert.deepEqual(user, { "client-key-data": "a2V5", "client-certificate": "cert.pem" });
    assert.deepEqual(cluster, { server, "certificate-authority-data": "b2xk" });
  });
});
