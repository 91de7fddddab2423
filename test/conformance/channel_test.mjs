// One host: what its channels do.
import assert from "node:assert/strict";
import {after, afterEach, before, test} from "node:test";

import {answer, closed, collect, errored, next, rejoined, within}
  from "../phoenix_js/client.mjs";
import {eventually} from "../support/servers.mjs";
import {World, sequence, who} from "./chat.mjs";

const world = new World("channel");
before(() => world.start());
after(() => world.stop());
afterEach(() => world.closeClients());

const OK = {status: "ok", response: {}};

// No frame is on its way any more once this is answered.
const settled = (channel) => who(channel);

test("1 join ok: the history is empty", async () => {
  const client = await world.client();
  for (const topic of [world.topic(), world.topic()]) {
    const joined = await answer(client.channel(topic, {user: "Ada"}).join());
    assert.deepEqual(joined, {status: "ok", response: {history: []}});
  }
});

test("2 join denied: no name, no string, banned", async () => {
  const client = await world.client();
  for (const [params, reason] of [[{}, "name required"],
    [{user: ""}, "name required"], [{user: 7}, "name required"],
    [{user: "banned"}, "banned"]]) {
    const channel = client.channel(world.topic(), params);
    const refused = await answer(channel.join());
    channel.leave();
    assert.deepEqual(refused, {status: "error", response: {reason}});
  }
});

test("3 join fails: crashed, and the host lives", async () => {
  const client = await world.client();
  const channel = client.channel(world.topic(), {user: "Ada", fail: true});
  const refused = await answer(channel.join());
  channel.leave();
  assert.deepEqual(refused,
    {status: "error", response: {reason: "join crashed"}});
  assert.equal(await who(await client.join(world.topic(), {user: "Ada"})),
    world.chat.pid);
});

test("4 reply now: any JSON, bytes, errors", async () => {
  const channel = await world.member("Ada", world.topic());
  const payload = {
    text: "Grüße, 世界 \u{1f426} \"quoted\" \\ \u2028 \u0000",
    numbers: [0, -1, 1.5, 1e21, 9007199254740991],
    nested: {list: [[], {}, null, true, false, ""]},
  };
  assert.deepEqual(await answer(channel.push("echo", payload)),
    {status: "ok", response: payload});
  const bytes = Uint8Array.from({length: 256}, (_, n) => n);
  const {status, response} =
    await answer(channel.push("echo", bytes.buffer));
  assert.equal(status, "ok");
  assert.deepEqual(new Uint8Array(response), bytes);
  assert.deepEqual(await answer(channel.push("nonsense", {})),
    {status: "error", response: {reason: "unknown event"}});
  assert.deepEqual(await answer(channel.push("new_msg", {})),
    {status: "error", response: {reason: "body required"}});
});

test("5 reply later: what is behind it is answered first", async () => {
  const channel = await world.member("Ada", world.topic());
  const later = answer(channel.push("later", {}));
  assert.deepEqual(await sequence(channel, [["later", {}], ["who", {}]], [], 2),
    ["who ok", "later ok"]);
  assert.deepEqual(await later, {status: "ok", response: {late: true}});
});

test("6 push: in order with the reply", async () => {
  const channel = await world.member("Ada", world.topic());
  const pushed = next(channel, "pushed");
  assert.deepEqual(
    await sequence(channel, [["push_me", {n: 1}]], ["pushed"], 2),
    ["pushed", "push_me ok"]);
  assert.deepEqual(await pushed, {n: 1});
  assert.deepEqual(await sequence(channel, [["after", {}]], ["after"], 2),
    ["after ok", "after"]);
});

test("7 broadcast: all get it, and the last 50 are history", async () => {
  const topic = world.topic();
  const [ada, bob] = [await world.member("Ada", topic),
    await world.member("Bob", topic)];
  const heard = [ada, bob].map((channel) => collect(channel, "new_msg"));
  const own = sequence(ada, [["new_msg", {body: "0"}]], ["new_msg"], 2);
  assert.deepEqual(await own, ["new_msg", "new_msg ok"]);
  for (let n = 1; n < 55; n += 1) {
    assert.deepEqual(await answer(bob.push("new_msg", {body: `${n}`})), OK);
  }
  const messages = Array.from({length: 55}, (_, n) =>
    ({body: `${n}`, user: n === 0 ? "Ada" : "Bob"}));
  await eventually("all messages", () => heard.every((each) =>
    each.length === 55));
  for (const each of heard) {
    assert.deepEqual(each.map(([, message]) => message), messages);
  }
  const {response} = await answer(
    (await world.client()).channel(topic, {user: "Eve"}).join());
  assert.deepEqual(response, {history: messages.slice(-50)});
});

