// What users of the official clients rely on, whatever the transport.
import assert from "node:assert/strict";
import {afterEach, describe, test} from "node:test";

import {eventually} from "../support/servers.mjs";
import {Client, answer, closed, collect, echoes, errored, next, rejoined,
  within} from "./client.mjs";

let topics = 0;
// No test meets another's messages.
const fresh = (manner = "any") => `room:${manner}-${topics += 1}`;

// Tests of one version of the client. `port()` is where it connects; `options`
// are its socket's; `disconnected` is the close code that a disconnect leads to,
// or null when the client does not notice;
// `heartbeats` and `binary` say whether the transport has them.
export function channelScenarios(version, {port, options: common = {},
  disconnected = 1001, heartbeats = true, binary = true}) {
  describe(`phoenix ${version.name}`, () => {
    let clients = [];
    const client = (options) => {
      const made = new Client(version, port(), {...common, ...options});
      clients.push(made);
      return made.open();
    };
    afterEach(() => {
      clients.forEach((each) => each.close());
      clients = [];
    });

    test("join is answered with the channel's reply", async () => {
      const {socket} = await client();
      const channel = socket.channel(fresh(), {reply: {welcome: "Ada"}});
      assert.deepEqual(await answer(channel.join()),
        {status: "ok", response: {welcome: "Ada"}});
    });

    test("a refused join tells the reason", async () => {
      const {socket} = await client();
      const channel = socket.channel(fresh("deny"));
      const refused = await answer(channel.join());
      channel.leave();
      assert.deepEqual(refused,
        {status: "error", response: {reason: "denied"}});
    });

    test("a crashed join and an unknown topic are errors", async () => {
      const {socket} = await client();
      for (const [topic, reason] of [["room:crash", "join crashed"],
        ["nowhere:1", "unmatched topic"]]) {
        const channel = socket.channel(topic);
        const refused = await answer(channel.join());
        channel.leave();
        assert.deepEqual(refused, {status: "error", response: {reason}});
      }
    });

    test("a slow join is answered in the end", async () => {
      const channel = await (await client()).join(fresh("slow"));
      await echoes(channel);
    });

    test("a join without an answer times out and is left", async () => {
      const {socket} = await client();
      const channel = socket.channel(fresh("silent"));
      const {status} = await answer(channel.join(150));
      channel.leave();
      assert.equal(status, "timeout");
    });

    test("replies carry any status and payload", async () => {
      const channel = await (await client()).join(fresh());
      const payload = {
        text: "Grüße, 世界 \u{1f426} \"quoted\" \\ \u2028",
        numbers: [0, -1, 1.5, 1e21, 9007199254740991],
        nested: {list: [[], {}, null, true, false, ""]},
      };
      for (const [event, status] of [["echo", "ok"], ["fail", "error"],
        ["odd", "odd"]]) {
        assert.deepEqual(await answer(channel.push(event, payload)),
          {status, response: payload});
      }
    });

    test("a reply may come late, from elsewhere", async () => {
      const channel = await (await client()).join(fresh());
      const late = answer(channel.push("late", {n: 1}));
      await echoes(channel);
      assert.deepEqual(await late, {status: "ok", response: {n: 1}});
    });

    test("an event without an answer times out", async () => {
      const channel = await (await client()).join(fresh());
      const {status} = await answer(channel.push("quiet", {}, 150));
      assert.equal(status, "timeout");
      await echoes(channel);
    });

    test("pushes of the server arrive, before a later reply", async () => {
      const channel = await (await client()).join(fresh());
      const events = collect(channel, "pushed");
      await answer(channel.push("push_reply", {p: 1}));
      assert.deepEqual(events, [["pushed", {p: 1}]]);
    });

    test("what a join pushes comes after its reply", async () => {
      const {socket} = await client();
      const channel = socket.channel("room:after");
      const order = [];
      channel.on("after", (payload) => order.push(payload));
      channel.join().receive("ok", () => order.push("joined"));
      await next(channel, "after");
      assert.deepEqual(order, ["joined", {n: 1}]);
    });

    test("a broadcast reaches everybody in the topic", async () => {
      const [one, two] = [await client(), await client()];
      const topic = fresh();
      const channels = [await one.join(topic), await two.join(topic)];
      const bystander = collect(await two.join(fresh()), "bc");
      const heard = channels.map((channel) => next(channel, "bc"));
      await answer(channels[0].push("bcast", {m: 1}));
      assert.deepEqual(await Promise.all(heard), [{m: 1}, {m: 1}]);
      assert.deepEqual(bystander, []);
    });

    test("a broadcast from a channel skips its own client", async () => {
      const [one, two] = [await client(), await client()];
      const topic = fresh();
      const [sender, other] = [await one.join(topic), await two.join(topic)];
      const own = collect(sender, "bc");
      const heard = next(other, "bc");
      await answer(sender.push("bcast_from", {m: 2}));
      assert.deepEqual(await heard, {m: 2});
      await echoes(sender);
      assert.deepEqual(own, []);
    });

    test("an intercepted broadcast is rewritten for each", async () => {
      const [one, two] = [await client(), await client()];
      const topic = fresh();
      const channels = [await one.join(topic), await two.join(topic)];
      const plain = channels.map((channel) => collect(channel, "rewrite"));
      const heard = channels.map((channel) => next(channel, "rewritten"));
      await answer(channels[0].push("rewrite", {secret: true}));
      assert.deepEqual(await Promise.all(heard),
        [{secret: true}, {secret: true}]);
      assert.deepEqual(plain, [[], []]);
    });

    test("the built-in hosts relay and echo", async () => {
      const [one, two] = [await client(), await client()];
      const relay = [await one.join("relay:1"), await two.join("relay:1")];
      const heard = relay.map((channel) => next(channel, "hello"));
      const {status} = await answer(relay[0].push("hello", {from: "one"}));
      assert.equal(status, "ok");
      assert.deepEqual(await Promise.all(heard),
        [{from: "one"}, {from: "one"}]);
      assert.deepEqual(await answer(relay[0].push("presence_diff", {})),
        {status: "error", response: {reason: "reserved event"}});
      const echo = await one.join("echo:1");
      assert.deepEqual(await answer(echo.push("anything", {a: [1]})),
        {status: "ok", response: {a: [1]}});
    });

    test("topics of one socket do not mix", async () => {
      const one = await client();
      const channels = [await one.join(fresh()), await one.join(fresh())];
      const events = channels.map((channel) => collect(channel, "pushed"));
      await Promise.all(channels.map((channel, n) =>
        answer(channel.push("push_reply", {n}))));
      assert.deepEqual(events, [[["pushed", {n: 0}]], [["pushed", {n: 1}]]]);
    });

    test("a crashed channel is joined again", async () => {
      const one = await client();
      const channel = await one.join(fresh());
      const other = await one.join(fresh());
      const others = [];
      other.onError((reason) => others.push(reason));
      const [lost, back] = [errored(channel), rejoined(channel)];
      channel.push("boom", {});
      await lost;
      await back;
      await echoes(channel);
      await echoes(other);
      assert.deepEqual(others, []);
      assert.equal(one.opens, 1);
    });

    test("an unannounced exit is an error, too", async () => {
      const channel = await (await client()).join(fresh());
      const [lost, back] = [errored(channel), rejoined(channel)];
      channel.push("exitnormal", {});
      await lost;
      await back;
    });

    test("a stopped channel is closed for good", async () => {
      const one = await client();
      for (const event of ["stop_normal", "stop_shutdown"]) {
        const channel = await one.join(fresh());
        const end = closed(channel);
        channel.push(event, {});
        await end;
        assert.equal(channel.state, "closed");
      }
      await echoes(await one.join(fresh()));
    });

    test("a channel may reply and stop", async () => {
      const channel = await (await client()).join(fresh());
      const end = closed(channel);
      assert.deepEqual(await answer(channel.push("stop_reply", {r: 1})),
        {status: "ok", response: {r: 1}});
      await end;
    });

    test("leave is answered and ends the channel", async () => {
      const [one, two] = [await client(), await client()];
      const topic = fresh();
      const [leaver, other] = [await one.join(topic), await two.join(topic)];
      const watch = await two.join(fresh("watch"));
      const told = next(watch, "terminated");
      const heard = collect(leaver, "bc");
      const end = closed(leaver);
      const {status} = await answer(leaver.leave());
      assert.equal(status, "ok");
      await end;
      assert.deepEqual(await told, {topic, reason: "left"});
      await answer(other.push("bcast", {m: 3}));
      await echoes(await one.join(topic));
      assert.deepEqual(heard, []);
    });

    test("a lost client ends its channels", async () => {
      const [one, two] = [await client(), await client()];
      const watch = await two.join(fresh("watch"));
      const topic = fresh();
      await one.join(topic);
      // Over long polls, clients of earlier tests are missed late.
      const ends = collect(watch, "terminated");
      one.close();
      await eventually("its end", () => ends.some(([, end]) =>
        end.topic === topic && end.reason === "closed"));
    });

    test("the 101st topic is refused", async () => {
      const one = await client();
      for (let n = 0; n < 100; n += 1) await one.join(fresh());
      const extra = one.channel(fresh());
      const refused = await answer(extra.join());
      assert.deepEqual(refused,
        {status: "error", response: {reason: "too many channels joined"}});
      extra.leave();
      await answer(one.socket.channels[0].leave());
      // The reply to a leave may be a moment ahead of the room that it makes.
      await eventually("room for one more", async () => {
        const again = one.channel(fresh());
        const {status} = await answer(again.join());
        if (status === "ok") await echoes(again);
        again.leave();
        return status === "ok";
      });
    });

    test("heartbeats keep the connection", {skip: !heartbeats}, async () => {
      const one = await client({heartbeatIntervalMs: 40});
      const channel = await one.join(fresh());
      let answered = 0;
      one.socket.onMessage(({topic, event}) => {
        if (topic === "phoenix" && event === "phx_reply") answered += 1;
      });
      await within("heartbeats", new Promise((resolve) => {
        const timer = setInterval(() => {
          if (answered < 3) return;
          clearInterval(timer);
          resolve();
        }, 20);
      }));
      await echoes(channel);
      assert.deepEqual(one.closeCodes, []);
    });

    const notices = {skip: disconnected === null};
    test("disconnect by id ends that socket and no other", notices, async () => {
      const id = `users:${version.name}`;
      const target = await client({params: {id}});
      const other = await client({params: {id: `${id}-other`}});
      const channel = await target.join(fresh());
      const bystander = await other.join(fresh());
      const {response} = await answer(channel.push("whoami", {}));
      assert.equal(response.id, id);
      const back = rejoined(channel);
      bystander.push("disconnect", {id});
      await back;
      await echoes(channel);
      await echoes(bystander);
      assert.deepEqual(target.closeCodes, [disconnected]);
      assert.deepEqual([target.opens, other.opens], [2, 1]);
    });

    test("binary payloads travel both ways",
      {skip: !(version.binary && binary)}, async () => {
        const [one, two] = [await client(), await client()];
        const topic = fresh();
        const channels = [await one.join(topic), await two.join(topic)];
        const bytes = Uint8Array.from({length: 600}, (_, n) => n % 256);
        const {status, response} =
          await answer(channels[0].push("echo", bytes.buffer));
        assert.equal(status, "ok");
        assert.deepEqual(new Uint8Array(response), bytes);

        const pushed = next(channels[0], "pushed");
        await answer(channels[0].push("push_reply", bytes.buffer));
        assert.deepEqual(new Uint8Array(await pushed), bytes);

        const heard = channels.map((channel) => next(channel, "bc"));
        await answer(channels[1].push("bcast", bytes.buffer));
        for (const payload of await Promise.all(heard)) {
          assert.deepEqual(new Uint8Array(payload), bytes);
        }
      });
  });
}
