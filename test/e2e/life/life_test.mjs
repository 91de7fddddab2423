// How the processes start, stop, die and come back.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, afterEach, before, describe, test} from "node:test";

import {Servers, eventually} from "../../support/servers.mjs";
import {Peer, httpGet, upgrade} from "./peer.mjs";

const WINDOW_MS = 2_000;

const servers = new Servers("life", {flags: [`--drain.window=${WINDOW_MS}ms`]});
before(() => servers.start());
after(() => servers.stop());

let peers = [];
const open = async (query) => {
  peers.push(await Peer.open(servers.edgePort, query));
  return peers.at(-1);
};
afterEach(() => {
  peers.forEach(({socket}) => socket.terminate());
  peers = [];
});

describe("the edge", () => {
  test("drains on SIGTERM: 1012 at a steady pace, then exit 0", async () => {
    for (let n = 0; n < 20; n += 1) {
      const peer = await open();
      if (n % 2 === 0) await peer.join("room:drain");
    }
    const start = Date.now();
    servers.edge.signal("SIGTERM");
    await eventually("a refusal",
      async () => await servers.edge.get("/readyz") === 503);
    const {status, headers} = await upgrade(servers.edgePort);
    assert.equal(status, 503);
    assert.ok(Number(headers["retry-after"]) > 0, headers["retry-after"]);

    const closed = await Promise.all(peers.map((peer) => peer.closed));
    assert.deepEqual(closed.map(({code}) => code), Array(20).fill(1012));
    const times = closed.map(({at}) => at - start).sort((a, b) => a - b);
    assert.ok(times[19] - times[0] > WINDOW_MS / 4, `all at once: ${times}`);
    assert.ok(times[10] < WINDOW_MS, `all at the end: ${times}`);
    assert.deepEqual(await servers.edge.exited, {code: 0, signal: null});
    await servers.startEdge();
  });

  test("exits at once on the second SIGTERM", async () => {
    await open();
    servers.edge.signal("SIGTERM");
    await eventually("the drain",
      async () => await servers.edge.get("/readyz") === 503);
    const start = Date.now();
    servers.edge.signal("SIGTERM");
    const {code, signal} = await servers.edge.exited;
    assert.ok(code === 143 || signal === "SIGTERM", `${code} ${signal}`);
    assert.ok(Date.now() - start < WINDOW_MS / 2);
    await servers.startEdge();
  });

  test("without sockets stops at once", async () => {
    const start = Date.now();
    servers.edge.signal("SIGTERM");
    assert.deepEqual(await servers.edge.exited, {code: 0, signal: null});
    assert.ok(Date.now() - start < WINDOW_MS);
    await servers.startEdge();
  });

  test("is live but not ready without a broker", async () => {
    await servers.broker.kill();
    await eventually("the edge to notice",
      async () => await servers.edge.get("/readyz") === 503);
    assert.equal(await servers.edge.get("/livez"), 200);
    const {status, headers} = await upgrade(servers.edgePort);
    assert.equal(status, 503);
    assert.ok(headers["retry-after"]);
    await servers.startBroker();
    await servers.edge.ready();
  });
});

describe("the broker", () => {
  test("drains on SIGTERM: channels end, sockets stay", async () => {
    const peer = await open();
    await peer.join("room:drain");
    servers.broker.signal("SIGTERM");
    await peer.hear("phx_error", ([, , , event]) => event === "phx_error");
    assert.deepEqual(await servers.broker.exited, {code: 0, signal: null});
    assert.equal((await peer.ask("phoenix", "heartbeat")).status, "ok");
    await servers.startBroker();
    await servers.edge.ready();
    await peer.rejoin("room:drain");
  });

  test("dies, and every socket resumes without a connect", async () => {
    for (let n = 0; n < 30; n += 1) {
      await (await open(`&id=users:${n}`)).join(`room:${n % 7}`);
    }
    await servers.broker.kill();
    await Promise.all(peers.map(async (peer) => {
      await peer.hear("phx_error", ([, , , event]) => event === "phx_error");
      assert.equal((await peer.ask("phoenix", "heartbeat")).status, "ok");
      const {response} = await peer.ask("room:1", "phx_join");
      assert.deepEqual(response, {reason: "unavailable"});
    }));
    await servers.startBroker();
    await servers.edge.ready();
    await Promise.all(peers.map(async (peer, n) => {
      await peer.rejoin(`room:${n % 7}`);
      const {response} = await peer.ask(`room:${n % 7}`, "whoami");
      assert.equal(response.id, `users:${n}`);
    }));
    assert.equal(
      await servers.broker.metric("aerie_broker_connects_total"), 0);
    await (await open()).join("room:new");
    assert.equal(
      await servers.broker.metric("aerie_broker_connects_total"), 1);
  });

  test("ends the channels of an edge that dies", async () => {
    const port = await servers.startSecondEdge();
    const watch = await Peer.open(port);
    peers.push(watch);
    await watch.join("room:watch");
    const peer = await open();
    await peer.join("room:dies-with-its-edge");
    await servers.edge.kill();
    const [, , , , told] = await watch.hear("the terminate",
      ([, , , event]) => event === "terminated");
    assert.deepEqual(told,
      {topic: "room:dies-with-its-edge", reason: "edge_lost"});
    await servers.stopSecondEdge();
    await servers.startEdge();
  });
});

describe("both", () => {
  const binaries = {
    edge: process.env.AERIE_EDGE,
    broker: process.env.AERIE_TEST_BROKER,
  };

  test("tell of themselves at the admin port", async () => {
    for (const server of [servers.edge, servers.broker]) {
      for (const page of ["/livez", "/readyz", "/metrics", "/buildinfo"]) {
        assert.equal((await httpGet(server.adminPort, page)).status, 200, page);
      }
      assert.ok(await server.metric(`aerie_${server.name}_build_info`) >= 1);
    }
  });

  test("refuse a configuration that makes no sense, by file and line", () => {
    const file = join(servers.directory, "bad.yaml");
    writeFileSync(file, "# A key that nobody knows:\nlisen: 127.0.0.1:0\n");
    for (const binary of Object.values(binaries)) {
      const {status, stderr} =
        spawnSync(binary, [`--config=${file}`], {encoding: "utf8"});
      assert.notEqual(status, 0);
      assert.match(stderr, /bad\.yaml:2/);
      assert.match(stderr, /listen/);
    }
  });

  test("check and print their configuration", () => {
    for (const server of [servers.edge, servers.broker]) {
      const config = `--config=${server.configFile}`;
      for (const flag of ["--check-config", "--print-config"]) {
        const {status, stdout, stderr} =
          spawnSync(server.binary, [config, flag], {encoding: "utf8"});
        assert.equal(status, 0, stderr);
        if (flag === "--print-config") assert.match(stdout, /listen:/);
      }
    }
  });
});
