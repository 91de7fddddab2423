import assert from "node:assert/strict";
import {test} from "node:test";

import {brokerNodes, edgeNodes, hostNodes} from "../src/topology.ts";

const edge = (name: string, sockets: number) => ({name, version: "1",
  linked_for: "65s", sockets: String(sockets), queued_bytes: "2048"});
const host = (name: string, channels: number, attached: boolean) => ({name,
  instance: "i-1", version: "1", patterns: ["room:*"],
  channels: String(channels), in_flight: 3, draining: attached,
  ...(attached && {attached_for: "5s"})});

test("the largest edges come first, equals by name", () => {
  const nodes = edgeNodes([edge("c", 1), edge("a", 1), edge("b", 6)]);
  assert.deepEqual(nodes.map(({name}) => name), ["b", "a", "c"]);
  assert.deepEqual(nodes.map(({share}) => share), [0.75, 0.125, 0.125]);
  assert.equal(nodes[0]?.figures, "6 sockets · 2 KiB queued");
  assert.equal(nodes[1]?.figures, "1 socket · 2 KiB queued");
  assert.equal(nodes[0]?.title, "Version 1, linked for 1 min 5 s");
});

test("edges without sockets share nothing", () => {
  assert.deepEqual(edgeNodes([edge("a", 0)]).map(({share}) => share), [0]);
  assert.deepEqual(edgeNodes([]), []);
});

test("hosts are built in or attached, and say when they drain", () => {
  const [attached, builtIn] = hostNodes(
    [host("relay", 1, false), host("chat", 3, true)]);
  assert.equal(attached?.name, "chat");
  assert.equal(attached?.patterns, "room:*");
  assert.equal(attached?.figures, "3 channels · 3 in flight");
  assert.equal(attached?.mark, "draining");
  assert.equal(builtIn?.figures, "1 channel · built in");
  assert.equal(builtIn?.mark, undefined);
});

test("a broker says why it is not ready", () => {
  const broker = {name: "b-1", version: "1", uptime: "61s", sockets: "2",
    channels: "1", topics: "1"};
  const [node] = brokerNodes([broker], ["draining"]);
  assert.equal(node?.figures, "1 topic · 1 channel");
  assert.equal(node?.title, "Version 1, up for 1 min 1 s");
  assert.equal(node?.mark, "draining");
});
