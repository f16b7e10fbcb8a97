import assert from "node:assert/strict";
import { trained } from "./python";
import { seven } from "../../local/sample-digit";
import { Client, request, Server } from "./server";

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
const is = (field: string, found: string, allowed: string): Refused => ({
  error: `${field} is ${found}; allowed: ${allowed}`,
  field,
  found,
  allowed,
});
const notJson = (cause: string): Refused => ({
  error: `the body is not JSON: ${cause}`,
  field: "body",
  allowed: `{"pixels": ${shape}}`,
});
const count = (numbers: number): Refused => ({
  error: `pixels has ${numbers} numbers; allowed: ${shape}`,
  field: "pixels",
  found: `${numbers} numbers`,
  allowed: shape,
});

/** What is sent to /predict, and the body of the answer with status 400. */
const bodies: [claim: string, body: string | Buffer, refused: Refused][] = [
  ["an empty body", "", notJson("Expecting value: line 1 column 1 (char 0)")],
  ["text", "seven", notJson("Expecting value: line 1 column 1 (char 0)")],
  ["half an object", '{"pixels"', notJson("Expecting ':' delimiter: line 1 column 10 (char 9)")],
  [
    "bytes that are no UTF-8",
    Buffer.from([0x22, 0xff, 0x22]),
    notJson("'utf-8' codec can't decode byte 0xff in position 1: invalid start byte"),
  ],
  ["NaN", withPixel(3, "NaN"), notJson("NaN is not JSON")],
  ["Infinity", withPixel(3, "-Infinity"), notJson("-Infinity is not JSON")],
  ["60,000 brackets", "[".repeat(60_000), notJson("nested too deeply")],
  ["a bare array", "[1, 2]", is("body", "[1, 2]", `an object {"pixels": ${shape}}`)],
  ["null", "null", is("body", "null", `an object {"pixels": ${shape}}`)],
  [
    "no pixels",
    "{}",
    {
      error: `pixels is missing; allowed: ${shape}`,
      field: "pixels",
      found: "nothing",
      allowed: shape,
    },
  ],
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

describe("the digits server refuses", function () {
  let server: Server;

  before(async function () {
    this.timeout(300_000);
    const ready = await trained();
    if (typeof ready === "string") return this.skip();
    server = await Server.start(ready);
    await server.health(200);
  });
  after(async () => server?.destroy());

  for (const [claim, body, refused] of bodies) {
    it(claim, async () => {
      const answer = await server.ask("POST /predict", body);
      assert.equal(answer.status, 400);
      assert.equal(answer.headers["content-type"], "application/json");
      assert.deepEqual(JSON.parse(answer.body), refused);
    });
  }

  /** What goes over the wire, and what comes back. */
  const requests: [claim: string, bytes: string, status: number, error: string][] = [
    [
      "a body above 64 KiB, without waiting for it",
      "POST /predict HTTP/1.1\r\nContent-Length: 65537\r\n\r\n",
      413,
      "the body has 65537 bytes; allowed: 65536 at most",
    ],
    [
      "a length of 50 digits",
      `POST /predict HTTP/1.1\r\nContent-Length: ${"9".repeat(50)}\r\n\r\n`,
      413,
      `the body has ${"9".repeat(50)} bytes; allowed: 65536 at most`,
    ],
    [
      "a large body that waits for leave to be sent",
      "POST /predict HTTP/1.1\r\nContent-Length: 65537\r\nExpect: 100-continue\r\n\r\n",
      413,
      "the body has 65537 bytes; allowed: 65536 at most",
    ],
    ["a body without a length", "POST /predict HTTP/1.1\r\n\r\n", 411, "Content-Length is missing"],
    [
      "a body in chunks",
      "POST /predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      411,
      "send the body with a Content-Length, not in chunks",
    ],
    [
      "a length that is no number",
      "POST /predict HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
      400,
      "Content-Length is -5; allowed: one whole number of bytes",
    ],
    ["what is not HTTP", "hello\r\n\r\n", 400, "Bad request syntax ('hello')"],
    [
      "a method nobody has heard of",
      "FETCH / HTTP/1.1\r\n\r\n",
      501,
      "Unsupported method ('FETCH')",
    ],
  ];
  for (const [claim, bytes, status, error] of requests) {
    it(`${claim}, and closes the connection`, async () => {
      const client = await Client.connect(server.port);
      client.send(bytes);
      const answer = await client.answer();
      assert.equal(answer.status, status);
      assert.equal((JSON.parse(answer.body) as Refused).error, error);
      assert.equal(answer.headers.connection, "close");
      client.close();
    });
  }

  it("a path it does not have", async () => {
    const answer = await server.ask("GET /predictions?of=7");
    assert.equal(answer.status, 404);
    const error = "no such path: /predictions; allowed: /predict, /healthz, /metrics";
    assert.deepEqual(JSON.parse(answer.body), { error });
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
      assert.deepEqual(JSON.parse(answer.body), { error });
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
    client.send(request("POST /predict", "{}"));
    assert.equal((await client.answer()).status, 400);
    client.send(request("PUT /predict", "ignored"));
    assert.equal((await client.answer()).status, 405);
    client.send(request("POST /predict", JSON.stringify({ pixels: seven })));
    assert.equal((await client.answer()).status, 200);
    client.close();
  });

  it("no client that waits for leave to send a small body", async () => {
    const client = await Client.connect(server.port);
    const body = JSON.stringify({ pixels: seven });
    client.send(
      `POST /predict HTTP/1.1\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    assert.equal((await client.answer()).status, 100);
    client.send(body);
    assert.equal((await client.answer()).status, 200);
    client.close();
  });
});
