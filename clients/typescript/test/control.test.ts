// Calls, against a broker that answers as it is told.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { status } from "@grpc/grpc-js";
import type { ServerDuplexStream, ServerWritableStream } from "@grpc/grpc-js";

import { AerieError, ControlClient } from "@aerie/client";
import type { BroadcastRequest, BroadcastStreamRequest,
  BroadcastStreamResponse, CloseChannelRequest, ControlServer,
  DisconnectRequest, ListTopicsRequest, PushRequest, RenewTokenRequest,
  WatchRequest, WatchResponse } from "#gen/aerie/v1/control.js";
import { WatchResponse_Event, WatchResponse_Event_Kind as Kind }
  from "#gen/aerie/v1/control.js";
import { ExitReason } from "#gen/aerie/v1/payload.js";

import { FakeBroker, answers, failure, json } from "./fake_broker.js";

let closing: (() => void)[] = [];
afterEach(() => {
  closing.forEach((each) => each());
  closing = [];
});

async function broker(control: Partial<ControlServer>): Promise<FakeBroker> {
  const started = await new FakeBroker("broker-1", control).start();
  closing.push(() => started.stop());
  return started;
}

function client(brokers: string | string[], token?: string): ControlClient {
  const made = new ControlClient({ brokers, ...token && { token } });
  closing.push(() => made.close());
  return made;
}

async function failed(call: Promise<unknown>): Promise<AerieError> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof AerieError, `${error}`);
    return error;
  }
  throw new assert.AssertionError({ message: "the call succeeded" });
}

test("a broadcast carries all that it was given, and a token", async () => {
  let seen: BroadcastRequest | undefined;
  let token: unknown;
  const { address } = await broker({
    broadcast: answers((request: BroadcastRequest, call) => {
      seen = request;
      token = call.metadata.get("authorization");
      return { duplicate: true, edges: 3 };
    }),
  });
  const result = await client(address, "secret").broadcast({
    topic: "room:1", event: "news", payload: { n: 1 },
    exceptSocketIds: ["users:1"], idempotencyKey: "k",
  });
  assert.deepEqual(result, { duplicate: true, edges: 3 });
  assert.deepEqual(seen, {
    topic: "room:1", event: "news", payload: json({ n: 1 }),
    exceptSocketIds: ["users:1"], idempotencyKey: "k",
  });
  assert.deepEqual(token, ["Bearer secret"]);
});

test("what fails tells code, message and reason", async () => {
  const { address } = await broker({
    broadcast: answers(() => {
      throw failure(status.INVALID_ARGUMENT, "too long", "TOPIC_TOO_LONG");
    }),
  });
  const error = await failed(client(address).broadcast(
    { topic: "x", event: "y" }));
  assert.deepEqual([error.code, error.message, error.reason],
    ["INVALID_ARGUMENT", "INVALID_ARGUMENT: too long", "TOPIC_TOO_LONG"]);
});

test("an unavailable broker is left for another, if that is safe", async () => {
  let attempts = 0;
  const away = () => answers(() => {
    attempts += 1;
    throw failure(status.UNAVAILABLE, "draining");
  });
  const first = await broker({ broadcast: away(), push: away() });
  const second = await broker({
    broadcast: answers(() => ({ duplicate: false, edges: 1 })),
    push: answers(() => ({ channels: 1 })),
  });
  const fresh = () => client([first.address, second.address]);
  const keyed = { topic: "x", event: "y", idempotencyKey: "k" };
  assert.equal((await fresh().broadcast(keyed)).edges, 1);
  assert.equal(attempts, 1);
  const { code } = await failed(fresh().broadcast({ topic: "x", event: "y" }));
  assert.equal(code, "UNAVAILABLE");
  const push = fresh();
  await failed(push.push({ topic: "x", socketId: "u" }, "y"));
  assert.equal(await push.push({ topic: "x", socketId: "u" }, "y"), 1);
});