test("8 broadcast_from: others get it", async () => {
  const topic = world.topic();
  const [ada, bob] = [await world.member("Ada", topic),
    await world.member("Bob", topic)];
  const own = collect(ada, "typing");
  const others = next(bob, "typing");
  ada.push("typing", {});
  assert.deepEqual(await others, {user: "Ada"});
  await settled(ada);
  assert.deepEqual(own, []);
});

test("9 intercept: each client sees its own name", async () => {
  const topic = world.topic();
  const [ada, bob] = [await world.member("Ada", topic),
    await world.member("Bob", topic)];
  const secrets = [next(ada, "secret"), next(bob, "secret")];
  assert.deepEqual(await answer(ada.push("secret", {})), OK);
  assert.deepEqual(await Promise.all(secrets),
    [{seen_by: "Ada"}, {seen_by: "Bob"}]);
});

for (const reason of ["normal", "shutdown"]) {
  test(`10 stop ${reason}: reply, close, terminate`, async () => {
    const topic = world.topic();
    const channel = await world.member("Ada", topic);
    const close = closed(channel);
    const failed = collect(channel, "phx_error");
    assert.deepEqual(await answer(channel.push(`stop_${reason}`, {})), OK);
    await close;
    const {event_id: id, ...end} = await world.chat.terminated(topic);
    assert.deepEqual(end,
      {topic, reason: `stop_${reason}`, assigns: {user: "Ada"}});
    assert.ok(id);
    assert.deepEqual(failed, []);
    assert.equal(channel.state, "closed");
  });
}

test("11 stop crash: reply, error, joined again", async () => {
  const topic = world.topic();
  const channel = await world.member("Ada", topic);
  const [error, back] = [errored(channel), rejoined(channel)];
  assert.deepEqual(await answer(channel.push("stop_crash", {})), OK);
  await error;
  await back;
  assert.equal((await world.chat.terminated(topic)).reason, "crash");
});

test("12 exception: error, joined again; others go on", async () => {
  const topic = world.topic();
  const [ada, bob] = [await world.member("Ada", topic),
    await world.member("Bob", topic)];
  const disturbed = collect(bob, "phx_error", "phx_close");
  const [error, back] = [errored(ada), rejoined(ada)];
  ada.push("raise", {});
  await error;
  await back;
  assert.equal((await world.chat.terminated(topic)).reason, "crash");
  const message = next(bob, "new_msg");
  await answer(ada.push("new_msg", {body: "back"}));
  assert.deepEqual(await message, {body: "back", user: "Ada"});
  assert.deepEqual(disturbed, []);
});

test("13 leave, close and join again have reasons", async () => {
  const [left, gone, again] =
    [world.topic(), world.topic(), world.topic()];
  const ada = await world.member("Ada", left, {bye: true});
  const bye = within("bye", new Promise((resolve) => {
    ada.client.socket.onMessage(({event}) => event === "bye" && resolve());
  }));
  assert.deepEqual(await answer(ada.leave()), OK);
  await bye;
  assert.deepEqual(withoutId(await world.chat.terminated(left)),
    {topic: left, reason: "left", assigns: {user: "Ada", bye: true}});

  (await world.member("Bob", gone)).client.close();
  assert.deepEqual(withoutId(await world.chat.terminated(gone)),
    {topic: gone, reason: "closed", assigns: {user: "Bob"}});

  const {client: {socket}} = await world.member("Eve", again);
  const ref = socket.makeRef();
  socket.push({topic: again, event: "phx_join", payload: {user: "Eva"}, ref,
    join_ref: ref});
  assert.deepEqual(withoutId(await world.chat.terminated(again)),
    {topic: again, reason: "duplicate_join", assigns: {user: "Eve"}});
});

test("14 slow host: its own events wait, others don't", async () => {
  const topic = world.topic();
  const [ada, bob] = [await world.member("Ada", topic),
    await world.member("Bob", topic)];
  const start = Date.now();
  const slow = sequence(ada, [["slow", {ms: 1_000}], ["who", {}],
    ["echo", {}]], [], 3);
  await who(bob);
  assert.ok(Date.now() - start < 900, "Bob waited for Ada");
  assert.deepEqual(await slow, ["slow ok", "who ok", "echo ok"]);
  assert.ok(Date.now() - start >= 1_000);
});

test("15 many events of many channels: all answered, in order", async () => {
  const topic = world.topic();
  const members = await Promise.all(Array.from({length: 10}, (_, n) =>
    world.member(`user-${n}`, topic)));
  const answers = members.map((channel) => {
    const order = [];
    return [order, Promise.all(Array.from({length: 40}, async (_, n) => {
      const {response} = await answer(channel.push("echo", {n}));
      order.push(response.n);
    }))];
  });
  for (const [order, all] of answers) {
    await all;
    assert.deepEqual(order, Array.from({length: 40}, (_, n) => n));
  }
});

function withoutId({event_id: id, ...end}) {
  assert.ok(id, "an end of the broker's has an event id");
  return end;
}
