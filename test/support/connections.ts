import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../../local/cluster";

/** Python that tries to connect and says how that went: `connected`, `refused` (nobody listens there) or `no answer`. */
const attempt = (host: string, port: number) => `
import socket
try:
    address = socket.getaddrinfo("${host}", ${port}, socket.AF_INET, socket.SOCK_STREAM)[0][4]
except OSError as error:
    print("no name:", error)
else:
    try:
        socket.create_connection(address, timeout=2)
        print("connected")
    except TimeoutError:
        print("no answer")
    except ConnectionRefusedError:
        print("refused")
`;

/** From a pod or Deployment, to a host, at a port; and how it goes. */
export type Connection = [from: string[], host: string, port: number, expected: string];

/** How a connection from a pod goes, once what was changed has come to the node: as expected, or as it went at last. */
async function connection([from, host, port, expected]: Connection): Promise<string> {
  for (const end = Date.now() + 120_000; ; await sleep(500)) {
    const { stdout } = await kubectl(["exec", ...from, "--", "python", "-c", attempt(host, port)]);
    const said = stdout.trim();
    if (said === expected || Date.now() > end) return said;
  }
}

/** Tries connections from pods of the local cluster, all at once, and compares how they go with what is expected. */
export async function assertConnections(wanted: Connection[]): Promise<void> {
  const told = (said: string[]) =>
    wanted.map(([from, host, port], place) => [from.join(" "), host, port, said[place]]);
  const found = await Promise.all(wanted.map((one) => connection(one)));
  assert.deepEqual(told(found), told(wanted.map(([, , , expected]) => expected)));
}
