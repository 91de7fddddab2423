// What an operator does from a shell, and what clients see of it.
import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {once} from "node:events";
import {mkdtempSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, afterEach, before, test} from "node:test";

import {Client, VERSIONS, within} from "../phoenix_js/client.mjs";
import {Servers, eventually} from "../support/servers.mjs";

const directory = mkdtempSync(join(tmpdir(), "aeriectl-"));
const tokens = {};
for (const name of ["edge", "operator", "reader"]) {
  tokens[name] = join(directory, name);
  writeFileSync(tokens[name], `the token of ${name}\n`);
}
const services = {
  tokens: [
    {name: "edge", token_file: tokens.edge, scopes: ["edge"]},
    {name: "operator", token_file: tokens.operator,
      scopes: ["read", "publish", "admin"]},
    {name: "reader", token_file: tokens.reader, scopes: ["read"]},
  ],
};

let servers;
const clients = [];
const running = [];

before(async () => {
  servers = new Servers("services", {broker: {services}});
  // The port is known when the broker's is.
  servers.overrides.edge = {get broker() {
    return {address: `127.0.0.1:${servers.brokerPort}`,
      token_file: tokens.edge};
  }};
  await servers.start();
});
after(() => servers.stop());
afterEach(() => {
  clients.splice(0).forEach((client) => client.socket.disconnect());
  running.splice(0).forEach((child) => child.kill("SIGKILL"));
});

function start(name, ...args) {
  const child = spawn(process.env.AERIECTL, [
    "--broker", `127.0.0.1:${servers.brokerPort}`,
    ...(name ? ["--token-file", tokens[name]] : []), ...args]);
  running.push(child);
  child.text = "";
  child.errors = "";
  child.stdout.on("data", (data) => { child.text += data; });
  child.stderr.on("data", (data) => { child.errors += data; });
  return child;
}

// Runs to the end; the exit code, and what was printed.
async function aeriectl(name, ...args) {
  const child = start(name, ...args);
  const [code] = await within(args.join(" "), once(child, "close"));
  return {code, text: child.text, errors: child.errors};
}

async function lines(name, ...args) {
  const {code, text, errors} = await aeriectl(name, ...args, "-o", "json");
  assert.equal(code, 0, errors);
  return text.trim().split("\n").filter(Boolean).map((line) =>
    JSON.parse(line));
}

async function joinAs(id, topic) {
  const client = await new Client(VERSIONS[0], servers.edgePort,
    {params: {id}}).open();
  clients.push(client);
  return {client, channel: await client.join(topic)};
}

function next(channel, event) {
  return within(event, new Promise((resolve) => channel.on(event, resolve)));
}

test("info names the broker, its edge and its hosts", async () => {
  const [info] = await lines("reader", "info");
  assert.equal(info.brokers.length, 1);
  assert.equal(info.edges.length, 1);
  assert.ok(info.edges[0].name.startsWith("edge"));
  assert.ok(info.hosts.some((host) => host.name === "relay"));
});

test("a broadcast and a push reach clients", async () => {
  const {channel} = await joinAs("users:1", "relay:a");
  const news = next(channel, "news");
  const sent = await aeriectl("operator", "broadcast", "relay:a", "news",
    `{"n":1}`);
  assert.equal(sent.code, 0, sent.errors);
  assert.deepEqual(await news, {n: 1});
  const hint = next(channel, "hint");
  const pushed = await aeriectl("operator", "push", "--socket-id", "users:1",
    "--topic", "relay:a", "hint", `{"n":2}`);
  assert.equal(pushed.code, 0, pushed.errors);
  assert.deepEqual(await hint, {n: 2});
});

test("topics and sockets are listed, and shown one by one", async () => {
  await joinAs("users:1", "relay:b");
  const topics = await lines("reader", "topics", "--prefix", "relay:b");
  assert.deepEqual(topics.map((topic) => topic.topic), ["relay:b"]);
  const [topic] = await lines("reader", "topics", "relay:b");
  assert.equal(topic.sample[0].socket_id, "users:1");
  const sockets = await lines("reader", "sockets", "--id", "users:1");
  assert.equal(sockets.length, 1);
  const [socket] = await lines("reader", "sockets",
    sockets[0].socket.key);
  assert.deepEqual(socket.topics, ["relay:b"]);
  assert.equal((await aeriectl("reader", "topics", "relay:none")).code, 3);
});

test("what happens is watched", async () => {
  const watch = start("reader", "watch", "--channels", "-o", "json");
  await eventually("the watch to begin", () => /watching/i.test(watch.text));
  const {channel} = await joinAs("users:1", "relay:c");
  channel.leave();
  await eventually("the end of a channel", () => /left/i.test(watch.text));
  const events = watch.text.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(events.map((event) => event.topic).filter(Boolean),
    ["relay:c", "relay:c"]);
});

test("a channel is closed, and a socket disconnected", async () => {
  const {client, channel} = await joinAs("users:1", "relay:d");
  const closed = within("phx_close",
    new Promise((resolve) => channel.onClose(resolve)));
  const close = await aeriectl("operator", "close", "--topic", "relay:d",
    "--shutdown");
  assert.equal(close.code, 0, close.errors);
  await closed;
  const ended = await aeriectl("operator", "disconnect", "users:1", "--code",
    "4000");
  assert.equal(ended.code, 0, ended.errors);
  await eventually("the close code", () => client.closeCodes.includes(4000));
  assert.equal((await aeriectl("operator", "disconnect", "nobody")).code, 3);
});

test("who may not is told so", async () => {
  assert.equal((await aeriectl(null, "topics")).code, 4);
  const denied = await aeriectl("reader", "disconnect", "users:1");
  assert.equal(denied.code, 4);
  assert.match(denied.errors, /`admin`/);
  const wrong = await aeriectl("operator", "broadcast", "relay:a",
    "phx_close");
  assert.equal(wrong.code, 2);
  assert.match(wrong.errors, /event/);
});
