import { BlockList, isIP } from "node:net";

const defaultPorts: Record<string, string> = { "http:": "80", "https:": "443" };

/**
 * Address of the proxy that the environment names for a server; undefined where it is reached without. As Go, so kubectl and Pulumi's
 * provider, reads it (golang.org/x/net `http/httpproxy/proxy.go`): an empty variable is none, and neither this machine nor what
 * `NO_PROXY` lists goes through a proxy.
 */
export function proxyOf(server: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (!URL.canParse(server)) return undefined;
  const { protocol, hostname, port: named } = new URL(server);
  const proxy =
    protocol === "https:"
      ? env.HTTPS_PROXY || env.https_proxy
      : protocol === "http:"
        ? env.HTTP_PROXY || env.http_proxy
        : undefined;
  if (!proxy) return undefined;
  const host = unbracketed(hostname);
  const port = named || defaultPorts[protocol];
  if (host === "localhost" || isWithin(host, "127.0.0.0/8") || host === "::1") return undefined;
  const direct = (env.NO_PROXY || env.no_proxy || "").toLowerCase().split(",");
  if (direct.some((one) => isFor(one.trim(), host, port))) return undefined;
  return /^(https?|socks5):\/\//.test(proxy) ? proxy : `http://${proxy}`;
}

/** Whether an entry of `NO_PROXY` is for a server: `*`, a range, an address or a domain, the last two also with a port. */
function isFor(entry: string, host: string, port: string | undefined): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return isWithin(host, entry);
  const [, name = "", only] =
    isIP(entry) > 0 ? ["", entry] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  if (only !== undefined && only !== port) return false;
  const named = unbracketed(name);
  if (named === "") return false;
  if (isIP(named) > 0) return isWithin(host, `${named}/${isIP(named) === 4 ? 32 : 128}`);
  // With a dot before it, it is for the names below it alone.
  const below = named.replace(/^\*(?=\.)/, "");
  return below.startsWith(".") ? host.endsWith(below) : `.${host}`.endsWith(`.${below}`);
}

function isWithin(host: string, range: string): boolean {
  const [address = "", bits = ""] = range.split("/");
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits)) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}
