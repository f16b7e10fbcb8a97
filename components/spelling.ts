/** Number of letters to change, add, drop or swap to get from one word to the other. */
function distance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= from.length; row++) {
    rows.push([row]);
    for (let column = 1; column <= to.length; column++) {
      const change = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped =
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + change,
          swapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(from.length, to.length);
}

/** The known word that was probably meant; undefined if none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const [best] = known
    .map((candidate) => ({
      candidate,
      apart: distance(plain(word), plain(candidate)),
      // `gpu` is as far from `cpu` as from `gpus`, and never means it.
      begun: plain(candidate).startsWith(plain(word)),
    }))
    .filter(({ candidate, apart }) => apart <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => Number(b.begun) - Number(a.begun) || a.apart - b.apart);
  return best?.candidate;
}

/** What to do about a word that is none of the known ones: take the nearest, or else something other. */
export function meantOr(word: string, known: readonly string[], other: string): string {
  const meant = nearest(word, known);
  return meant ? `did you mean "${meant}"?` : other;
}
