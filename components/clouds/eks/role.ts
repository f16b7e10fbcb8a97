import { AccessEntry } from "@pulumi/aws/eks/accessEntry";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation";
import type { Cluster } from "@pulumi/aws/eks/cluster";
import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import * as pulumi from "@pulumi/pulumi";
import { fitted, partition } from "./names";
import type { EksPlace } from "./settings";

/** One rule of a policy. */
export interface Statement {
  /** What it allows. */
  actions: string[];
  /** On what. @default everything */
  resources?: pulumi.Input<string>[];
  /** Under which conditions. @default none */
  conditions?: Record<string, Record<string, pulumi.Input<string> | pulumi.Input<string>[]>>;
}

/** Arguments for {@link EksRole}. */
interface EksRoleArgs extends EksPlace {
  /** What it is for; its name in the account is that of the cluster and this, cut to 64 characters. */
  role: string;
  /** Who takes the role: EKS itself, a node, or a pod by pod identity. */
  service: "eks.amazonaws.com" | "ec2.amazonaws.com" | "pods.eks.amazonaws.com";
  /** Names of policies that AWS keeps. @default [] */
  policies?: string[];
  /** Rules of our own. @default [] */
  statements?: Statement[];
}

/** A role and what it may do; whoever needs both depends on the component. */
export class EksRole extends pulumi.ComponentResource {
  /** ARN of the role. */
  readonly arn: pulumi.Output<string>;
  /** Name of the role. */
  readonly roleName: pulumi.Output<string>;

  constructor(name: string, args: EksRoleArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:EksRole", name, {}, opts);
    const { clusterName, region, service, policies = [], statements = [], tags } = args;
    const child = { parent: this };
    const inAccount = fitted(`${clusterName}-${args.role}`, 64);
    const role = new Role(name, { name: inAccount, assumeRolePolicy: trust(service), tags }, child);
    for (const policy of policies) {
      new RolePolicyAttachment(
        `${name}-${policy.split("/").pop() ?? ""}`,
        { role: role.name, policyArn: `arn:${partition(region)}:iam::aws:policy/${policy}` },
        child,
      );
    }
    if (statements.length > 0) {
      const own = { name: "own", role: role.name, policy: policyOf(statements) };
      new RolePolicy(`${name}-own`, own, child);
    }
    this.arn = role.arn;
    this.roleName = role.name;
    this.registerOutputs({});
  }
}

/** Arguments for {@link PodIdentity}. */
interface PodIdentityArgs extends Omit<EksRoleArgs, "service" | "policies"> {
  /** The cluster. */
  cluster: Cluster;
  /** Namespace of the service account. */
  namespace: string;
  /** Name of the service account; EKS takes one identity for each. */
  serviceAccount: string;
}

/** A role that the pods of one service account have, by EKS pod identity. */
export class PodIdentity extends pulumi.ComponentResource {
  private readonly role: EksRole;

  constructor(name: string, args: PodIdentityArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:PodIdentity", name, {}, opts);
    const { cluster, region, namespace, serviceAccount, tags } = args;
    this.role = new EksRole(name, { ...args, service: "pods.eks.amazonaws.com" }, { parent: this });
    const { arn: roleArn } = this.role;
    new PodIdentityAssociation(
      name,
      { region, clusterName: cluster.name, namespace, serviceAccount, roleArn, tags },
      { parent: this, dependsOn: [this.role] },
    );
    this.registerOutputs({});
  }

  /** Allows the pods more; the rules are one policy of that name. */
  allow(name: string, statements: Statement[]): RolePolicy {
    const policy = policyOf(statements);
    return new RolePolicy(name, { name, role: this.role.roleName, policy }, { parent: this });
  }
}

/** Lets a role into a cluster, with the rights of one of EKS's access policies. */
export function admitted(
  name: string,
  principal: {
    region: string;
    clusterName: pulumi.Output<string>;
    principalArn: pulumi.Input<string>;
  },
  policy: string,
  entryArgs: { type?: "EC2"; tags: Record<string, string> },
  { parent, dependsOn }: pulumi.CustomResourceOptions,
): AccessPolicyAssociation {
  const entry = new AccessEntry(name, { ...principal, ...entryArgs }, { parent, dependsOn });
  const part = partition(principal.region);
  return new AccessPolicyAssociation(
    name,
    {
      ...principal,
      policyArn: `arn:${part}:eks::aws:cluster-access-policy/${policy}`,
      accessScope: { type: "cluster" },
    },
    { parent, dependsOn: [entry] },
  );
}

/** Who may take a role, as a policy. */
function trust(service: EksRoleArgs["service"]): string {
  // EKS and pod identity pass tags along, nodes cannot.
  const actions = ["sts:AssumeRole", "sts:TagSession"];
  const Action = service === "ec2.amazonaws.com" ? "sts:AssumeRole" : actions;
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action }],
  });
}

/** Rules as a policy. */
function policyOf(statements: Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map(({ actions, resources = ["*"], conditions }) => ({
      Effect: "Allow",
      Action: actions,
      Resource: resources,
      Condition: conditions,
    })),
  });
}
