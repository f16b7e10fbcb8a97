import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import * as pulumi from "@pulumi/pulumi";
import { fitted } from "./names";

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
export interface EksRoleArgs {
  /** Name in the account, cut to 64 characters. */
  roleName: string;
  /** Who takes the role: EKS itself, a node, or a pod by pod identity. */
  service: "eks.amazonaws.com" | "ec2.amazonaws.com" | "pods.eks.amazonaws.com";
  /** ARNs of policies that AWS keeps. @default [] */
  policies?: string[];
  /** Rules of our own. @default [] */
  statements?: Statement[];
  /** Tags of the role. */
  tags: Record<string, string>;
}

/** A role and what it may do; whoever needs both depends on the component. */
export class EksRole extends pulumi.ComponentResource {
  /** ARN of the role. */
  readonly arn: pulumi.Output<string>;
  /** Name of the role. */
  readonly roleName: pulumi.Output<string>;

  constructor(name: string, args: EksRoleArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:EksRole", name, {}, opts);
    const { roleName, service, policies = [], statements = [], tags } = args;
    const role = new Role(
      name,
      { name: fitted(roleName, 64), assumeRolePolicy: trust(service), tags },
      { parent: this },
    );
    for (const policyArn of policies) {
      new RolePolicyAttachment(
        `${name}-${policyArn.split("/").pop() ?? ""}`,
        { role: role.name, policyArn },
        { parent: this },
      );
    }
    if (statements.length > 0) {
      new RolePolicy(
        `${name}-own`,
        { name: "own", role: role.name, policy: policy(statements) },
        { parent: this },
      );
    }
    this.arn = role.arn;
    this.roleName = role.name;
    this.registerOutputs({});
  }
}

/** Who may take a role, as a policy. */
export function trust(service: EksRoleArgs["service"]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        // EKS and pod identity pass tags along, nodes cannot.
        Action:
          service === "ec2.amazonaws.com" ? "sts:AssumeRole" : ["sts:AssumeRole", "sts:TagSession"],
      },
    ],
  });
}

/** Rules as a policy. */
export function policy(statements: Statement[]): pulumi.Output<string> {
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
