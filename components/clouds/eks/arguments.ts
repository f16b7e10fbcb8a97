import type { Problem } from "../../problem";

/** What is wrong with the arguments that only a cluster on EKS has. */
export function clusterFaults({
  clusterName,
  cidr,
  nodes,
}: {
  clusterName: string;
  cidr: string;
  nodes: { min: number; max: number };
}): Problem[] {
  const faults: Problem[] = [];
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,59}$/.test(clusterName)) {
    faults.push({
      path: ["clusterName"],
      problem: "not a name of a cluster",
      found: JSON.stringify(clusterName),
      allowed: "up to 60 letters, digits and -, from a letter or digit on",
      fix: "set clusterName, or shorten the name of the stack",
    });
  }
  if (!/^(10\.\d{1,3}|172\.(1[6-9]|2\d|3[01])|192\.168)\.0\.0\/16$/.test(cidr)) {
    faults.push({
      path: ["cidr"],
      problem: "not a private range of /16",
      found: JSON.stringify(cidr),
      allowed: "10.x.0.0/16, 172.16.0.0/16 to 172.31.0.0/16 or 192.168.0.0/16",
      fix: "choose one that no network joined to this one has",
    });
  }
  if (!(Number.isInteger(nodes.min) && nodes.min >= 2 && nodes.max >= nodes.min)) {
    faults.push({
      path: ["system", "nodes"],
      problem: "not a range of nodes for the cluster itself",
      found: `min ${nodes.min}, max ${nodes.max}`,
      allowed: "min from 2, so that one can be replaced, and max from min",
      fix: "mend min and max, or remove the key for the default",
    });
  }
  return faults;
}
