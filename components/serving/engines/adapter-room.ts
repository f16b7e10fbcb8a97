import type { Adapters } from "../../../catalog/adapters";
import type { Problem } from "../../problem";
import type { Engine } from "./engine";
import { passedOptions, passedValue } from "./passed-arguments";

/** What an engine keeps room for with so many adapters, as far as the entry's arguments do not say otherwise. */
export function adapterRoom(
  { reading, room, adapterSlots = (adapters) => adapters }: Engine,
  adapters: number,
  engineArgs?: readonly string[],
): Adapters {
  const said = (argument?: string) => argument && passedValue(engineArgs, argument, reading);
  const [slots, rank] = [Number(said(room?.slots)), Number(said(room?.rank))];
  return { count: slots > 0 ? slots : adapterSlots(adapters), ...(rank > 0 && { rank }) };
}

/** Slots and ranks that an engine does not take. */
export function roomProblems(
  { reading, room }: Pick<Engine, "reading" | "room">,
  engineArgs?: readonly string[],
): Problem[] {
  if (!room) return [];
  return passedOptions(engineArgs, reading).flatMap(({ name, option, place, value = "" }) => {
    const ranks = option === room.rank ? room.ranks : undefined;
    if (option !== room.slots && option !== room.rank) return [];
    const isWhole = /^[1-9]\d*$/.test(value);
    if (isWhole && (ranks?.includes(Number(value)) ?? true)) return [];
    const allowed = ranks?.join(", ") ?? "a whole number from 1 up";
    return [
      {
        ...{ path: ["engineArgs", place], allowed },
        problem: `not a value of ${option}`,
        found: value === "" || value.startsWith("--") ? `"${name}" without one` : `"${value}"`,
        fix: `write ["${option}", "<value>"] with one of those, or remove it`,
      },
    ];
  });
}
