import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EksControlPlane } from "../../../../components/cluster/eks/control-plane";
import { EksNetwork } from "../../../../components/cluster/eks/network";
import type { EksMode } from "../../../../components/cluster/eks/mode";

const { mode } = JSON.parse(
  readFileSync(join(process.env.SANDBOX ?? "", "settings.json"), "utf8"),
) as { mode: EksMode };

const region = "us-east-1";
const zones = ["us-east-1a", "us-east-1b"];
const network = new EksNetwork(
  "network",
  { region, zones, cidr: "10.0.0.0/16", nat: "one", tags: {} },
  {},
);
new EksControlPlane(
  "cluster",
  {
    ...{ clusterName: "modes", region, version: "1.35", mode, network, zones },
    ...{ access: ["203.0.113.0/24"], admins: [], deletionProtection: false, tags: {} },
  },
  {},
);
