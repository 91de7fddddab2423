// What becomes of the official clients when a process dies.
import assert from "node:assert/strict";
import {after, afterEach, before, describe, test} from "node:test";

import {Servers} from "../support/servers.mjs";
import {Client, VERSIONS, answer, closed, echoes, errored, next, rejoined}
  from "./client.mjs";

const servers = new Servers("reconnect_test");
before(() => servers.start());
after(() => servers.stop());

let topics = 0;
const fresh = (manner = "any") => `room:${manner}-${topics += 1}`;

for (const version of VERSIONS) {
  describe(`phoenix ${version.name}`, () => {
    let client = null;
    afterEach(() => client.close());

    test("an edge that dies and returns is found again", async () => {
      client = await new Client(version, servers.edgePort).open();
      const channels =
        [await client.join(fresh()), await client.join(fresh())];
      const lost = channels.map(errored);
      await servers.edge.kill();
      await Promise.all(lost);
      const late = answer(channels[0].push("echo", {kept: true}, 20_000));
      const back = channels.map(rejoined);
      await servers.startEdge();
      await Promise.all(back);
      assert.deepEqual(await late, {status: "ok", response: {kept: true}});
      for (const channel of channels) await echoes(channel);
      assert.equal(client.opens, 2);
    });

    test("a broker that dies and returns costs no connection", async () => {
      client = await new Client(version, servers.edgePort).open();
      const channels =
        [await client.join(fresh()), await client.join(fresh())];
      const lost = channels.map(errored);
      await servers.broker.kill();
      await Promise.all(lost);
      assert.equal(client.socket.isConnected(), true);
      const back = channels.map(rejoined);
      await servers.startBroker();
      await Promise.all(back);
      for (const channel of channels) await echoes(channel);
      assert.equal(client.opens, 1);
      assert.deepEqual(client.closeCodes, []);
    });

    test("without a broker a join is unavailable, a leave is not", async () => {
      client = await new Client(version, servers.edgePort).open();
      const joined = await client.join(fresh());
      const lost = errored(joined);
      await servers.broker.kill();
      await lost;
      const end = closed(joined);
      joined.leave();
      await end;
      const channel = client.channel(fresh());
      assert.deepEqual(await answer(channel.join()),
        {status: "error", response: {reason: "unavailable"}});
      const back = version.retriesJoin ? rejoined(channel) : null;
      await servers.startBroker();
      await servers.edge.ready();
      await back;
      await echoes(back ? channel : await client.join(fresh()));
    });

    test("channels of a dead edge are ended", async () => {
      client = await new Client(version, servers.edgePort).open();
      const topic = fresh();
      await client.join(topic);
      const watch = new Client(version, await servers.startSecondEdge());
      try {
        await watch.open();
        const told = next(await watch.join(fresh("watch")), "terminated");
        await servers.edge.kill();
        assert.deepEqual(await told, {topic, reason: "edge_lost"});
      } finally {
        watch.close();
        await servers.stopSecondEdge();
        await servers.startEdge();
      }
    });
  });
}
