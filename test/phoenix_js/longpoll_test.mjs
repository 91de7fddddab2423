// The official clients over long polls: through a balancer that sends each
// request to the next of two edges.
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";

import {Balancer} from "../support/balancer.mjs";
import {MuteProxy} from "../support/mute_proxy.mjs";
import {Servers, eventually} from "../support/servers.mjs";
import {channelScenarios} from "./channel_scenarios.mjs";
import {Client, VERSIONS, answer, collect, echoes, longPollOf, rejoined,
  useXMLHttpRequest} from "./client.mjs";

useXMLHttpRequest();

// So short that lost clients are missed soon.
process.env.AERIE_BROKER_LIMITS_POLL_WINDOW = "2s";
const servers = new Servers("longpoll_test");
const balancer = new Balancer("longpoll_test");
before(async () => {
  await servers.start();
  await servers.startSecondEdge();
  await balancer.start([servers.edge, servers.second]);
});
after(async () => {
  await balancer.stop();
  await servers.stop();
});

const port = () => balancer.port;

for (const version of VERSIONS) {
  channelScenarios(version, {
    port,
    options: {transport: longPollOf(version)},
    // Older ones go on in the new session as if it were the old one.
    disconnected: version.name === "1.8" ? 3410 : null,
    heartbeats: false,
    binary: false,
  });
}

let topics = 0;
const fresh = () => `room:lp-${topics += 1}`;

describe("two edges behind a balancer", () => {
  const version = VERSIONS[0];
  const clients = [];
  const client = (options) => {
    const made = new Client(version, port(), options);
    clients.push(made);
    return made.open();
  };
  afterEach(() => clients.splice(0).forEach((each) => each.close()));

  test("both edges serve the requests of one session", async () => {
    const before = await Promise.all(
      [servers.edge, servers.second].map(
        (edge) => edge.metric("aerie_edge_polls_total")));
    const one = await client({transport: longPollOf(version)});
    const channel = await one.join(fresh());
    for (let n = 0; n < 6; n += 1) await echoes(channel);
    for (const [n, edge] of [servers.edge, servers.second].entries()) {
      await eventually("polls of both edges", async () =>
        await edge.metric("aerie_edge_polls_total") > before[n]);
    }
    assert.equal(one.opens, 1);
  });

  test("an edge that is restarted costs the client no message", async () => {
    const topic = fresh();
    const poller = await client({transport: longPollOf(version)});
    const listener = await poller.join(topic);
    const heard = collect(listener, "bc");
    // The publisher stays on the edge that stays.
    const publisher = new Client(version, servers.edgePort);
    clients.push(publisher);
    await publisher.open();
    const source = await publisher.join(topic);
    let sent = 0;
    const publish = setInterval(() => {
      source.push("bcast", {n: sent});
      sent += 1;
    }, 10);
    try {
      await eventually("some broadcasts", () => heard.length > 20);
      servers.second.signal("SIGTERM");
      await servers.second.exited;
      await eventually("more broadcasts", () => heard.length > 100);
      await servers.second.start();
      await servers.second.ready();
      await eventually("even more broadcasts", () => heard.length > 200);
    } finally {
      clearInterval(publish);
    }
    assert.equal(poller.opens, 1);
    await answer(source.push("bcast", {n: -1}));
    await eventually("the last broadcast", () => heard.at(-1)[1].n === -1);
    assert.deepEqual(heard.slice(0, -1).map(([, {n}]) => n),
      Array.from({length: sent}, (_, n) => n));
    assert.equal(poller.opens, 1);
  });

  test("an edge that dies costs at most a new session", async () => {
    const poller = await client({transport: longPollOf(version)});
    const channel = await poller.join(fresh());
    await servers.second.kill();
    await eventually("an echo", async () => {
      const {status} = await answer(channel.push("echo", {n: 1}, 1_000));
      return status === "ok";
    });
    await servers.second.start();
    await servers.second.ready();
    await echoes(channel);
  });

  test("a broker that dies and returns is found again", async () => {
    const poller = await client({transport: longPollOf(version)});
    const channel = await poller.join(fresh());
    const back = rejoined(channel);
    await servers.broker.kill();
    await servers.startBroker();
    await back;
    await echoes(channel);
    assert.ok(poller.opens > 1);
  });
});

describe("behind a proxy that breaks WebSockets", () => {
  const version = VERSIONS[0];
  let one = null;
  afterEach(() => one.close());

  async function fallsBackBehind(proxy) {
    one = new Client(version, proxy.port, {
      longPollFallbackMs: 300,
      // What a browser keeps.
      sessionStorage: {getItem: () => null, setItem: () => undefined},
    });
    await one.open();
    const channel = await one.join(fresh());
    await echoes(channel);
    assert.ok(one.socket.transport === longPollOf(version));
  }

  test("the client falls back when none can be opened", async (t) => {
    const breaker = new Balancer("breaks_websockets", {breaksWebSockets: true});
    t.after(() => breaker.stop());
    await breaker.start([servers.edge, servers.second]);
    await fallsBackBehind(breaker);
  });

  test("the client falls back when nothing follows the upgrade", async (t) => {
    const mute = new MuteProxy();
    t.after(() => mute.stop());
    await mute.start(balancer.port);
    await fallsBackBehind(mute);
    assert.ok(mute.upgrades > 0);
  });
});
