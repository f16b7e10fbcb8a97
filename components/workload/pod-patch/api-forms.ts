import { isIP } from "node:net";

/** A form that texts have. */
export interface Form {
  /** Whether a text has it. */
  fits: (text: string) => boolean;
  /** The form in words, and a text that has it. */
  allowed: string;
  example: string;
}

/** A form that a pattern and a length tell. */
export const textOf = (form: RegExp, longest: number, allowed: string, example: string): Form => ({
  ...{ allowed, example },
  fits: (text) => text.length <= longest && form.test(text),
});
/** Pattern of one part of a DNS name. */
export const label = /[a-z0-9](?:[-a-z0-9]*[a-z0-9])?/.source;
/** What it is made of, in words. */
export const letters = 'small letters, digits and "-", with a letter or digit at both ends';
/** One part of a DNS name (DNS-1123 label). */
export const dnsLabel = textOf(RegExp(`^${label}$`), 63, `at most 63 ${letters}`, "chat");
/** A DNS name of several parts (DNS-1123 subdomain). */
export const dnsName = (longest: number, example: string) =>
  textOf(RegExp(`^${label}(?:\\.${label})*$`), longest, `${letters}, and dots between`, example);
/** Key of a label, name of a condition or a gate. */
export const qualified = textOf(
  RegExp(`^(?:${label}(?:\\.${label})*/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`),
  317,
  '[domain/]name: letters, digits, "-", "_" and ".", at most 63 behind the "/"',
  "example.com/ready",
);
/** Value of a label. */
export const labelValue = textOf(
  /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
  63,
  'at most 63 letters, digits, "-", "_" and "."',
  "chat",
);
/** Key in a Secret or a ConfigMap. */
export const objectKey = textOf(
  /^(?!\.$|\.\.)[-._a-zA-Z0-9]+$/,
  253,
  'letters, digits, "-", "_" and ".", not starting with ".."',
  "token",
);
/** Name of a Secret or a ConfigMap. */
export const objectName = dnsName(253, "settings");
export const address: Form = {
  ...{ allowed: "an IP address", example: "10.0.0.7" },
  fits: (text) => isIP(text) !== 0,
};
export const relative: Form = {
  ...{ allowed: "a relative path without ..", example: "models/chat" },
  fits: (text) => !text.startsWith("/") && !text.split("/").includes(".."),
};
export const file: Form = {
  ...relative,
  fits: (text) => text !== "" && relative.fits(text) && !text.startsWith(".."),
};
/** Name of a variable, as all versions of Kubernetes take it. */
export const variable = textOf(
  /^(?!\.$|\.\.)[-._a-zA-Z][-._a-zA-Z0-9]*$/,
  Infinity,
  'letters, digits, "_", "-" and ".", not starting with a digit or ".."',
  "NODE_NAME",
);
/** Name of a port. */
export const portName = textOf(
  /^(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
  15,
  `a number from 1 to 65535, or the name of a port: at most 15 ${letters}`,
  "http",
);
/** Domain in which names are looked up. */
export const search = textOf(
  /^(?:\.|[a-z0-9_](?:[-._a-z0-9]*[a-z0-9_])?\.?)$/,
  254,
  "a domain in small letters",
  "svc.example.com",
);

/** An amount as Kubernetes reads it; none is negative (docs/facts.md 14.14). */
export const quantity = /^(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][-+]?\d+)?$/;
