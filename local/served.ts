/** Addresses of a stack's services, by name. */
export type Services = Record<string, { url?: string | null; internalUrl?: string | null }>;

/** A request that was made to a service, and what it answered. */
export interface Asked {
  /** Name of the service. */
  service: string;
  /** The command that makes the request. */
  command: string;
  /** What it answered. */
  answer: string;
  /** Lines on what else there is at its address. @default none */
  more?: readonly string[];
}

/** What a start says at its end: the answer of the example, if the stack has it, and where everything else is served. */
export function served(services: Services, asked?: Asked): string {
  const url = services[asked?.service ?? ""]?.url;
  const others = Object.entries(services).filter(([name]) => name !== asked?.service);
  const widest = Math.max(0, ...others.map(([name]) => name.length));
  const lines = others.map(([name, at]) => {
    const address = at.url ?? `${at.internalUrl ?? "no address"}, in the cluster only`;
    return `  ${name.padEnd(widest)}  ${address}`;
  });
  const list = [asked ? "Other services:" : "Services:", ...lines].join("\n");
  return [
    ...(asked ? [[`A model answers at ${url}`, ...(asked.more ?? [])].join("\n")] : []),
    ...(asked ? [`  ${asked.command}\n  ${asked.answer}`] : []),
    ...(lines.length > 0 ? [list] : asked ? [] : ["The stack serves nothing."]),
  ].join("\n\n");
}
