/** Bytes of an amount of memory. */
export function bytes(text: string): number {
  const [, amount = "0", letter = "", binary] = /^([\d.]+)([KkMGT]?)(i?)$/.exec(text) ?? [];
  return (
    Number(amount) *
    (binary ? 1024 : 1000) ** ["", "K", "M", "G", "T"].indexOf(letter.toUpperCase())
  );
}
