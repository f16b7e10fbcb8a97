/** Thousandths of a core in a CPU quantity as Kubernetes stores it. */
export function millicores(text: string): number {
  return text.endsWith("m") ? Number(text.slice(0, -1)) : Number(text) * 1000;
}
