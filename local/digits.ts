/** A handwritten 7 of the data set that the example's model is trained on, eight rows of eight pixels from 0 to 16. */
export const seven = [
  ...[0, 0, 7, 8, 13, 16, 15, 1],
  ...[0, 0, 7, 7, 4, 11, 12, 0],
  ...[0, 0, 0, 0, 8, 13, 1, 0],
  ...[0, 4, 8, 8, 15, 15, 6, 0],
  ...[0, 2, 11, 15, 15, 4, 0, 0],
  ...[0, 0, 0, 16, 5, 0, 0, 0],
  ...[0, 0, 9, 15, 1, 0, 0, 0],
  ...[0, 0, 13, 5, 0, 0, 0, 0],
];
const body = JSON.stringify({ pixels: seven });

/** The command that asks the example's model at this address for the digit. */
export const digitCommand = (url: string) =>
  `curl ${url}/predict -H 'Content-Type: application/json' -d '${body}'`;

/** Asks the same, and returns what comes back. */
export async function askForDigit(url: string, timeout: number): Promise<string> {
  const response = await fetch(`${url}/predict`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
    signal: AbortSignal.timeout(timeout),
  });
  if (!response.ok) throw new Error(`it says ${response.status}`);
  return (await response.text()).trim();
}
