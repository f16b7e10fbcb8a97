import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:tls";
import { servingCertificate } from "../../../../components/clouds/eks/serving-certificate";

const host = "aws-load-balancer-webhook-service.kube-system.svc";
const from = new Date("2026-11-22T00:00:00Z");

describe("a serving certificate", () => {
  it("answers for its name, from the given day on for ten years, with its own key", () => {
    const { certificate, key } = servingCertificate(host, from);
    const read = new X509Certificate(certificate);

    assert.deepEqual([read.subject, read.subjectAltName], [`CN=${host}`, `DNS:${host}`]);
    assert.equal(read.checkHost(host), host);
    assert.equal(read.checkHost("other.kube-system.svc"), undefined);
    assert.equal(Date.parse(read.validFrom), from.getTime());
    assert.equal(Date.parse(read.validTo), Date.parse("2036-11-22T00:00:00Z"));
    assert.equal(read.checkPrivateKey(createPrivateKey(key)), true);
    assert.equal(read.verify(read.publicKey), true);
  });

  it("lasts beyond 2049, where dates are written another way", () => {
    const { certificate } = servingCertificate(host, new Date("2045-01-01T00:00:00Z"));
    const { validTo } = new X509Certificate(certificate);

    assert.equal(Date.parse(validTo), Date.parse("2055-01-01T00:00:00Z"));
  });

  it("is trusted by a client that is given nothing else", async () => {
    const { certificate: cert, key } = servingCertificate(host, new Date());
    const server = createServer({ cert, key }, (socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(address && typeof address === "object");

    const at = { host: "127.0.0.1", port: address.port, servername: host };
    const client = connect({ ...at, ca: cert });
    await once(client, "secureConnect");

    assert.equal(client.authorized, true);
    client.destroy();
    server.close();
  });

  it("is another one each time", () => {
    const [one, two] = [servingCertificate(host, from), servingCertificate(host, from)];
    const numberOf = (its: typeof one) => new X509Certificate(its.certificate).serialNumber;

    assert.notEqual(numberOf(one), numberOf(two));
    assert.notEqual(one.key, two.key);
  });
});
