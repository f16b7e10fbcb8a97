import { setTimeout } from "node:timers/promises";
import { getClientTokenOutput } from "@pulumi/azure-native/authorization/getClientToken";
import { Registry } from "@pulumi/azure-native/containerregistry";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ImageRepository } from "../../cluster/cluster";
import { guid } from "./names";
import { grant, type Place } from "./place";

/**
 * Gives repositories of images in the cluster's own registry in Azure, which is made for the first of them and from which the nodes may
 * pull. It has no user of its own, only Entra identities.
 */
export function imageRepositories(
  name: string,
  place: Place,
  cluster: ManagedCluster,
): (image: string) => ImageRepository {
  let made: ImageRepository | undefined;
  return (image) => {
    made ??= makeRegistry(name, place, cluster);
    return { ...made, repository: pulumi.interpolate`${made.repository}/${image}` };
  };
}

function makeRegistry(name: string, place: Place, cluster: ManagedCluster): ImageRepository {
  const { resourceGroupName, location, tags, azureName, child } = place;
  const { loginServer, id } = new Registry(
    `${name}-images`,
    {
      ...{ resourceGroupName, location, tags },
      // Letters and digits that no other registry in the world has.
      registryName: pulumi
        .all([place.subscription, resourceGroupName])
        .apply(
          (where) => `${azureName.replace(/-/g, "").slice(0, 30)}${guid(...where).slice(0, 8)}`,
        ),
      sku: { name: "Standard" },
      adminUserEnabled: false,
      anonymousPullEnabled: false,
    },
    child,
  );
  const kubelet = cluster.identityProfile.apply((all) => all?.kubeletidentity?.objectId ?? "");
  const pulls = grant(`${name}-pulls`, place, { role: "AcrPull", principalId: kubelet, scope: id });
  const password = pulumi
    .all([loginServer, getClientTokenOutput({}, child).token])
    .apply(([server, token]) => (pulumi.runtime.isDryRun() ? "" : registryToken(server, token)));
  return {
    repository: loginServer,
    login: {
      address: loginServer,
      // The name that a registry takes for a token in place of a user (Microsoft Learn, "Authenticate with a registry").
      username: "00000000-0000-0000-0000-000000000000",
      password: pulumi.secret(password),
    },
    dependsOn: [pulls],
  };
}

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
