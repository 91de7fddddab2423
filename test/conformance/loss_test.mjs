// Hosts, edges and brokers that go away.
import assert from "node:assert/strict";
import {after, afterEach, before, test} from "node:test";
import {setTimeout as sleep} from "node:timers/promises";

import {answer, errored, rejoined} from "../phoenix_js/client.mjs";
import {eventually} from "../support/servers.mjs";
import {World, who} from "./chat.mjs";

const world = new World("loss");
before(() => world.start());
after(() => world.stop());
afterEach(() => world.closeClients());

// Members of enough topics that both hosts serve some; their hosts beside.
async function spread(count = 12) {
  const members = [];
  for (let n = 0; n < count; n += 1) {
    const channel = await world.member(`user-${n}`, world.topic());
    members.push({channel, user: `user-${n}`, pid: await who(channel)});
  }
  return members;
}

test("16 host killed mid-call: unavailable until there is one", async () => {
  const topic = world.topic();
  const channel = await world.member("Ada", topic);
  const [error, back] = [errored(channel), rejoined(channel)];
  channel.push("slow", {ms: 60_000});
  await who(await world.member("Bob", world.topic())); // It is there.
  await world.chat.kill();
  await error;
  const refused = (await world.client()).channel(topic, {user: "Eve"});
  assert.deepEqual(await answer(refused.join()),
    {status: "error", response: {reason: "unavailable"}});
  refused.leave();
  const chat = await world.startChat();
  await back;
  assert.equal(await who(channel), chat.pid);
  const {event_id: id, ...end} = await chat.terminated(topic);
  assert.deepEqual(end, {topic, reason: "host_lost", assigns: {user: "Ada"}});
  assert.ok(id);
});

test("17 two hosts: a topic has one; the other takes over", async () => {
  const first = world.chat;
  const second = await world.startChat();
  const members = await spread();
  const of = ({pid}) => members.filter((member) => member.pid === pid);
  assert.ok(of(first).length > 0 && of(second).length > 0,
    "both serve some topics");
  assert.equal(of(first).length + of(second).length, members.length);
  for (const {channel, pid} of members) {
    assert.equal(await who(await world.member("Bob", channel.topic)), pid);
  }

  const lost = of(second);
  const back = lost.map(({channel}) => rejoined(channel));
  await second.kill();
  await Promise.all(back);
  for (const {channel, user} of lost) {
    assert.equal(await who(channel), first.pid);
    const ends = () => first.terminates().filter(({topic, assigns}) =>
      topic === channel.topic && assigns.user === user);
    await eventually(`terminate of ${user}`, () => ends().length > 0);
    assert.deepEqual(ends().map(({reason}) => reason), ["host_lost"]);
  }
});

test("18 drain: channels move, the host exits with 0", async () => {
  const first = world.chat;
  const second = await world.startChat();
  const members = await spread();
  const moving = members.filter(({pid}) => pid === second.pid);
  assert.ok(moving.length > 0);
  const signs = moving.map(({channel}) =>
    [errored(channel), rejoined(channel)]).flat();
  second.child.kill("SIGTERM");
  await Promise.all(signs);
  assert.deepEqual(await second.exited, {code: 0, signal: null});
  for (const {channel, user} of moving) {
    assert.equal(await who(channel), first.pid);
    const {reason, assigns} = await second.terminated(channel.topic);
    assert.deepEqual([reason, assigns], ["draining", {user}]);
  }
});

test("19 terminate after edge kill: once for each channel", async () => {
  const port = await world.servers.startSecondEdge();
  const topics = [world.topic(), world.topic(), world.topic()];
  for (const topic of topics) await world.member("Ada", topic, {}, port);
  await world.servers.stopSecondEdge();
  for (const topic of topics) await world.chat.terminated(topic);
  await sleep(300); // A second one would come.
  const ends = world.chat.terminates().filter(({topic}) =>
    topics.includes(topic));
  assert.deepEqual(ends.map(({topic, reason, assigns}) =>
    [topic, reason, assigns.user]).sort(),
  topics.map((topic) => [topic, "edge_lost", "Ada"]).sort());
});

test("20 broker killed: the host and its channels come back", async () => {
  const topic = world.topic();
  const channel = await world.member("Ada", topic);
  const [error, back] = [errored(channel), rejoined(channel)];
  await world.servers.broker.kill();
  await error;
  const {reason, event_id: id} = await world.chat.terminated(topic);
  assert.deepEqual([reason, id], ["host_lost", ""]);
  await world.servers.startBroker();
  await back;
  assert.equal(await who(channel), world.chat.pid);
});

test("21 drain without channels: exits at once", async () => {
  const {chat} = world;
  chat.child.kill("SIGTERM");
  assert.deepEqual(await chat.exited, {code: 0, signal: null});
});
