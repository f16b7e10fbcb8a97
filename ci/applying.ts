/** Runs pulumi with arguments; a failure is a code other than 0. */
export type Engine = (args: string[]) => Promise<{ code: number }>;

/** The node groups of EKS in a state; a state without any has nothing to refresh. */
const nodeGroups = "**aws:eks/nodeGroup:NodeGroup::**";

/** Makes one stack what its file says; the exit code of what failed first, or 0. */
export async function applied(stack: string, engine: Engine): Promise<number> {
  // A new range takes the number of nodes along that the state knows (pulumi/pulumi-aws issue 2524): let it be the living one.
  const refresh = ["refresh", "--yes", "--skip-preview", "--target", nodeGroups];
  const told = ["--suppress-outputs", "--diff=false", "--stack", stack];
  const { code } = await engine([...refresh, ...told]);
  if (code !== 0) return code;
  return (await engine(["up", "--yes", ...told])).code;
}
