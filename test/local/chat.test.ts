import assert from "node:assert/strict";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { chat, chatCommand, chatRequest } from "../../local/chat";
import { listening } from "../support/port";

describe("a chat answer of the local cluster", () => {
  /** Parts of the next answer, and the milliseconds before each of them. */
  let parts: [wait: number, text: string][] = [];
  let status = 200;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const read = async () => {
      let body = "";
      for await (const part of request) body += String(part);
      asked.push(`${request.url} ${body}`);
      response.writeHead(status, { "Content-Type": "text/event-stream" });
      for (const [wait, text] of parts) {
        await sleep(wait);
        response.write(text);
      }
      response.end();
    };
    void read();
  });
  let url = "";
  before(async () => {
    url = `http://127.0.0.1:${await listening(server)}`;
  });
  after(() => server.close());
  beforeEach(() => {
    status = 200;
    asked.length = 0;
  });

  it("is put together from its pieces, wherever the network cuts them", async () => {
    const role = '{"choices":[{"delta":{"role":"assistant","content":null}}]}';
    const say = (content: string) => `data: {"choices":[{"delta":{"content":"${content}"}}]}\n\n`;
    const end = `data: {"choices":[{"delta":{}}],"timings":{"predicted_per_second":45.5}}\n\n`;
    const text = say("Par");
    parts = [
      [0, `data: ${role}\n\n`],
      [60, text.slice(0, 20)],
      [20, text.slice(20) + say("is.") + end],
      [200, "data: [DONE]\n\n"],
    ];
    const begin = performance.now();
    const { answer, firstToken, perSecond } = await chat(url, 5_000);
    const whole = (performance.now() - begin) / 1000;
    assert.deepEqual([answer, perSecond], ["Paris.", 45.5]);
    // The last part comes 0.2 s after the first word, however busy the machine is.
    assert.ok(firstToken > 0.07 && firstToken < whole - 0.15, `${firstToken} s of ${whole} s`);
    assert.deepEqual(asked, [`/v1/chat/completions ${chatRequest}`]);
  });

  it("is missing where a server says that it cannot, or says nothing", async () => {
    status = 503;
    await assert.rejects(chat(url, 5_000), /it says 503/);
    status = 200;
    parts = [[0, "data: [DONE]\n\n"]];
    await assert.rejects(chat(url, 5_000), /its answer is empty/);
  });

  it("can be asked for with the command that is printed", () => {
    assert.equal(
      chatCommand("http://127.0.0.9"),
      `curl -N http://127.0.0.9/v1/chat/completions -H 'Content-Type: application/json' -d '{"messages":[{"role":"user","content":"What is the capital of France? Answer in one sentence."}],"temperature":0,"stream":true}'`,
    );
  });
});
