import assert from "node:assert/strict";
import { seven } from "../../local/digits";
import { onceTrained } from "./python";
import { Client, json, prediction, request, Server } from "./server";

const shape = "an array of 64 numbers from 0 to 16, row by row";
const number = "a number from 0 to 16";

/** Seven with one number replaced, as JSON. */
const withPixel = (index: number, value: string) =>
  `{"pixels": [${seven.map((pixel, at) => (at === index ? value : pixel)).join(", ")}]}`;

interface Refused {
  error: string;
  field: string;
  found?: string;
  allowed: string;
}
const refused = (field: string, found: string, allowed: string, words: string): Refused => ({
  ...{ error: `${field} ${words}; allowed: ${allowed}`, field, found, allowed },
});
const is = (field: string, found: string, allowed: string) =>
  refused(field, found, allowed, `is ${found}`);
const count = (numbers: number) =>
  refused("pixels", `${numbers} numbers`, shape, `has ${numbers} numbers`);
const notJson = (cause: string): Refused => ({
  ...{ error: `the body is not JSON: ${cause}`, field: "body", allowed: `{"pixels": ${shape}}` },
});
const notUtf8 = "'utf-8' codec can't decode byte 0xff in position 1: invalid start byte";
const nothing = notJson("Expecting value: line 1 column 1 (char 0)");

/** What is sent to /predict, and the body of the answer with status 400. */
const bodies: [claim: string, body: string | Buffer, refused: Refused][] = [
  ["an empty body", "", nothing],
  ["text", "seven", nothing],
  ["half an object", '{"pixels"', notJson("Expecting ':' delimiter: line 1 column 10 (char 9)")],
  ["bytes that are no UTF-8", Buffer.from([0x22, 0xff, 0x22]), notJson(notUtf8)],
  ["NaN", withPixel(3, "NaN"), notJson("NaN is not JSON")],
  ["Infinity", withPixel(3, "-Infinity"), notJson("-Infinity is not JSON")],
  ["60,000 brackets", "[".repeat(60_000), notJson("nested too deeply")],
  ["a bare array", "[1, 2]", is("body", "[1, 2]", `an object {"pixels": ${shape}}`)],
  ["null", "null", is("body", "null", `an object {"pixels": ${shape}}`)],
  ["no pixels", "{}", refused("pixels", "nothing", shape, "is missing")],
  [
    "a field it does not know",
    `{"pixels": ${JSON.stringify(seven)}, "image": "x"}`,
    is("image", '"x"', "no other field than pixels"),
  ],
  ["pixels that are text", '{"pixels": "0"}', is("pixels", '"0"', shape)],
  ["pixels that are null", '{"pixels": null}', is("pixels", "null", shape)],
  ["no numbers", '{"pixels": []}', count(0)],
  ["63 numbers", JSON.stringify({ pixels: seven.slice(1) }), count(63)],
  ["65 numbers", JSON.stringify({ pixels: [...seven, 0] }), count(65)],
  ["an image of rows", `{"pixels": [${"[0,0,0,0,0,0,0,0],".repeat(8).slice(0, -1)}]}`, count(8)],
  ["a number above 16", withPixel(3, "16.1"), is("pixels[3]", "16.1", number)],
  ["a number below 0", withPixel(0, "-1"), is("pixels[0]", "-1", number)],
  ["a number in quotes", withPixel(63, '"5"'), is("pixels[63]", '"5"', number)],
  ["true", withPixel(1, "true"), is("pixels[1]", "true", number)],
  ["null among the numbers", withPixel(2, "null"), is("pixels[2]", "null", number)],
  [
    "a number of 1,000 digits",
    withPixel(2, "9".repeat(1000)),
    is("pixels[2]", `${"9".repeat(60)}...`, number),
  ],
];

