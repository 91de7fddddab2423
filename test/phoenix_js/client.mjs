// The official clients, one per generation, behind one face: what differs
// between them is here, what users of them rely on is in the tests.
import assert from "node:assert/strict";
import {createRequire} from "node:module";

import WebSocket from "ws";

const require = createRequire(import.meta.url);

// How long a test waits for what must come. Only failures take that long.
const PATIENCE_MS = 20_000;

// What each generation can do. All join again what they had joined;
// `retriesJoin`: also what was refused at its first join.
export const VERSIONS = [
  {name: "1.8", binary: true, authToken: true, retriesJoin: true},
  {name: "1.7", binary: true, authToken: false, retriesJoin: true},
  {name: "1.6", binary: true, authToken: false, retriesJoin: true},
  {name: "1.3", binary: false, authToken: false, retriesJoin: false},
];

// Node has no XMLHttpRequest, and no window; the clients of before 1.8 want both
// for long polls.
export function useXMLHttpRequest() {
  globalThis.XMLHttpRequest = require("xhr2");
  globalThis.window ??= globalThis;
}

// The long poll of a version: its `transport`.
export function longPollOf(version) {
  return require(`phoenix-${version.name}`).LongPoll;
}

export function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`waited in vain for ${what}`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// A socket of one version of the client. Reconnects and rejoins quickly.
export class Client {
  constructor(version, port, options = {}) {
    const {Socket} = require(`phoenix-${version.name}`);
    const soon = (tries) => Math.min(20 * tries, 200);
    this.opens = 0;
    this.closeCodes = [];
    this.socket = new Socket(`ws://127.0.0.1:${port}/socket`, {
      transport: WebSocket,
      timeout: 5_000,
      reconnectAfterMs: soon,
      rejoinAfterMs: soon,
      ...options,
    });
    this.socket.onOpen(() => { this.opens += 1; });
    this.socket.onClose((event) => this.closeCodes.push(event.code));
  }

  async open() {
    const opened = new Promise((resolve) => this.socket.onOpen(resolve));
    this.socket.connect();
    await within("an open socket", opened);
    return this;
  }

  channel(topic, params = {}) {
    return this.socket.channel(topic, params);
  }

  // Joins, expects ok, and gives the channel.
  async join(topic, params = {}) {
    const channel = this.channel(topic, params);
    const {status, response} = await answer(channel.join());
    assert.equal(status, "ok", `join of ${topic}: ${JSON.stringify(response)}`);
    return channel;
  }

  // Old versions leave their timers running.
  close() {
    this.socket.disconnect();
    clearInterval(this.socket.heartbeatTimer);
    clearTimeout(this.socket.heartbeatTimer);
    this.socket.reconnectTimer.reset();
    for (const channel of this.socket.channels) {
      channel.rejoinTimer.reset();
      channel.joinPush.cancelTimeout();
    }
  }
}

// The first answer of a push or a join.
export function answer(push) {
  const statuses = ["ok", "error", "odd", "timeout"];
  return within("an answer", new Promise((resolve) => {
    for (const status of statuses) {
      push.receive(status, (response) => resolve({status, response}));
    }
  }));
}

// The next event of a channel.
export function next(channel, event) {
  return within(`event ${event} of ${channel.topic}`, new Promise((resolve) => {
    channel.on(event, resolve);
  }));
}

// Every event of a channel from now on, in order.
export function collect(channel, ...events) {
  const collected = [];
  for (const event of events) {
    channel.on(event, (payload) => { collected.push([event, payload]); });
  }
  return collected;
}

export function errored(channel) {
  return within(`phx_error of ${channel.topic}`,
    new Promise((resolve) => channel.onError(resolve)));
}

export function closed(channel) {
  return within(`phx_close of ${channel.topic}`,
    new Promise((resolve) => channel.onClose(resolve)));
}

// The channel is joined once more. Not by `receive`, which tells of a join that
// has been answered already.
export function rejoined(channel) {
  return within(`a rejoin of ${channel.topic}`, new Promise((resolve) => {
    channel.joinPush.recHooks.push({status: "ok", callback: resolve});
  }));
}

export async function echoes(channel) {
  const payload = {said: channel.topic, n: Math.random()};
  assert.deepEqual(await answer(channel.push("echo", payload)),
    {status: "ok", response: payload});
}
