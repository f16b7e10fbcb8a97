import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A key and a certificate that answers for one name, PEM. */
export interface ServingCertificate {
  key: string;
  certificate: string;
}

/**
 * Makes a self-signed certificate for a DNS name, valid for ten years from the given day. Webhooks need one that their
 * caller is told of; Node.js can sign, but has no call that makes a certificate (RFC 5280, section 4.1).
 */
export function servingCertificate(host: string, from: Date): ServingCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const until = new Date(from);
  until.setUTCFullYear(from.getUTCFullYear() + 10);
  const algorithm = sequence(oid(ecdsaWithSha256));
  const name = sequence(set(sequence(oid(commonName), der(utf8String, Buffer.from(host)))));
  const toBeSigned = sequence(
    der(explicit(0), integer(Buffer.from([2]))),
    // Positive: the first bit is the sign.
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    sequence(time(from), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(
      explicit(3),
      sequence(
        sequence(oid(subjectAltName), octets(sequence(der(dnsName, Buffer.from(host, "ascii"))))),
      ),
    ),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, algorithm, der(bitString, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: pem(certificate),
  };
}

const bitString = 0x03;
const utf8String = 0x0c;
/** In a GeneralName. */
const dnsName = 0x82;
const ecdsaWithSha256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const commonName = [0x55, 0x04, 0x03];
const subjectAltName = [0x55, 0x1d, 0x11];

function explicit(tag: number): number {
  return 0xa0 + tag;
}

/** One value: its tag, its length in the shortest form, its content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

function sequence(...content: Buffer[]): Buffer {
  return der(0x30, ...content);
}

function set(...content: Buffer[]): Buffer {
  return der(0x31, ...content);
}

function integer(content: Buffer): Buffer {
  return der(0x02, content);
}

function octets(content: Buffer): Buffer {
  return der(0x04, content);
}

function oid(content: number[]): Buffer {
  return der(0x06, Buffer.from(content));
}

/** UTCTime until 2049, GeneralizedTime from then on, as RFC 5280 wants it. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  return date.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(digits.slice(2), "ascii"))
    : der(0x18, Buffer.from(digits, "ascii"));
}

function pem(content: Buffer): string {
  const lines = content.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
