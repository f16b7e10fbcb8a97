import { connect, createServer, type AddressInfo } from "node:net";
import { parse, stringify } from "yaml";

interface Kubeconfig {
  clusters: [{ cluster: { server: string; "certificate-authority-data": string } }];
}

/** A cluster at another address than before, and with an authority more that would be trusted. */
export interface MovedCluster {
  /** Text of its kubeconfig. */
  kubeconfig: string;
  close(): void;
}

/** Makes the cluster of a kubeconfig's text answer at another address of this machine, too. */
export async function moved(text: string): Promise<MovedCluster> {
  const config = parse(text) as Kubeconfig;
  const { cluster } = config.clusters[0];
  const { hostname: host, port } = new URL(cluster.server);
  const proxy = createServer((socket) => {
    const to = connect(Number(port), host);
    for (const one of [socket, to]) one.on("error", () => [socket, to].map((end) => end.destroy()));
    socket.pipe(to).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  cluster.server = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const authority = Buffer.from(cluster["certificate-authority-data"], "base64").toString();
  cluster["certificate-authority-data"] = Buffer.from(authority.repeat(2)).toString("base64");
  return { kubeconfig: stringify(config), close: () => void proxy.close() };
}
