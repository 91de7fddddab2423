// How a host comes to a broker, stays, and goes.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { status } from "@grpc/grpc-js";

import { AerieError, ChannelHost, defineChannel } from "@aerie/client";
import type { ChannelHostOptions, ChannelModule } from "@aerie/client";
import { ExitReason } from "#gen/aerie/v1/payload.js";

import { FakeBroker } from "./fake_broker.js";

let first: FakeBroker;
let second: FakeBroker;
let ended: unknown[];
let host: ChannelHost | undefined;
let run: Promise<void>;

beforeEach(async () => {
  first = await new FakeBroker("broker-1").start();
  second = await new FakeBroker("broker-2").start();
  ended = [];
});

afterEach(async () => {
  host?.stop();
  await run.catch(() => {});
  first.stop();
  second.stop();
});

const quiet = { debug() {}, info() {}, error() {} };

function start(options: Partial<ChannelHostOptions> = {},
  module: ChannelModule = {}, signals = false): ChannelHost {
  host = new ChannelHost({
    name: "test", brokers: [first.address, second.address], logger: quiet,
    channels: [defineChannel("room:*", {
      terminate(channel, reason, { eventId }) {
        ended.push([channel.id, reason, eventId]);
      },
      ...module,
    })],
    ...options,
  });
  run = host.run({ signals });
  run.catch(() => {});
  return host;
}

test("a lost host comes to another broker; its channels end here", async () => {
  start();
  const before = await first.host();
  await before.joined(1n);
  before.end();
  const after = await second.host();
  assert.equal(after.registration.instance, before.registration.instance);
  assert.deepEqual(ended, [[1n, "host_lost", ""]]);
});

test("an end that was seen here is not run again for its broker", async () => {
  start({ brokers: first.address });
  const before = await first.host();
  await before.joined(1n);
  before.end();
  const after = await first.host();
  after.terminate(1n, ExitReason.HOST_LOST, { redelivered: true });
  assert.deepEqual(await after.next("terminated"), { eventId: "e-1" });
  after.terminate(2n, ExitReason.HOST_LOST, { redelivered: true });
  await after.next("terminated");
  assert.deepEqual(ended, [[1n, "host_lost", ""], [2n, "host_lost", "e-1"]]);
});

test("a callback that is under way ends before its channel does", async () => {
  let go!: () => void;
  start({}, {
    async handleIn() {
      await new Promise<void>((resolve) => { go = resolve; });
      ended.push("handled");
    },
  });
  const before = await first.host();
  await before.joined(1n);
  before.event(1n, "slow");
  while (!go) await new Promise(setImmediate);
  before.end();
  await second.host();
  assert.deepEqual(ended, []);
  go();
  while (ended.length < 2) await new Promise(setImmediate);
  assert.deepEqual(ended, ["handled", [1n, "host_lost", ""]]);
});

test("a broker that refuses a new host ends run", async () => {
  for (const code of [status.FAILED_PRECONDITION, status.INVALID_ARGUMENT,
    status.UNIMPLEMENTED, status.UNAUTHENTICATED, status.PERMISSION_DENIED]) {
    first.refusal = { code, details: "no" };
    start();
    await assert.rejects(run, (error) =>
      error instanceof AerieError && error.message === `${error.code}: no`);
  }
});

test("one that was attached before tries on", async () => {
  start();
  const before = await first.host();
  second.refusal = { code: status.PERMISSION_DENIED, details: "no" };
  before.end();
  await first.host();
  assert.equal(second.attempts, 1);
});

test("unavailable brokers are tried again", async () => {
  first.refusal = second.refusal =
    { code: status.UNAVAILABLE, details: "draining" };
  start();
  while (first.attempts < 2) await new Promise(setImmediate);
  first.refusal = undefined;
  await first.host();
});

test("tokens are asked for at each attempt", async () => {
  let asked = 0;
  start({ token: () => `t-${asked += 1}` });
  (await first.host()).end();
  await second.host();
  assert.deepEqual([...first.metadata, ...second.metadata].map((each) =>
    each.get("authorization")), [["Bearer t-1"], ["Bearer t-2"]]);
});

test("drain asks the broker, serves on, and ends run", async () => {
  start({ drainWindowMs: 1_500 });
  const stream = await first.host();
  await stream.joined(1n);
  void host!.drain();
  assert.deepEqual(await stream.next("drain"), { windowMs: 1_500 });
  stream.terminate(1n, ExitReason.DRAINING);
  await stream.next("terminated");
  stream.send(0n, { $case: "drained", value: {} });
  await stream.ended;
  await run;
  assert.deepEqual(ended, [[1n, "draining", "e-1"]]);
});

test("SIGTERM drains; the handler is gone afterwards", async () => {
  start({}, {}, true);
  const stream = await first.host();
  while (!host!.attached) await new Promise(setImmediate);
  process.kill(process.pid, "SIGTERM");
  await stream.next("drain");
  assert.equal(process.listenerCount("SIGTERM"), 0);
  stream.send(0n, { $case: "drained", value: {} });
  await run;
  assert.equal(process.listenerCount("SIGINT"), 0);
});

test("a stream that is lost while it drains ends run", async () => {
  start();
  const stream = await first.host();
  await stream.joined(1n);
  void host!.drain();
  await stream.next("drain");
  stream.end();
  await run;
  assert.deepEqual(ended, [[1n, "host_lost", ""]]);
});

test("drain without a stream ends run at once", async () => {
  first.answers = false;
  start();
  while (first.attempts === 0) await new Promise(setImmediate);
  await host!.drain();
  await run;
});

test("a draining broker is served until it ends the stream", async () => {
  start();
  const stream = await first.host();
  stream.send(0n, { $case: "draining", value: {} });
  await stream.joined(1n);
  stream.end();
  await second.host();
});

test("a broker that breaks the contract is left", async () => {
  start();
  const stream = await first.host();
  stream.send(1n, { $case: "join", value: {
    topic: "x", pattern: "nobody:*", payload: undefined, socket: undefined,
  } });
  await second.host();
});
