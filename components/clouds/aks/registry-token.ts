import * as pulumi from "@pulumi/pulumi";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";

const exchanged = z.object({ refresh_token: z.string() });

/** Milliseconds between tries: the name of a registry that was made a moment ago is not known everywhere yet. */
const pauses = [500, 1000, 2000, 4000, 8000, 16_000, 32_000];

/**
 * A registry's token for an identity, given that identity's Entra token (`POST /oauth2/exchange`, as `az acr login` does).
 * A registry that cannot be reached is tried again for about a minute; one that says no is not.
 */
export async function registryToken(
  server: string,
  token: string,
  between: readonly number[] = pauses,
): Promise<string> {
  const [pause, ...rest] = between;
  const response = await exchange(server, token).catch((error: unknown) => {
    if (pause !== undefined) return undefined;
    throw new pulumi.RunError(
      `${server} cannot be reached (${cause(error)}): see that this machine can open HTTPS connections to it, then run the command again`,
    );
  });
  if (response === undefined) {
    await setTimeout(pause);
    return registryToken(server, token, rest);
  }
  const answer = exchanged.safeParse(await response.json().catch(() => undefined));
  if (!response.ok || !answer.success) {
    throw new pulumi.RunError(
      `${server} does not let this identity in (${response.status}): give it the role AcrPush on the registry, then run the command again`,
    );
  }
  return answer.data.refresh_token;
}

function exchange(server: string, token: string): Promise<Response> {
  return fetch(`https://${server}/oauth2/exchange`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "access_token",
      service: server,
      access_token: token,
    }),
    signal: AbortSignal.timeout(30_000),
  });
}

/** What fetch knows of a failure is in its cause. */
function cause(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  return cause instanceof Error ? cause.message : String(cause);
}