test("after three attempts a call has failed", async () => {
  let attempts = 0;
  const { address } = await broker({
    clusterInfo: answers(() => {
      attempts += 1;
      throw failure(status.UNAVAILABLE, "draining");
    }),
  });
  await failed(client(address).clusterInfo());
  assert.equal(attempts, 3);
});

test("a call ends at its deadline", async () => {
  const { address } = await broker({
    clusterInfo: answers(() => new Promise<never>(() => {})),
  });
  const { code } = await failed(client(address).clusterInfo({ timeoutMs: 50 }));
  assert.equal(code, "DEADLINE_EXCEEDED");
});

test("a batch tells of each broadcast", async () => {
  const { address } = await broker({
    broadcastBatch: answers(() => ({ results: [
      { status: undefined, duplicate: false, edges: 2 },
      { status: { code: 3, message: "empty topic", details: [] },
        duplicate: false, edges: 0 },
    ] })),
  });
  const [sent, refused] = await client(address).broadcastBatch(
    [{ topic: "x", event: "y" }, { topic: "", event: "y" }]);
  assert.deepEqual(sent, { duplicate: false, edges: 2 });
  assert.ok(refused instanceof AerieError);
  assert.equal(refused.message, "INVALID_ARGUMENT: empty topic");
});

test("channels are named in three ways, with all 64 bits", async () => {
  const seen: unknown[] = [];
  const { address } = await broker({
    push: answers(({ to }: PushRequest) => {
      seen.push(to?.selector);
      return { channels: 1 };
    }),
    closeChannel: answers(({ channels, reason }: CloseChannelRequest) => {
      seen.push(channels?.selector, reason);
      return { channels: 2 };
    }),
    disconnect: answers((request: DisconnectRequest) => {
      seen.push(request);
      return { sockets: 3 };
    }),
    renewToken: answers((request: RenewTokenRequest) => {
      seen.push(request);
      return { expires: request.mount ? new Date(1_000) : undefined };
    }),
  });
  const control = client(address);
  const channel = 2n ** 64n - 1n;
  assert.equal(await control.push({ channel }, "x"), 1);
  assert.equal(await control.closeChannel({ topic: "t", socketId: "u" }), 2);
  assert.equal(
    await control.closeChannel({ topic: "t" }, { reason: "shutdown" }), 2);
  assert.equal(await control.disconnect("u", { code: 4000 }), 3);
  assert.equal(await control.renewToken("e/1", "t"), undefined);
  assert.deepEqual(await control.renewToken("e/1", "t", { mount: "/admin" }),
    new Date(1_000));
  assert.deepEqual(seen, [
    { $case: "channel", value: channel },
    { $case: "socketTopic", value: { topic: "t", socketId: "u" } }, 1,
    { $case: "topic", value: "t" }, 2,
    { socketId: "u", code: 4000 },
    { socketKey: "e/1", token: "t", mount: "" },
    { socketKey: "e/1", token: "t", mount: "/admin" },
  ]);
});

test("a list is walked over all its pages", async () => {
  const { address } = await broker({
    listTopics: answers(({ prefix, pageToken }: ListTopicsRequest) => ({
      topics: [{ topic: `${prefix}${pageToken || "0"}`, channels: 1 }],
      nextPageToken: { "": "1", 1: "2" }[pageToken] ?? "",
    })),
  });
  const topics: string[] = [];
  for await (const { topic } of client(address).topics({ prefix: "room:" })) {
    topics.push(topic);
  }
  assert.deepEqual(topics, ["room:0", "room:1", "room:2"]);
});

type PublishCall =
  ServerDuplexStream<BroadcastStreamRequest, BroadcastStreamResponse>;

