import { isMap, valueAt } from "./lookup";

// Probes of other tools, as `health` says them.

/** What is asked: a path, with HTTPS or without, or gRPC's health service. */
interface Question {
  path?: string;
  grpc?: string | true;
  port?: number;
  https?: true;
}

function text(asked: Question): string {
  const { path, ...more } = asked;
  if (path !== undefined && Object.keys(more).length === 0) return JSON.stringify(path);
  const written = Object.entries(asked).map(([key, of]) => `${key}: ${JSON.stringify(of)}`);
  return `{ ${written.join(", ")} }`;
}

const portIn = (value: unknown) => {
  const port = Number(value);
  return Number.isInteger(port) && port > 0 ? { port } : {};
};

/** Health as an address says it: `grpc`, `https://localhost:8443/ready`, `:8081/ready`; undefined for any other text. */
export function healthOfAddress(address: string): string | undefined {
  if (/^grpc$/i.test(address)) return text({ grpc: true });
  const [, scheme = "", port, path = "/"] =
    /^(?:(grpc|https?):\/\/[^/:\s]*|(?=:\d))(?::(\d+))?(\/[^\s?#]*)?(?:[?#].*)?$/i.exec(address) ??
    [];
  if (scheme === "" && port === undefined) return undefined;
  if (/^grpc$/i.test(scheme)) return text({ grpc: true, ...portIn(port) });
  return text({ path, ...portIn(port), ...(/^https$/i.test(scheme) && { https: true }) });
}

/** Health as a probe of Kubernetes or a health check of Compose says it, of a server with a port of its own. */
function healthOfProbe(probe: unknown, own?: unknown): string | undefined {
  if (typeof probe === "string") return healthOfAddress(probe) ?? text({ path: probe });
  const [http, grpc, test] = ["httpGet", "grpc", "test"].map((key) => valueAt(probe, [key]));
  const other = (port: unknown) => (port === own ? {} : portIn(port));
  if (isMap(grpc)) {
    const { service, port } = grpc;
    return text({ grpc: typeof service === "string" && service ? service : true, ...other(port) });
  }
  if (isMap(http)) {
    const { path, port, scheme } = http;
    return text({
      path: typeof path === "string" ? path : "/",
      ...other(port),
      ...(scheme === "HTTPS" && { https: true }),
    });
  }
  const [address] = /https?:\/\/[^\s"',|]+/.exec(JSON.stringify(test ?? "")) ?? [];
  return address === undefined ? undefined : healthOfAddress(address);
}

/** What to do with a probe of other tools. */
export function probeFix(probe: unknown, own?: unknown): string {
  const health = healthOfProbe(probe, own);
  if (health !== undefined) return `write health: ${health}`;
  const instead =
    "without health, the port is asked for a connection; health: /path asks for an answer, health: { grpc: true } gRPC's health service";
  const isCommand = ["exec", "command", "test"].some((key) => valueAt(probe, [key]) !== undefined);
  return isCommand
    ? `remove it: no command is run in the container to ask it; ${instead}`
    : `remove it: ${instead}`;
}