const post = (head: string) => `POST /predict HTTP/1.1\r\n${head}\r\n\r\n`;
const tooLong = (bytes: string) => `the body has ${bytes} bytes; allowed: 65536 at most`;
const digits = "9".repeat(50);
const waits = "Content-Length: 65537\r\nExpect: 100-continue";
const inChunks = "send the body with a Content-Length, not in chunks";
const noNumber = "Content-Length is -5; allowed: one whole number of bytes";

/** What goes over the wire, and what comes back before the connection is closed. */
const requests: [claim: string, bytes: string, status: number, error: string][] = [
  ["a body above 64 KiB, unseen", post("Content-Length: 65537"), 413, tooLong("65537")],
  ["a length of 50 digits", post(`Content-Length: ${digits}`), 413, tooLong(digits)],
  ["a large body that waits for leave to be sent", post(waits), 413, tooLong("65537")],
  ["a body without a length", post("Host: x"), 411, "Content-Length is missing"],
  ["a body in chunks", post("Transfer-Encoding: chunked\r\n\r\n0"), 411, inChunks],
  ["a length that is no number", post("Content-Length: -5"), 400, noNumber],
  ["what is not HTTP", "hello\r\n\r\n", 400, "Bad request syntax ('hello')"],
  ["a method nobody knows", "FETCH / HTTP/1.1\r\n\r\n", 501, "Unsupported method ('FETCH')"],
];

describe("the digits server refuses", function () {
  let server: Server;

  before(
    onceTrained(async (ready) => {
      server = await Server.healthy(ready);
    }),
  );
  after(async () => server?.destroy());

  for (const [claim, body, refused] of bodies) {
    it(claim, async () => {
      const answer = await server.ask("POST /predict", body);
      assert.deepEqual([answer.status, answer.headers["content-type"]], [400, "application/json"]);
      assert.deepEqual(json(answer), refused);
    });
  }

  for (const [claim, bytes, status, error] of requests) {
    it(`${claim}, and closes the connection`, async () => {
      const client = await Client.connect(server.port);
      client.send(bytes);
      const answer = await client.answer();
      assert.deepEqual([answer.status, json(answer).error], [status, error]);
      assert.equal(answer.headers.connection, "close");
      client.close();
    });
  }

  it("a path it does not have", async () => {
    const answer = await server.ask("GET /predictions?of=7");
    assert.equal(answer.status, 404);
    const error = "no such path: /predictions; allowed: /predict, /healthz, /metrics";
    assert.deepEqual(json(answer), { error });
  });

  it("a method that the path does not take, and says which it takes", async () => {
    for (const [line, allow] of [
      ["GET /predict", "POST"],
      ["POST /healthz", "GET, HEAD"],
      ["DELETE /metrics", "GET, HEAD"],
    ] as const) {
      const [method, path] = line.split(" ");
      const answer = await server.ask(line, "");
      assert.deepEqual([answer.status, answer.headers.allow], [405, allow]);
      const error = `${path} does not take ${method}; allowed: ${allow}`;
      assert.deepEqual(json(answer), { error });
    }
  });

  it("a body that is too large without resetting the connection, so that the answer arrives", async () => {
    const client = await Client.connect(server.port);
    await client.sendAll(request("POST /predict", Buffer.alloc(16 << 20)));
    assert.equal((await client.answer()).status, 413);
    client.close();
  });

  it("nothing after a request that it refused on the same connection", async () => {
    const client = await Client.connect(server.port);
    for (const [bytes, status] of [
      [request("POST /predict", "{}"), 400],
      [request("PUT /predict", "ignored"), 405],
      [prediction, 200],
    ] as const) {
      client.send(bytes);
      assert.equal((await client.answer()).status, status);
    }
    client.close();
  });

  it("no client that waits for leave to send a small body", async () => {
    const client = await Client.connect(server.port);
    const end = prediction.indexOf("\r\n\r\n");
    client.send(`${prediction.toString("utf8", 0, end)}\r\nExpect: 100-continue\r\n\r\n`);
    assert.equal((await client.answer()).status, 100);
    client.send(prediction.subarray(end + 4));
    assert.equal((await client.answer()).status, 200);
    client.close();
  });
});
