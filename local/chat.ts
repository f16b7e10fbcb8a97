import { z } from "zod";

/** An answer of a language model, and how long it was waited for. */
export interface Chat {
  /** What it said. */
  answer: string;
  /** Seconds from the request to the first word. */
  firstToken: number;
  /** Tokens per second after the first, as the server counts them; undefined where it does not. */
  perSecond: number | undefined;
}

const question = "What is the capital of France? Answer in one sentence.";

/** The request that a start makes. With a temperature of 0 the answer is always the same one. */
export const chatRequest = JSON.stringify({
  messages: [{ role: "user", content: question }],
  temperature: 0,
  stream: true,
});

/** The command that makes the same request; `-N` prints each piece as it comes. */
export const chatCommand = (url: string) =>
  `curl -N ${url}/v1/chat/completions -H 'Content-Type: application/json' -d '${chatRequest}'`;

/** A piece of an answer that is streamed; llama.cpp tells its own speed in the last one. */
const piece = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).optional() })),
  timings: z.object({ predicted_per_second: z.number().optional() }).optional(),
});

/** Asks a server of the OpenAI API at this address and reads the answer as it is streamed. */
export async function chat(url: string, timeout: number): Promise<Chat> {
  const since = performance.now();
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: chatRequest,
    signal: AbortSignal.timeout(timeout),
  });
  if (!response.ok || response.body === null) throw new Error(`it says ${response.status}`);
  let firstToken: number | undefined;
  let perSecond: number | undefined;
  let answer = "";
  for await (const data of events(response.body)) {
    if (data === "[DONE]") break;
    const { choices, timings } = piece.parse(JSON.parse(data));
    const text = choices[0]?.delta?.content ?? "";
    if (text !== "") firstToken ??= (performance.now() - since) / 1000;
    answer += text;
    perSecond = timings?.predicted_per_second ?? perSecond;
  }
  if (firstToken === undefined) throw new Error("its answer is empty");
  return { answer: answer.trim(), firstToken, perSecond };
}

/** The data of server-sent events, one a line. */
async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const part of body) {
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: ")) yield line.slice("data: ".length);
  }
}
