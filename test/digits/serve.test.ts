import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suiteFolder } from "../support/folder";
import { onceTrained, type Trained } from "./python";
import { Client, json, patience, prediction, request, Server } from "./server";

describe("the digits server", function () {
  const folder = suiteFolder();
  let ready: Trained;
  let server: Server;

  before(
    onceTrained(async (made) => {
      ready = made;
      server = await Server.healthy(made);
    }),
  );
  after(async () => server?.destroy());

  it("recognises a seven, is sure of it, and names its model and its version", async () => {
    const answer = await server.predict();
    assert.equal(answer.status, 200);
    const { digit, confidence, model, version, ...more } = json(answer);
    assert.deepEqual({ digit, version, more }, { digit: 7, version: "v1", more: {} });
    assert.ok(Number(confidence) > 0.9 && Number(confidence) <= 1, String(confidence));
    assert.match(String(model), /^[0-9a-f]{12}$/);
  });

  it("writes its log into LOG_FILE, too, where there is one", async () => {
    const file = join(folder, "server.log");
    const logging = await Server.healthy(ready, { LOG_FILE: file });
    try {
      await logging.predict();
      logging.kill("SIGTERM");
      const { stdout } = await logging.ended;
      assert.match(stdout, /"event": "request".*"path": "\/predict"/);
      assert.equal(readFileSync(file, "utf8"), stdout);
    } finally {
      await logging.destroy();
    }
  });

  it("answers one request after the other on one connection, also when they come at once", async () => {
    const client = await Client.connect(server.port);
    client.send(Buffer.concat([prediction, request("GET /healthz", "")]));
    const first = await client.answer();
    assert.deepEqual([json(first).digit, first.headers.connection], [7, undefined]);
    assert.equal(json(await client.answer()).status, "ok");
    client.send(request("POST /predict", "{}"));
    assert.equal((await client.answer()).status, 400);
    client.close();
  });

  it("closes the connection of a client that asks for it, or speaks HTTP/1.0", async () => {
    for (const head of [
      "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
      "GET /healthz HTTP/1.0\r\n\r\n",
    ]) {
      const client = await Client.connect(server.port);
      client.send(head);
      assert.equal((await client.answer()).headers.connection, "close");
      await client.closed();
    }
  });

  it("answers HEAD like GET, without the body", async () => {
    const client = await Client.connect(server.port);
    client.send("HEAD /healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
    await client.closed();
    assert.match(
      client.text,
      /^HTTP\/1\.1 200 OK\r\n.*Content-Length: [1-9].*\r\n\r\nHTTP\/1\.1 200 OK\r\n/s,
    );
  });

  it("counts requests, times predictions and names its model in valid Prometheus text", async () => {
    const other = await Server.healthy(ready, { VERSION: 'v"2\\' });
    try {
      for (let sent = 0; sent < 3; sent++) assert.equal((await other.predict()).status, 200);
      await other.ask("POST /predict", "{}");
      await other.ask("GET /nowhere");
      const page = await other.ask("GET /metrics");
      assert.equal(page.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
      const { samples, types } = parse(page.body);
      assert.equal(samples.get('digits_requests_total{path="/predict",code="200"}'), 3);
      assert.equal(samples.get('digits_requests_total{path="/predict",code="400"}'), 1);
      assert.equal(samples.get('digits_requests_total{path="other",code="404"}'), 1);
      const named = (start: string) => [...samples].filter(([name]) => name.startsWith(start));
      const [info = [], ...others] = named("digits_model_info");
      assert.deepEqual(others, []);
      const labels = /^digits_model_info\{model="[0-9a-f]{12}",version="v\\"2\\\\"\}$/;
      assert.match(String(info[0]), labels);
      assert.deepEqual(Object.fromEntries(types), {
        digits_requests_total: "counter",
        digits_predict_duration_seconds: "histogram",
        digits_predict_in_flight: "gauge",
        digits_model_info: "gauge",
      });
      const buckets = named("digits_predict_duration_seconds_bucket");
      const counts = buckets.map(([, count]) => count);
      const rising = [...counts].sort((a, b) => a - b);
      assert.deepEqual(counts, rising);
      assert.equal(counts.at(-1), samples.get("digits_predict_duration_seconds_count"));
      assert.match(buckets.at(-1)?.[0] ?? "", /le="\+Inf"/);
    } finally {
      await other.destroy();
    }
  });

  it("counts a prediction as in flight until it is answered", async () => {
    const inFlight = async () =>
      parse((await server.ask("GET /metrics")).body).samples.get("digits_predict_in_flight");
    const until = async (count: number) => {
      const deadline = Date.now() + patience;
      while ((await inFlight()) !== count)
        assert.ok(Date.now() < deadline, `never ${count} in flight`);
    };
    await until(0);
    const client = await Client.connect(server.port);
    client.send(prediction.subarray(0, 80));
    await until(1);
    client.send(prediction.subarray(80));
    assert.equal((await client.answer()).status, 200);
    await until(0);
    client.close();
  });

  describe("before its model is loaded", () => {
    const pipe = join(folder, "slow.npz");
    let loading: Server;

    beforeEach(async () => {
      // Reading from a pipe waits for a writer, as reading from a slow volume waits.
      execFileSync("mkfifo", [pipe]);
      loading = await Server.start({ ...ready, model: pipe });
    });
    afterEach(async () => {
      await loading.destroy();
      rmSync(pipe);
    });

    it("is not healthy and asks to try again; then it is", async () => {
      const health = await loading.ask("GET /healthz");
      assert.deepEqual([health.status, json(health)], [503, { status: "loading" }]);
      const refused = await loading.predict();
      assert.deepEqual([refused.status, refused.headers["retry-after"]], [503, "1"]);
      await writeFile(pipe, readFileSync(ready.model));
      await loading.health();
      assert.equal((await loading.predict()).status, 200);
    });

    it("stops when it is told to", async () => {
      loading.kill("SIGTERM");
      assert.equal((await loading.ended).code, 0);
    });
  });

  describe("ends with one sentence and exit code 1", () => {
    const ends = async (settings: Record<string, string>, sentence: RegExp) => {
      const { code, stderr } = await (await Server.start(ready, settings)).ended;
      assert.equal(code, 1);
      assert.match(stderr, sentence);
    };
    const file = join(folder, "model.npz");

    it("when there is no model", () =>
      ends({ MODEL: "/no/model.npz" }, /^no model at \/no\/model\.npz: [^\n]+ with MODEL\n$/));

    it("when the file is no model", () => {
      writeFileSync(file, "weights");
      return ends({ MODEL: file }, /^\S+ is not a model that train\.py wrote: [^\n]+\n$/);
    });

    it("when the model is damaged", () => {
      const bytes = readFileSync(ready.model);
      // The arrays are not compressed: this is in the middle of the weights.
      bytes.writeUInt8(bytes.readUInt8(20_000) ^ 1, 20_000);
      writeFileSync(file, bytes);
      return ends({ MODEL: file }, /^[^\n]+; name a file that train\.py wrote with MODEL\n$/);
    });

    it("when LOG_FILE cannot be written", () =>
      ends({ LOG_FILE: "/no/log" }, /^cannot write to LOG_FILE \/no\/log: [^\n]+; name a file/));

    it("when PORT is no port", () =>
      ends({ PORT: "80OO" }, /^PORT is '80OO'; allowed: a whole number from 0 to 65535\n$/));

    it("when the port is taken", () =>
      ends({ PORT: `${server.port}` }, /^cannot listen on port \d+: [^\n]+ with PORT\n$/));
  });
});

/** The samples and types of a page in the Prometheus text format; throws at the first line that is not valid. */
function parse(page: string): { samples: Map<string, number>; types: Map<string, string> } {
  assert.ok(page.endsWith("\n"), "the last line has no end");
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  for (const line of page.slice(0, -1).split("\n")) {
    const [, kind, name = "", text = ""] = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? [];
    if (kind === "TYPE") types.set(name, text);
    if (kind !== undefined) continue;
    const label = String.raw`[a-z]+="(?:[^"\\]|\\["\\n])*"`;
    const sample = new RegExp(
      String.raw`^(([a-z_]+)(?:\{${label}(?:,${label})*\})?) ([0-9.e+-]+)$`,
    ).exec(line);
    assert.ok(sample, `not a sample: ${line}`);
    const [, series = "", family = "", value = ""] = sample;
    const base = family.replace(/_(bucket|sum|count)$/, "");
    assert.ok(types.has(family) || types.get(base) === "histogram", `no TYPE before ${line}`);
    assert.ok(!samples.has(series), `twice: ${series}`);
    samples.set(series, Number(value));
  }
  return { samples, types };
}
