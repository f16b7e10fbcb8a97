import { Deployment } from "@pulumi/kubernetes/apps/v1";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { hashedConfigMap, hashedSecret } from "../workload/hashed-objects";
import { dashboards } from "./dashboards";
import {
  clusterService,
  oneReplica,
  ownerOf,
  policy,
  prometheusPods,
  quietPod,
  reader,
  seenFromInside,
  type Place,
} from "./observer";

/** Arguments for {@link Grafana}. */
export interface GrafanaArgs extends Place {
  /** Address of the Prometheus that it asks, inside the cluster. */
  prometheus: string;
  /** Password of the user `admin`. @default nobody logs in, and whoever reaches it may look */
  adminPassword?: pulumi.Input<string>;
}

/** Grafana's own image (docs/facts.md 19.2). */
export const grafanaImage = "docker.io/grafana/grafana:13.2.3";

/** Name of its pods, its Service and its other objects. */
export const grafanaName = "grafana";

const port = 3000;
const user = 472;

/** Settings that are the same with and without a password. */
const settings = {
  GF_ANALYTICS_REPORTING_ENABLED: "false",
  GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
  GF_NEWS_NEWS_FEED_ENABLED: "false",
  // It would download plugins whenever it starts.
  GF_PLUGINS_PREINSTALL_DISABLED: "true",
  GF_USERS_ALLOW_SIGN_UP: "false",
};

/** Settings of a Grafana whose one way in is a port that kubectl forwards: whoever may do that may look. */
const openToViewers = {
  GF_AUTH_ANONYMOUS_ENABLED: "true",
  GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
  GF_AUTH_BASIC_ENABLED: "false",
  GF_AUTH_DISABLE_LOGIN_FORM: "true",
  // There would be the user admin with the password admin.
  GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
};

/** A Grafana with the dashboards of this package, which the cluster's network does not offer to anybody. */
export class Grafana extends pulumi.ComponentResource {
  /** Command that makes it answer at http://localhost:3000. */
  readonly portForward: pulumi.Output<string>;

  constructor(name: string, args: GrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "gpu-serving:index:Grafana",
      name,
      {},
      { ...opts, provider: seenFromInside(args).provider },
    );
    const { prometheus, adminPassword } = args;
    const owner = ownerOf(grafanaName, args, this);

    const { account } = reader(owner, args, []);
    const network = policy(
      owner,
      port,
      // kubectl comes by way of the pod's own node, which policies let in.
      [],
      [{ to: [prometheusPods] }],
    );
    const boards = Object.entries(dashboards()).map(
      ([file, board]) => [file, JSON.stringify(board)] as const,
    );
    const shown = hashedConfigMap(owner, "dashboards", Object.fromEntries(boards));
    const provided = hashedConfigMap(owner, "provisioning", {
      "dashboards.yaml": stringify(provider),
      "datasources.yaml": stringify(datasources(prometheus)),
    });
    const password =
      adminPassword === undefined
        ? undefined
        : hashedSecret(owner, "admin", { password: adminPassword });
    const env = [
      ...Object.entries({ ...settings, ...(password ? {} : openToViewers) }).map(
        ([variable, value]) => ({ name: variable, value }),
      ),
      ...(password
        ? [
            {
              name: "GF_SECURITY_ADMIN_PASSWORD",
              valueFrom: { secretKeyRef: { name: password.metadata.name, key: "password" } },
            },
          ]
        : []),
    ];
    const answers = { httpGet: { path: "/api/health", port }, timeoutSeconds: 3 };
    const mounts = {
      config: "/etc/grafana/provisioning/dashboards",
      sources: "/etc/grafana/provisioning/datasources",
      dashboards: dashboardFolder,
      data: "/var/lib/grafana",
      scratch: "/tmp",
    };
    const file = (key: string) => ({
      configMap: { name: provided.metadata.name, items: [{ key, path: key }] },
    });
    const deployment = new Deployment(
      grafanaName,
      oneReplica(
        owner,
        quietPod(
          owner,
          args,
          user,
          {
            serviceAccountName: account,
            automountServiceAccountToken: false,
            volumes: [
              { name: "config", ...file("dashboards.yaml") },
              { name: "sources", ...file("datasources.yaml") },
              { name: "dashboards", configMap: { name: shown.metadata.name } },
              { name: "data", emptyDir: { sizeLimit: "1Gi" } },
              { name: "scratch", emptyDir: { sizeLimit: "1Gi" } },
            ],
          },
          {
            image: grafanaImage,
            env,
            ports: [{ name: "http", containerPort: port }],
            resources: {
              requests: { cpu: "50m", memory: "512Mi" },
              limits: { memory: "512Mi" },
            },
            startupProbe: { ...answers, periodSeconds: 5, failureThreshold: 60 },
            readinessProbe: { ...answers, periodSeconds: 10 },
            volumeMounts: Object.entries(mounts).map(([of, mountPath]) => ({
              ...{ name: of, mountPath },
            })),
          },
        ),
      ),
      { parent: this, dependsOn: network },
    );
    const service = clusterService(owner, { offered: 80, targetPort: port }, deployment);
    this.portForward = service.metadata.namespace.apply(
      (of) => `kubectl --namespace ${of} port-forward service/${grafanaName} ${port}:80`,
    );
    this.registerOutputs({ portForward: this.portForward });
  }
}

const dashboardFolder = "/var/lib/gpu-serving/dashboards";

const provider = {
  apiVersion: 1,
  providers: [
    {
      ...{ name: "gpu-serving", type: "file", disableDeletion: true, allowUiUpdates: false },
      options: { path: dashboardFolder },
    },
  ],
};

function datasources(url: string) {
  const source = { name: "Prometheus", uid: "prometheus", type: "prometheus", access: "proxy" };
  return { apiVersion: 1, datasources: [{ ...source, url, isDefault: true, editable: false }] };
}
