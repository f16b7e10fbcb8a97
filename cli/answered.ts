import { setTimeout as sleep } from "node:timers/promises";
import { NoAnswer } from "../rollouts/ask";

/** A cluster's answer; the question is asked again until it is there, is refused, or its time is over. `wait` tells why, once. */
export async function answered<T>(
  question: () => Promise<T>,
  { interval, patience }: { interval: number; patience: number },
  wait: (why: string) => void,
): Promise<T> {
  const end = Date.now() + patience;
  for (let times = 0; ; times++) {
    try {
      return await question();
    } catch (error) {
      const may = error instanceof NoAnswer && !error.refused && Date.now() < end;
      if (!may) throw error;
      if (times === 0) wait(error.message);
      await sleep(interval);
    }
  }
}
