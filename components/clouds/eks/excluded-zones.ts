/** Regions whose zones are not a, b, c; an empty list where accounts differ. General knowledge, no public table has it. */
const zoneLetters: Readonly<Record<string, readonly string[]>> = {
  "ap-northeast-1": ["a", "c", "d"],
  "ca-central-1": ["a", "b", "d"],
  // Each account sees two of three.
  "us-west-1": [],
};

/** The first three zones of a region on AWS by name; none where accounts differ. Known here, so that a preview asks no cloud. */
export function defaultZones(region: string): string[] {
  return (zoneLetters[region] ?? ["a", "b", "c"]).map((letter) => `${region}${letter}`);
}
