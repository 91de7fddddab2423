// What a host says to a broker, and what it does with what it is told.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { ChannelHost, defineChannel, error, ok, RawJson, reply, stop,
  UsageError } from "@aerie/client";
import type { ChannelHostOptions, ChannelModule, Received }
  from "@aerie/client";
import { ExitReason } from "#gen/aerie/v1/payload.js";

import { FakeBroker, json } from "./fake_broker.js";
import type { AttachedHost } from "./fake_broker.js";

const MAX_ID = 2n ** 64n - 1n;

let broker: FakeBroker;
let logged: string[];
let stopping: (() => Promise<void>)[];

beforeEach(async () => {
  broker = await new FakeBroker().start();
  logged = [];
  stopping = [];
});

afterEach(async () => {
  for (const each of stopping) await each();
  broker.stop();
});

const log = (line: string) => { logged.push(line); };

// A host of one module, attached.
async function attach(module: ChannelModule, options:
  Partial<ChannelHostOptions> = {}): Promise<[AttachedHost, ChannelHost]> {
  const host = new ChannelHost({
    name: "test", brokers: broker.address,
    channels: [defineChannel("room:*", module)],
    logger: { debug: log, info: log, error: log }, ...options,
  });
  const run = host.run({ signals: false });
  stopping.push(async () => { host.stop(); await run; });
  return [await broker.host(), host];
}

test("registration tells who attaches, and for what", async () => {
  const [{ registration }] = await attach(
    { intercepts: ["secret"], spread: "socket" },
    { instance: "test-1", version: "2", capacity: 5 });
  assert.deepEqual(registration, {
    major: 1, minor: 0, name: "test", instance: "test-1", version: "2",
    patterns: [{ pattern: "room:*", intercepts: ["secret"], spread: 2 }],
    capacity: 5, connect: false,
  });
});

test("join is answered with response, assigns and intercepts", async () => {
  const [host] = await attach({
    join(channel, { payload }) {
      channel.assign({ user: "Ada" });
      channel.intercept("extra");
      return ok({ said: payload, socket: channel.socket });
    },
  });
  host.join(MAX_ID, { n: 1 });
  const { channel, frame } = await host.nextFrame();
  assert.equal(channel, MAX_ID);
  assert.deepEqual(frame, { $case: "joinReply", value: {
    ok: true, crashed: false, intercepts: ["extra"],
    assigns: '{"role":"guest","user":"Ada"}',
    payload: json({
      said: { n: 1 },
      socket: { key: "edge-1/1", id: "users:1", assigns: { role: "guest" } },
    }),
  } });
});

test("a join is refused, or crashes, alone", async () => {
  const [host] = await attach({
    join(_, { payload }) {
      if (payload === 1) throw new Error("broken");
      return payload === 2 ? error({ reason: "no" }) : undefined;
    },
  });
  host.join(1n, 1);
  assert.equal((await host.next("joinReply")).crashed, true);
  assert.match(logged.join("\n"), /topic="room:1" callback=join.*broken/);
  host.join(2n, 2);
  const refused = await host.next("joinReply");
  assert.deepEqual([refused.ok, refused.payload],
    [false, json({ reason: "no" })]);
  host.join(3n, 3);
  assert.equal((await host.next("joinReply")).ok, true);
});

test("what a callback does comes in order, and Done behind it", async () => {
  const [host] = await attach({
    handleIn(channel, { payload, event }) {
      channel.push("pushed", payload);
      channel.broadcast("all");
      channel.broadcastFrom("others", undefined, "room:2");
      channel.assign({ seen: event });
      return ok(new RawJson("12345678901234567890"));
    },
  });
  await host.joined(1n);
  host.event(1n, "hello", { a: 1 });
  assert.deepEqual(await host.next("push"),
    { event: "pushed", payload: json({ a: 1 }) });
  assert.deepEqual(await host.next("broadcast"),
    { event: "all", payload: undefined, exceptSelf: false, topic: "room:1" });
  assert.deepEqual(await host.next("broadcast"),
    { event: "others", payload: undefined, exceptSelf: true, topic: "room:2" });
  assert.deepEqual(await host.next("setAssigns"),
    { assigns: '{"role":"guest","seen":"hello"}' });
  assert.deepEqual(await host.next("reply"), {
    ref: Buffer.from('"7"'), status: "ok",
    payload: { kind: { $case: "json", value: "12345678901234567890" } },
  });
  assert.deepEqual(await host.next("done"), { callbacks: 1 });
});

