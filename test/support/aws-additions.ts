/** What AWS adds to the resources that others read it from, by type. */
export const awsAdditions: Readonly<
  Record<string, (inputs: Readonly<Record<string, unknown>>) => object>
> = {
  "aws:iam/role:Role": ({ name }) => ({ arn: `arn:aws:iam::123456789012:role/${String(name)}` }),
  "aws:kms/key:Key": () => ({ arn: "arn:aws:kms:us-east-1:123456789012:key/secrets" }),
  "aws:ecr/repository:Repository": ({ name }) => ({
    registryId: "123456789012",
    repositoryUrl: `123456789012.dkr.ecr.us-east-1.amazonaws.com/${String(name)}`,
  }),
  "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 3 }),
  "aws:eks/cluster:Cluster": ({ name, vpcConfig }) => ({
    arn: `arn:aws:eks:us-east-1:123456789012:cluster/${String(name)}`,
    endpoint: `https://${String(name)}.eks.example`,
    certificateAuthority: { data: "Y2VydGlmaWNhdGU=" },
    vpcConfig: { ...(vpcConfig as object), clusterSecurityGroupId: "sg-of-the-cluster" },
  }),
};

/** What AWS answers to the functions that programs call, by token. */
export const awsAnswers: Readonly<
  Record<string, (inputs: Readonly<Record<string, unknown>>) => object>
> = {
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": () => ({
    ...{ userName: "AWS", password: "amazon's token" },
  }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    ...{ accountId: "123456789012", arn: "arn:aws:sts::123456789012:assumed-role/deploy/test" },
  }),
  "aws:eks/getAddonVersion:getAddonVersion": ({ addonName, kubernetesVersion }) => ({
    version: `${String(addonName)} for ${String(kubernetesVersion)}`,
  }),
};
