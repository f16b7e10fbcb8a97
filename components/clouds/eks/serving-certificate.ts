import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/**
 * Makes a key and a self-signed certificate for a DNS name, PEM, valid for ten years from the given day. Webhooks need one that their
 * caller is told of; Node.js can sign, but has no call that makes a certificate (RFC 5280, section 4.1).
 */
export function servingCertificate(host: string, from: Date): { key: string; certificate: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const until = new Date(from);
  until.setUTCFullYear(from.getUTCFullYear() + 10);
  const algorithm = sequence(oid(ecdsaWithSha256));
  const name = sequence(
    der(tags.set, sequence(oid(commonName), der(tags.utf8String, Buffer.from(host)))),
  );
  const names = sequence(der(tags.dnsName, Buffer.from(host, "ascii")));
  const toBeSigned = sequence(
    der(tags.version, der(tags.integer, Buffer.from([2]))),
    // Positive: the first bit is the sign.
    der(tags.integer, Buffer.from([1]), randomBytes(15)),
    algorithm,
    name,
    sequence(time(from), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(tags.extensions, sequence(sequence(oid(subjectAltName), der(tags.octets, names)))),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const signed = der(tags.bitString, Buffer.from([0]), signature);
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: pem(sequence(toBeSigned, algorithm, signed)),
  };
}

/** Tags of DER; `version` and `extensions` are fields of a certificate, `dnsName` one of a GeneralName. */
const tags = {
  ...{ integer: 0x02, bitString: 0x03, octets: 0x04, oid: 0x06, utf8String: 0x0c },
  ...{ utcTime: 0x17, generalizedTime: 0x18, sequence: 0x30, set: 0x31 },
  ...{ dnsName: 0x82, version: 0xa0, extensions: 0xa3 },
};
const ecdsaWithSha256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const commonName = [0x55, 0x04, 0x03];
const subjectAltName = [0x55, 0x1d, 0x11];

/** One value: its tag, its length in the shortest form, its content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

function sequence(...content: Buffer[]): Buffer {
  return der(tags.sequence, ...content);
}

function oid(content: number[]): Buffer {
  return der(tags.oid, Buffer.from(content));
}

/** UTCTime until 2049, GeneralizedTime from then on, as RFC 5280 wants it. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  return date.getUTCFullYear() < 2050
    ? der(tags.utcTime, Buffer.from(digits.slice(2), "ascii"))
    : der(tags.generalizedTime, Buffer.from(digits, "ascii"));
}

function pem(content: Buffer): string {
  const lines = content.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