test("a reply may come later, and none goes to who wants none", async () => {
  let late: (() => void) | undefined;
  const [host] = await attach({
    handleIn(channel, { event, ref, json: text }) {
      if (event === "now") return ok();
      late = () => channel.reply(ref, error(Buffer.from(text!)));
      return undefined;
    },
  });
  await host.joined(1n);
  host.event(1n, "later", { x: 1 });
  await host.next("done");
  late!();
  const reply = await host.next("reply");
  assert.deepEqual([reply.status, reply.payload], ["error",
    { kind: { $case: "binary", value: Buffer.from('{"x":1}') } }]);
  host.event(1n, "now", {}, "");
  await host.next("done");
});

test("a channel's callbacks wait for each other, channels don't", async () => {
  const gates: (() => void)[] = [];
  const [host] = await attach({
    async handleIn(channel, { event }) {
      if (event === "slow") await new Promise<void>((go) => gates.push(go));
      channel.push(event);
    },
  });
  await host.joined(1n);
  await host.joined(2n);
  host.event(1n, "slow");
  host.event(1n, "behind");
  host.event(2n, "other");
  assert.equal((await host.next("push")).event, "other");
  await host.next("done");
  gates[0]!();
  assert.equal((await host.next("push")).event, "slow");
  // Credits of one turn are told together.
  const events = await host.kinds(2);
  assert.deepEqual(events[0] === "done" ? await host.kinds(1) : events[1],
    events[0] === "done" ? ["push"] : "done");
});

test("an intercepted broadcast is pushed, unless the module does", async () => {
  const [host] = await attach({ handleIn() {} });
  await host.joined(1n);
  host.send(1n, { $case: "handleOut",
    value: { event: "secret", payload: json({ by: "Ada" }) } });
  assert.deepEqual(await host.next("push"),
    { event: "secret", payload: json({ by: "Ada" }) });
  await host.next("done");
});

test("sendSelf from join is handled once the join is answered", async () => {
  const [host] = await attach({
    join(channel) { channel.sendSelf("after_join", { n: 1 }); },
    handleInfo(channel, { event, payload }) { channel.push(event, payload); },
  });
  host.join(1n);
  assert.deepEqual(await host.kinds(2), ["joinReply", "push"]);
  host.send(1n, { $case: "handleInfo",
    value: { event: "sent", payload: undefined } });
  assert.deepEqual(await host.kinds(2), ["push", "done"]);
});

test("a stop replies and drops what is behind it", async () => {
  const seen: unknown[] = [];
  const [host] = await attach({
    handleIn(_, { event }) {
      seen.push(event);
      return stop("normal", ok({ bye: true }));
    },
    terminate(channel, reason, info) {
      seen.push([reason, info]);
      channel.push("last");
    },
  });
  await host.joined(1n);
  host.event(1n, "end");
  host.event(1n, "dropped");
  const { reason, reply } = await host.next("stop");
  assert.deepEqual([reason, reply?.status, reply?.payload],
    [ExitReason.STOP_NORMAL, "ok", json({ bye: true })]);
  const { callbacks } = await host.next("done");
  if (callbacks === 1) await host.next("done");
  host.terminate(1n, ExitReason.STOP_NORMAL);
  assert.equal((await host.next("push")).event, "last");
  assert.deepEqual(await host.next("terminated"), { eventId: "e-1" });
  assert.deepEqual(seen, ["end",
    ["stop_normal", { eventId: "e-1", redelivered: false }]]);
});

