import { run } from "../process/run";

interface Table {
  /** First line, e.g. `*nat`. */
  header: string;
  /** Declared chains, without the colon. */
  chains: string[];
  /** Appended rules, e.g. `-A INPUT -j KUBE-FIREWALL`. */
  rules: string[];
}

function tablesIn(saved: string): Table[] {
  const tables: Table[] = [];
  for (const line of saved.split("\n")) {
    if (line.startsWith("*")) tables.push({ header: line, chains: [], rules: [] });
    else if (line.startsWith(":")) tables.at(-1)?.chains.push(line.slice(1).split(" ")[0] ?? "");
    else if (line.startsWith("-A ")) tables.at(-1)?.rules.push(line);
  }
  return tables;
}

/** iptables-save writes the comment of a CNI rule as `name: \"network\" id: \"container\"`. */
const networkOf = (rule: string) => /name: \\"([^"\\]+)\\"/.exec(rule)?.[1];
const targetOf = (rule: string) => / -[jg] (\S+)/.exec(rule)?.[1] ?? "";
const chainOf = (rule: string) => rule.split(" ")[1] ?? "";

/** The chains of a Kubernetes node in a table dump: there is a cluster whose kube-proxy wrote them. */
export function kubernetesChains(saved: string): string[] {
  return [
    ...new Set(
      tablesIn(saved).flatMap((table) => table.chains.filter((chain) => chain.startsWith("KUBE-"))),
    ),
  ];
}

/**
 * The `iptables-restore --noflush` input that takes away what kube-proxy and the CNI plugins wrote and nothing else: chains named
 * KUBE-*, the CNI chains of one network, and the rules in other chains that jump to them. Empty when there is nothing to remove.
 * @param saved output of `iptables-save`
 * @param network name of the CNI network
 */
export function rulesToRemove(saved: string, network: string): string {
  let restore = "";
  for (const { header, chains, rules } of tablesIn(saved)) {
    // The chains of port mappings are shared by all CNI networks: they stay while another network has rules.
    const alone = rules.every((rule) => [undefined, network].includes(networkOf(rule)));
    const ofNetwork = rules
      .filter((rule) => networkOf(rule) === network)
      .flatMap((rule) => [chainOf(rule), targetOf(rule)])
      .filter((chain) => /^CNI-(?!HOSTPORT-)/.test(chain));
    const ours = chains.filter(
      (chain) =>
        chain.startsWith("KUBE-") ||
        ofNetwork.includes(chain) ||
        (alone && chain.startsWith("CNI-HOSTPORT-")),
    );
    const jumps = rules.filter(
      (rule) => !ours.includes(chainOf(rule)) && ours.includes(targetOf(rule)),
    );
    if (ours.length === 0) continue;
    restore += [
      header,
      ...ours.map((chain) => `:${chain} - [0:0]`),
      ...jumps.map((rule) => rule.replace(/^-A/, "-D")),
      ...ours.map((chain) => `-X ${chain}`),
      "COMMIT\n",
    ].join("\n");
  }
  return restore;
}

/** Everything `iptables-save` says, of IPv4 or IPv6; empty where the command does not exist. */
export async function savedRules(family: "iptables" | "ip6tables"): Promise<string> {
  return (await run(`${family}-save`, [], { mayFail: true })).stdout;
}

/** Removes the cluster's rules of both families, each in one transaction. */
export async function removeRules(network: string): Promise<void> {
  for (const family of ["iptables", "ip6tables"] as const) {
    const restore = rulesToRemove(await savedRules(family), network);
    if (restore !== "") await run(`${family}-restore`, ["--noflush"], { input: restore });
  }
}
