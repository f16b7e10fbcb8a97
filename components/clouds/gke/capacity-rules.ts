import type { CapacityType, ReservedCapacity } from "../managed";
import type { Problem } from "../../problem";

/** Why a capacity type's nodes cannot be placed close to each other by a policy that GKE makes for them. */
export function placementProblems(path: Problem["path"], { kind }: CapacityType): Problem[] {
  if (kind !== "flex-start" && kind !== "reserved") return [];
  return [
    {
      path,
      problem:
        kind === "reserved"
          ? "a reservation takes nodes of its own placement policy, not of the one that GKE makes for network: compact"
          : "GKE places flex-start nodes of no machine that network: compact takes",
      found: JSON.stringify(kind),
      allowed: "spot, on-demand, with network: compact",
      fix: "remove this capacity type, or remove network and name one zone",
    },
  ];
}

/** What of a reservation is not a name: the parts of a path have keys of their own. */
export function reservationProblems(path: Problem["path"], type: ReservedCapacity): Problem[] {
  const { reservation, reservationBlock } = type;
  const parts = /^(?:projects\/([^/]+)\/reservations\/)?([^/]+)(?:\/reservationBlocks\/([^/]+))?$/;
  const [, project, name, block] = parts.exec(reservation) ?? [];
  const meant = [
    `reserved: ${name ?? "NAME"}`,
    ...(project === undefined ? [] : [`project: ${project}`]),
    ...(block === undefined ? [] : [`reservationBlock: ${block}`]),
    `zone: ${type.zone ?? "ZONE"}`,
  ];
  const fault = {
    path,
    problem: "not the name of a reservation",
    found: JSON.stringify(reservation),
  };
  return [
    ...(resourceName.test(reservation)
      ? []
      : [
          {
            ...fault,
            allowed:
              "1 to 63 of a-z, 0-9 and -; project and reservationBlock are keys of their own",
            fix: `write { ${meant.join(", ")} }`,
          },
        ]),
    ...(reservationBlock === undefined || resourceName.test(reservationBlock)
      ? []
      : [
          {
            path: [...path, "reservationBlock"],
            problem: "not the name of a block",
            found: JSON.stringify(reservationBlock),
            allowed: "1 to 63 of a-z, 0-9 and -",
            fix: "write the block's name alone, as gcloud compute reservations blocks list shows it",
          },
        ]),
  ];
}

/** Names of resources of Compute Engine's. */
const resourceName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Machines that Google's lists offer in other ways than on demand. */
export function onDemandProblems(
  path: Problem["path"],
  { kind }: CapacityType,
  machine: string,
): Problem[] {
  if (kind !== "on-demand" || !/^(a3-ultragpu|a4)-/.test(machine)) return [];
  return [
    {
      path,
      problem: `Google lists reservations, flex-start and spot as the ways to ${machine}`,
      found: JSON.stringify(kind),
      allowed: "{ reserved }, flex-start, spot",
      fix: "add one of these, or ask Google whether your project gets them on demand",
      warning: true,
    },
  ];
}
