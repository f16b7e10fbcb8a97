import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";
import path from "node:path";
import { Fault } from "../process/fault";
import { inFolder } from "./folder";
import { readIfThere, writeWhole } from "../process/files";
import { bridge } from "./host";
import { run } from "../process/run";

/** Folder of the cluster's state. */
export const clusterFolder = inFolder("cluster");
/** The administrator's kubeconfig, context `gpu-serving-local`. */
export const kubeconfig = inFolder("kubeconfig");
/** The one node whose pods really run. */
export const nodeName = "dev";

const network = process.env.GPU_SERVING_LOCAL_NETWORK ?? "10.97";

/** Addresses and ports of the cluster; templates and supervise.sh know them by these names. */
export const settings = {
  NODE_NAME: nodeName,
  BRIDGE: bridge,
  NODE_IP: `${network}.0.1`,
  POD_RANGE: `${network}.0.0/24`,
  SERVICE_RANGE: `${network}.1.0/24`,
  DNS_IP: `${network}.1.10`,
  DATA_PORT: "21650",
  DATA_PEER_PORT: "21651",
  API_PORT: "21652",
  CONTROLLER_PORT: "21653",
  SCHEDULER_PORT: "21654",
  KUBELET_PORT: "21655",
  PROXY_HEALTH_PORT: "21656",
  PROXY_METRICS_PORT: "21657",
  KWOK_PORT: "21658",
  // Not one of its own: to a NetworkPolicy DNS is this port, of whoever answers behind the Service.
  DNS_PORT: "53",
  KUBECONFIG_FILE: kubeconfig,
  CLUSTER: clusterFolder,
};

/** The user each component says it is, with its group; the names are those that Kubernetes' own RBAC rules are for. */
const users: Record<string, [user: string, group: string]> = {
  admin: ["admin", "system:masters"],
  "controller-manager": ["system:kube-controller-manager", ""],
  scheduler: ["system:kube-scheduler", ""],
  kubelet: [`system:node:${nodeName}`, "system:nodes"],
  "kube-proxy": ["system:kube-proxy", ""],
};

/** Writes certificates, tokens and configuration files; what exists from an earlier start keeps its secrets. */
export async function configureCluster(choice: {
  PAUSE_IMAGE: string;
  SNAPSHOTTER: string;
  CNI_BIN: string;
}): Promise<void> {
  const certificate = await serverCertificate();
  const signingKey = path.join(clusterFolder, "sa.key");
  if (!existsSync(signingKey)) {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeWhole(signingKey, privateKey.export({ type: "pkcs1", format: "pem" }).toString());
  }
  const tokens = path.join(clusterFolder, "tokens.csv");
  if (!existsSync(tokens)) {
    const lines = Object.values(users).map(
      ([user, group]) => `${randomBytes(24).toString("hex")},${user},${user},${group}\n`,
    );
    writeWhole(tokens, lines.join(""));
  }
  const lines = readFileSync(tokens, "utf8").split("\n");
  const tokenOf = new Map(lines.map((line) => [line.split(",")[1], line.split(",")[0]]));
  for (const [component, [user]] of Object.entries(users)) {
    const file =
      component === "admin" ? kubeconfig : path.join(clusterFolder, `${component}.kubeconfig`);
    writeWhole(file, kubeconfigFor(user, tokenOf.get(user) ?? "", certificate));
  }
  const ofComponents = ["kubelet.yaml", "kube-proxy.yaml", "containerd.toml", "cni.conflist"];
  for (const file of [...ofComponents, "kwok.yaml", "Corefile", "dns.yaml"]) {
    const target = path.join(clusterFolder, file === "cni.conflist" ? "cni/cni.conflist" : file);
    writeWhole(target, fill(file, { ...settings, ...choice }));
  }
}

/** The text of a file in local/cluster/ with its `${NAME}`s replaced. */
export function fill(file: string, values: Record<string, string>): string {
  const text = readFileSync(path.join(__dirname, "cluster", file), "utf8");
  return text.replace(/\$\{([A-Z_]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new Error(`local/cluster/${file} asks for \${${name}}, which is not set`);
    return value;
  });
}

/** One certificate is the API server's, its own authority, and what it shows to the kubelet; remade when the addresses change. */
async function serverCertificate(): Promise<string> {
  const addresses = [settings.NODE_IP, `${network}.1.1`, "127.0.0.1"];
  const names = ["localhost", ...["", ".default", ".default.svc"].map((end) => `kubernetes${end}`)];
  const wanted = [...addresses.map((ip) => `IP:${ip}`), ...names.map((dns) => `DNS:${dns}`)].join();
  const certificate = path.join(clusterFolder, "cluster.crt");
  const key = path.join(clusterFolder, "cluster.key");
  const madeFor = path.join(clusterFolder, "cluster.names");
  if (readIfThere(madeFor) !== wanted || !existsSync(certificate)) {
    writeWhole(madeFor, "");
    const args = [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-days", "3650", "-subj", "/O=system:masters/CN=gpu-serving-local"],
      ...["-addext", `subjectAltName=${wanted}`],
      ...["-addext", "extendedKeyUsage=serverAuth,clientAuth"],
      ...["-keyout", `${key}.new`, "-out", `${certificate}.new`],
    ];
    if ((await run("openssl", args, { mayFail: true })).code !== 0) {
      throw new Fault(
        "openssl could not make the local cluster's certificate: install openssl 1.1.1 or newer.",
      );
    }
    renameSync(`${key}.new`, key);
    renameSync(`${certificate}.new`, certificate);
    writeWhole(madeFor, wanted);
  }
  return readFileSync(certificate, "utf8");
}

function kubeconfigFor(user: string, token: string, certificate: string): string {
  const name = "gpu-serving-local";
  const server = `https://${settings.NODE_IP}:${settings.API_PORT}`;
  const authority = Buffer.from(certificate).toString("base64");
  return `apiVersion: v1
kind: Config
current-context: ${name}
contexts: [{ name: ${name}, context: { cluster: ${name}, user: "${user}" } }]
clusters: [{ name: ${name}, cluster: { server: "${server}", certificate-authority-data: ${authority} } }]
users: [{ name: "${user}", user: { token: ${token} } }]
`;
}
