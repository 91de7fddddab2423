// The chat example of an SDK, as processes, and the world around them.
import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {once} from "node:events";
import {closeSync, existsSync, openSync, readFileSync, rmSync}
  from "node:fs";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";

import {Client, VERSIONS, answer, within} from "../phoenix_js/client.mjs";
import {Servers, eventually} from "../support/servers.mjs";

// The first start of an example builds it.
const BUILD_PATIENCE_MS = 900_000;
export const DRAIN_MS = 500;

const {AERIE_CHAT, AERIE_SDK} = process.env;

// One host.
class Chat {
  constructor(directory, name, brokerPort) {
    this.terminateLog = join(directory, `${name}.terminates`);
    this.logFile = join(directory, `${name}.log`);
    rmSync(this.terminateLog, {force: true});
    const log = openSync(this.logFile, "w");
    this.child = spawn(AERIE_CHAT, [], {
      stdio: ["ignore", log, log],
      env: {
        ...process.env,
        AERIE_BROKER: `127.0.0.1:${brokerPort}`,
        AERIE_CONFORMANCE: "1",
        AERIE_DRAIN_MS: `${DRAIN_MS}`,
        AERIE_TERMINATE_LOG: this.terminateLog,
      },
    });
    closeSync(log);
    this.exited = once(this.child, "exit")
      .then(([code, signal]) => ({code, signal}));
  }

  get pid() {
    return this.child.pid;
  }

  get alive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async kill() {
    this.child.kill("SIGKILL");
    return this.exited;
  }

  // What its channels' terminates have written, event ids apart.
  terminates() {
    if (!existsSync(this.terminateLog)) return [];
    const lines = readFileSync(this.terminateLog, "utf8").split("\n");
    assert.equal(lines.pop(), "", "a line is written whole");
    return lines.map((line) => JSON.parse(line));
  }

  // Waits for the terminate of a topic; gives it.
  async terminated(topic) {
    let found;
    await eventually(`terminate of ${topic}, see ${this.logFile}`, () => {
      found = this.terminates().find((each) => each.topic === topic);
      return found;
    });
    return found;
  }
}

// A broker, an edge, hosts and clients.
export class World {
  constructor(name) {
    this.servers = new Servers(`conformance-${AERIE_SDK}-${name}`, {
      broker: {routes: [{pattern: "echo:*", host: "echo"}]},
    });
    this.chats = [];
    this.clients = [];
    this.topics = 0;
  }

  async start() {
    await this.servers.start();
    await this.startChat(BUILD_PATIENCE_MS);
  }

  async stop() {
    this.closeClients();
    for (const chat of this.chats) await chat.kill();
    await this.servers.stop();
  }

  get chat() {
    return this.chats.find(({alive}) => alive);
  }

  // Starts a host, and waits until it gets channels.
  async startChat(patienceMs = 30_000) {
    const {directory, brokerPort} = this.servers;
    const chat = new Chat(directory, `chat-${this.chats.length}`, brokerPort);
    this.chats.push(chat);
    const client = await this.client();
    const deadline = Date.now() + patienceMs;
    while (!await this.#serves(chat, client)) {
      assert.ok(chat.alive && Date.now() < deadline,
        `${AERIE_CHAT} does not attach, see ${chat.logFile}`);
      await sleep(50);
    }
    client.close();
    return chat;
  }

  // Whether a new topic comes to the host.
  async #serves(chat, client) {
    const channel = client.channel(this.topic(), {user: "probe"});
    const {status} = await answer(channel.join());
    const served = status === "ok" && await who(channel) === chat.pid;
    channel.leave();
    return served;
  }

  topic() {
    return `room:${this.topics += 1}`;
  }

  async client(port = this.servers.edgePort) {
    const client = new Client(VERSIONS[0], port);
    this.clients.push(client);
    return client.open();
  }

  // A channel, joined by a client of its own.
  async member(user, topic, params = {}, port = undefined) {
    const client = await this.client(port);
    const channel = await client.join(topic, {user, ...params});
    return Object.assign(channel, {client});
  }

  closeClients() {
    this.clients.forEach((client) => client.close());
    this.clients = [];
  }
}

// The process that serves a channel.
export async function who(channel) {
  const {status, response} = await answer(channel.push("who", {}));
  assert.equal(status, "ok");
  return response.pid;
}

// The next answers of a channel's events and what comes between, in order.
export async function sequence(channel, pushes, events, length) {
  const seen = [];
  let complete;
  const done = new Promise((resolve) => { complete = resolve; });
  const see = (what) => {
    seen.push(what);
    if (seen.length === length) complete();
  };
  for (const event of events) channel.on(event, () => see(event));
  for (const [event, payload] of pushes) {
    channel.push(event, payload).receive("ok", () => see(`${event} ok`));
  }
  await within(`${length} of ${seen}`, done);
  return seen;
}
