import assert from "node:assert/strict";
import {test} from "node:test";

import {History} from "../src/history.ts";

const reply = (first: number, samples: number[][]) => ({
  period_ms: 2000, first, next: first + samples.length,
  series: ["sockets", "channels"], samples,
});

test("what is new is added to what is there", () => {
  const history = new History();
  assert.equal(history.empty, true);
  history.add(reply(0, [[2000, 1, 2], [0, 3, 4]]), 10_000);
  assert.equal(history.next, 2);
  history.add(reply(2, [[500, 5, 6]]), 12_500);
  assert.deepEqual(history.values("channels"), [2, 4, 6]);
  assert.deepEqual(history.ages(13_000), [5000, 3000, 1000]);
  assert.equal(history.newest("sockets"), 5);
  assert.equal(history.newest("nothing"), 0);
});

test("what does not go on where the last one ended is all there is", () => {
  const history = new History();
  history.add(reply(0, [[0, 1, 2]]), 10_000);
  // The page slept for longer than the broker remembers.
  history.add(reply(400, [[0, 7, 8]]), 900_000);
  assert.deepEqual(history.values("sockets"), [7]);
  // A broker that has started anew gives all it has.
  history.add(reply(0, [[0, 9, 9]]), 902_000);
  assert.deepEqual(history.values("sockets"), [9]);
  assert.equal(history.next, 1);
});

test("nothing is older than ten minutes", () => {
  const history = new History();
  history.add(reply(0, [[599_000, 1, 1], [0, 2, 2]]), 1_000_000);
  history.add(reply(2, []), 1_002_000);
  assert.deepEqual(history.values("sockets"), [2]);
});

test("it can be forgotten", () => {
  const history = new History();
  history.add(reply(0, [[0, 1, 2]]), 10_000);
  history.clear();
  assert.equal(history.next, 0);
  assert.deepEqual(history.values("sockets"), []);
});