test("an exception ends its own channel alone", async () => {
  const ended: unknown[] = [];
  const [host] = await attach({
    handleIn(channel, { event }) {
      if (event === "raise") throw new Error("broken");
      channel.push("fine");
    },
    terminate(channel, reason, { eventId }) {
      ended.push([channel.id, reason, eventId]);
      channel.broadcast("gone");
    },
  });
  await host.joined(1n);
  await host.joined(2n);
  host.event(1n, "raise");
  assert.equal((await host.next("stop")).reason, ExitReason.CRASH);
  assert.deepEqual((await host.kinds(2)).sort(), ["broadcast", "done"]);
  host.event(2n, "hello");
  assert.deepEqual(await host.kinds(2), ["push", "done"]);
  assert.deepEqual(ended, [[1n, "crash", ""]]);
  assert.match(logged.join("\n"), /callback=handleIn.*broken/);
  // What is late for it is answered, and changes nothing.
  host.event(1n, "late");
  await host.next("done");
  host.terminate(1n, ExitReason.CRASH);
  await host.next("terminated");
  assert.equal(ended.length, 1);
});

test("without handleIn an event crashes the channel", async () => {
  const [host] = await attach({});
  await host.joined(1n);
  host.event(1n, "hello");
  assert.deepEqual(await host.kinds(2), ["stop", "done"]);
});

test("a leave is answered before terminate runs, which may push", async () => {
  const [host] = await attach({
    terminate(channel, reason) {
      channel.push(reason);
      throw new Error("broken");
    },
  });
  await host.joined(1n);
  host.terminate(1n, ExitReason.LEFT);
  await host.next("left");
  assert.equal((await host.next("push")).event, "left");
  await host.next("terminated");
  assert.match(logged.join("\n"), /callback=terminate.*broken/);
});

test("a terminate that overtakes the join's answer waits for it", async () => {
  const ended: string[] = [];
  let answer: ((accepted: boolean) => void) | undefined;
  const [host] = await attach({
    async join() {
      return await new Promise<boolean>((resolve) => { answer = resolve; })
        ? ok() : error({});
    },
    terminate(_, reason) { ended.push(reason); },
  });
  for (const accepted of [true, false]) {
    host.join(1n);
    host.terminate(1n, ExitReason.CLOSED);
    while (!answer) await new Promise(setImmediate);
    answer(accepted);
    answer = undefined;
    assert.deepEqual(await host.kinds(2), ["joinReply", "terminated"]);
  }
  assert.deepEqual(ended, ["closed"]);
});

test("a redelivered terminate of an unknown channel runs", async () => {
  const ended: unknown[] = [];
  const [host] = await attach({
    terminate(channel, reason, info) {
      const { topic, assigns, socket } = channel;
      ended.push([topic, assigns, socket.id, reason, info]);
      channel.broadcast("gone");
    },
  });
  host.terminate(9n, ExitReason.HOST_LOST,
    { redelivered: true, assigns: '{"user":"Ada"}', eventId: "e-9" });
  assert.equal((await host.next("broadcast")).topic, "room:1");
  assert.deepEqual(await host.next("terminated"), { eventId: "e-9" });
  assert.deepEqual(ended, [["room:1", { user: "Ada" }, "users:1", "host_lost",
    { eventId: "e-9", redelivered: true }]]);
  host.terminate(9n, ExitReason.CLOSED);
  await host.next("terminated");
  assert.equal(ended.length, 1);
});

test("misuse is an error of the caller", async () => {
  const errors: unknown[] = [];
  const attempt = (act: () => void) => {
    try {
      act();
      errors.push(undefined);
    } catch (caught) {
      errors.push(caught);
    }
  };
  const [host] = await attach({
    join(channel) { attempt(() => channel.push("early")); },
    handleIn(channel, { ref }) {
      attempt(() => channel.assign({ much: "x".repeat(65_536) }));
      attempt(() => channel.push("big", { much: "x".repeat(10_001) }));
      attempt(() => channel.intercept("late"));
      attempt(() => channel.push("phx_reply"));
      attempt(() => channel.broadcast("list", [1]));
      attempt(() => channel.push("text", new RawJson('"text"')));
      attempt(() => channel.reply(ref, reply("x".repeat(129))));
    },
  });
  await host.joined(1n);
  host.event(1n, "go");
  await host.next("done");
  assert.equal(errors.length, 8);
  for (const each of errors) assert.ok(each instanceof UsageError, `${each}`);
});

