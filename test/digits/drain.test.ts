import assert from "node:assert/strict";
import { onceTrained, type Trained } from "./python";
import { Client, json, prediction, request, Server } from "./server";

describe("the digits server, told to stop", function () {
  let ready: Trained;
  let server: Server;
  before(onceTrained((made) => void (ready = made)));
  const start = async (settings?: Record<string, string>) => {
    server = await Server.healthy(ready, settings);
  };
  afterEach(async () => server?.destroy());

  const connected = (count: number) =>
    Promise.all(Array.from({ length: count }, () => Client.connect(server.port)));

  /** Resolves when the server has heard SIGTERM. */
  const told = async (client: Client) => {
    server.kill("SIGTERM");
    for (;;) {
      client.send(request("GET /healthz", ""));
      const answer = await client.answer();
      // An answer that was under way when the signal came may be a 200 that ends the connection.
      if (answer.headers.connection === "close") return;
    }
  };

  it("exits with code 0", async () => {
    await start();
    server.kill("SIGTERM");
    const { code, stdout, stderr } = await server.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /"event": "draining".*\n.*"event": "stopped", "cut_off": 0\}\n$/);
  });

  it("finishes the request that is being sent, says that the connection ends, and exits with code 0", async () => {
    await start();
    const slow = await Client.connect(server.port);
    slow.send(prediction.subarray(0, 80));
    const [probe, idle] = await Promise.all([
      Client.connect(server.port),
      Client.connect(server.port),
    ]);
    await told(probe);
    idle.send(request("GET /healthz", ""));
    const draining = await idle.answer();
    assert.deepEqual([draining.status, draining.headers.connection], [503, "close"]);
    assert.deepEqual(json(draining), { status: "draining" });

    slow.send(prediction.subarray(80));
    const answer = await slow.answer();
    assert.equal(answer.status, 200);
    assert.equal(json(answer).digit, 7);
    assert.equal(answer.headers.connection, "close");
    await slow.closed();
    assert.equal((await server.ended).code, 0);
  });

  it("still answers the next request of connections that were open, idle or new", async () => {
    await start();
    const clients = await connected(40);
    const [used, ...fresh] = clients;
    assert.ok(used);
    used.send(prediction);
    assert.equal((await used.answer()).headers.connection, undefined);

    const probe = await Client.connect(server.port);
    await told(probe);
    for (const client of [used, ...fresh]) client.send(prediction);
    for (const client of [used, ...fresh]) {
      const answer = await client.answer();
      assert.deepEqual([answer.status, answer.headers.connection], [200, "close"]);
    }
    assert.equal((await server.ended).code, 0);
  });

  it("answers the clients that had connected and were not yet accepted", async () => {
    await start();
    server.kill("SIGSTOP");
    const clients = await connected(40);
    for (const client of clients) client.send(prediction);
    server.kill("SIGTERM");
    server.kill("SIGCONT");
    for (const client of clients) assert.equal((await client.answer()).status, 200);
    assert.equal((await server.ended).code, 0);
  });

  it("takes no new connections and closes idle ones, so that it ends long before its time is up", async () => {
    await start({ DRAIN_SECONDS: "600" });
    const idle = await Client.connect(server.port);
    const probe = await Client.connect(server.port);
    await told(probe);
    await idle.closed();
    await assert.rejects(Client.connect(server.port), /ECONNREFUSED/);
    assert.equal((await server.ended).code, 0);
  });

  it("cuts off what is unfinished when its time is up, says how much that was, and exits with code 1", async () => {
    await start({ DRAIN_SECONDS: "1" });
    const slow = await Client.connect(server.port);
    slow.send(prediction.subarray(0, 80));
    server.kill("SIGTERM");
    const { code, stdout } = await server.ended;
    assert.equal(code, 1);
    assert.match(stdout, /"level": "error", "event": "stopped", "cut_off": 1\}\n$/);
  });
});