test("a publisher keeps to its credit, tells of each broadcast", async () => {
  const firsts: number[] = [];
  const windows: number[] = [];
  const { address } = await broker({
    broadcastStream(call: PublishCall) {
      call.on("data", (request: BroadcastStreamRequest) => {
        const { firstSequence, broadcasts } = request;
        firsts.push(Number(firstSequence));
        windows.push(broadcasts.length);
        const failed = broadcasts.findIndex(({ event }) => event === "bad");
        call.write({
          acknowledged: firstSequence + BigInt(broadcasts.length) - 1n,
          failures: failed < 0 ? [] : [{
            sequence: firstSequence + BigInt(failed),
            status: { code: 3, message: "bad", details: [] },
          }],
          credit: 2, duplicates: 1,
        });
      });
      call.on("end", () => call.end());
    },
  });
  const publisher = await client(address).publisher();
  const results = await Promise.allSettled(
    Array.from({ length: 4_100 }, (_, n) => publisher.publish(
      { topic: "t", event: n === 4_098 ? "bad" : "good" })));
  assert.deepEqual(firsts, [1, 4_097, 4_099]);
  assert.deepEqual(windows, [4_096, 2, 2]);
  assert.deepEqual(results.flatMap(({ status }, n) =>
    status === "rejected" ? [n] : []), [4_098]);
  await publisher.close();
  assert.equal(publisher.duplicates, 3);
  const { code } = await failed(publisher.publish({ topic: "t", event: "e" }));
  assert.equal(code, "CANCELLED");
});

test("what a broken stream leaves unacknowledged fails", async () => {
  const { address } = await broker({
    broadcastStream(call: PublishCall) {
      call.on("data", () => call.emit("error",
        failure(status.RESOURCE_EXHAUSTED, "too many")));
    },
  });
  const publisher = await client(address).publisher();
  const { code } = await failed(publisher.publish({ topic: "t", event: "e" }));
  assert.equal(code, "RESOURCE_EXHAUSTED");
  await publisher.close();
});

test("a watcher hears what happens, until it stops listening", async () => {
  let asked: WatchRequest | undefined;
  let cancelled = false;
  const { address } = await broker({
    watch(call: ServerWritableStream<WatchRequest, WatchResponse>) {
      asked = call.request;
      call.on("cancelled", () => { cancelled = true; });
      call.write({ events: [
        WatchResponse_Event.fromPartial({ kind: Kind.WATCHING }),
        WatchResponse_Event.fromPartial({
          kind: Kind.LEFT, topic: "t", channel: 7n, reason: ExitReason.LEFT,
          socket: { key: "e/1", socketId: "u", assigns: "" },
        }),
        WatchResponse_Event.fromPartial({
          kind: Kind.BROADCAST, topic: "t", event: "e", payload: json([1]),
        }),
        WatchResponse_Event.fromPartial({ kind: 99 as Kind }),
        WatchResponse_Event.fromPartial({ kind: Kind.LOST, lost: 5n }),
      ] });
    },
  });
  const heard: unknown[] = [];
  for await (const event of client(address).watch({ channels: true })) {
    heard.push(event);
    if (event.kind === "lost") break;
  }
  assert.equal(asked?.channels, true);
  assert.deepEqual(heard, [
    { kind: "watching", time: undefined },
    { kind: "left", time: undefined, topic: "t", channel: 7n, reason: "left",
      socket: { key: "e/1", id: "u", assigns: {} } },
    { kind: "broadcast", time: undefined, topic: "t", event: "e",
      payload: [1] },
    { kind: "lost", time: undefined, lost: 5n },
  ]);
  while (!cancelled) await new Promise(setImmediate);
});

test("a watcher is told why its stream has ended", async () => {
  const { address } = await broker({
    watch(call: ServerWritableStream<WatchRequest, WatchResponse>) {
      call.emit("error", failure(status.PERMISSION_DENIED, "no scope"));
    },
  });
  const { code } = await failed(client(address).watch({}).next());
  assert.equal(code, "PERMISSION_DENIED");
});