test("what is said after the end is ignored", async () => {
  let kept: Parameters<NonNullable<ChannelModule["join"]>>[0] | undefined;
  const [host] = await attach({ join(channel) { kept = channel; } });
  await host.joined(1n);
  host.terminate(1n, ExitReason.CLOSED);
  await host.next("terminated");
  kept!.push("late");
  kept!.stop("normal");
  kept!.assign({ late: true });
  await host.joined(2n);
});

test("stop from outside ends the channel behind its events", async () => {
  let kept: Parameters<NonNullable<ChannelModule["join"]>>[0] | undefined;
  const [host] = await attach({ join(channel) { kept = channel; } });
  await host.joined(1n);
  kept!.stop("shutdown");
  assert.equal((await host.next("stop")).reason, ExitReason.STOP_SHUTDOWN);
});

test("a host speaks for itself too", async () => {
  const [host, self] = await attach({});
  while (!self.attached) await new Promise(setImmediate);
  self.broadcast("room:1", "news", { n: 1 });
  assert.deepEqual(await host.nextFrame(), { channel: 0n, frame: {
    $case: "broadcast", value:
      { topic: "room:1", event: "news", payload: json({ n: 1 }),
        exceptSelf: false },
  } });
  self.send(MAX_ID, "hello");
  assert.equal((await host.next("send")).to, MAX_ID);
  self.disconnect("users:1");
  assert.equal((await host.next("disconnect")).socketId, "users:1");
});

test("payloads beyond a mebibyte travel in several messages", async () => {
  const big = "x".repeat(9_000);
  const [host] = await attach({
    handleIn(channel) {
      for (let n = 0; n < 300; n += 1) channel.push("big", { x: big });
    },
  });
  await host.joined(1n);
  const before = host.messages;
  host.event(1n, "go");
  assert.deepEqual(new Set(await host.kinds(300)), new Set(["push"]));
  await host.next("done");
  assert.equal(host.messages - before, 3);
});

test("a connect callback opens, refuses, and fails with 500", async () => {
  const [host] = await attach({}, {
    connect({ params, headers, token, peer }) {
      if (params["id"] === "broken") throw new Error("broken");
      if (params["id"] === "odd") return { refused: "", status: 200 };
      if (params["id"] === "much") {
        return { assigns: { much: "x".repeat(3_072) } };
      }
      return params["id"] === "1"
        ? { socketId: "users:1",
          assigns: { agent: headers["user-agent"], peer, token: `${token}` } }
        : { refused: "who?" };
    },
  });
  assert.equal(host.registration.connect, true);
  const ask = (id: bigint, name: string) => host.send(0n, { $case: "connect",
    value: {
      id, mount: "/socket", peer: "192.0.2.7:51000", uri: "ws://a/socket",
      params: [{ name: "id", value: "0" }, { name: "id", value: name }],
      headers: [{ name: "user-agent", value: "test" }],
      token: Buffer.from("t"),
    } });
  ask(MAX_ID, "1");
  assert.deepEqual(await host.next("connectReply"), {
    id: MAX_ID, ok: true, socketId: "users:1", status: 0, reason: "",
    assigns: '{"agent":"test","peer":"192.0.2.7:51000","token":"t"}',
  });
  ask(2n, "2");
  const refused = await host.next("connectReply");
  assert.deepEqual([refused.ok, refused.status, refused.reason],
    [false, 403, "who?"]);
  for (const name of ["broken", "odd", "much"]) {
    ask(3n, name);
    assert.equal((await host.next("connectReply")).status, 500);
  }
});

test("assigns are never logged, nor payloads", async () => {
  const [host] = await attach({
    join(channel) { channel.assign({ secret: "xyzzy" }); },
    handleIn(_, { payload }: Received) { throw new TypeError(typeof payload); },
  });
  await host.joined(1n, { secret: "xyzzy" });
  host.event(1n, "go", { secret: "xyzzy" });
  await host.next("stop");
  assert.doesNotMatch(logged.join("\n"), /xyzzy/);
});
