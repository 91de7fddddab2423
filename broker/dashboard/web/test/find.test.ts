import assert from "node:assert/strict";
import {test} from "node:test";

import {hashOf, placeOf, wishOf} from "../src/find.ts";

test("a text may be an id, a key or how topics begin", () => {
  assert.deepEqual(wishOf("users:42"),
    {socketId: "users:42", prefix: "users:42"});
  assert.deepEqual(wishOf(" edge-1/17 "),
    {key: "edge-1/17", socketId: "edge-1/17", prefix: "edge-1/17"});
  assert.deepEqual(wishOf("room:*"), {socketId: "room:*", prefix: "room:"});
  assert.deepEqual(wishOf("  "), {});
  assert.equal(wishOf("edge-1/0").key, undefined);
  assert.equal(wishOf("/7").key, undefined);
});

test("addresses name sockets and topics, whatever they are called", () => {
  for (const name of ["room:a", "edge-1/17", "a&b=c#d %41", "Grüße, 世界"]) {
    assert.deepEqual(placeOf(hashOf("topic", name)), {kind: "topic", name});
  }
  assert.equal(placeOf(""), null);
  assert.equal(placeOf("#main"), null);
  assert.equal(placeOf("#topic="), null);
  assert.equal(placeOf("#topic=%"), null);
});
