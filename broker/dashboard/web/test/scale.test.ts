import assert from "node:assert/strict";
import {test} from "node:test";

import {area, axis, line, nearest, xOf, yOf} from "../src/scale.ts";

const BOX = {left: 10, right: 110, top: 0, bottom: 50};

test("an axis ends at a round number that holds everything", () => {
  assert.deepEqual(axis(7), {max: 8, ticks: [0, 2, 4, 6, 8]});
  assert.deepEqual(axis(10), {max: 10, ticks: [0, 5, 10]});
  assert.deepEqual(axis(4), {max: 4, ticks: [0, 1, 2, 3, 4]});
  assert.deepEqual(axis(0.3), {max: 0.3, ticks: [0, 0.1, 0.2, 0.3]});
  for (const largest of [1e-3, 0.7, 1, 3, 19, 99, 101, 12_345, 9.99e6]) {
    const {max, ticks} = axis(largest);
    assert.ok(max >= largest && max <= 2.5 * largest, `${largest}: ${max}`);
    assert.ok(ticks.length >= 2 && ticks.length <= 5);
    assert.equal(ticks.at(-1), max);
  }
});

test("an axis of bytes ends at a power of two", () => {
  assert.deepEqual(axis(1024, 2), {max: 1024, ticks: [0, 512, 1024]});
  assert.deepEqual(axis(1025, 2).max, 2048);
});

test("an axis of nothing is there all the same", () => {
  assert.deepEqual(axis(0), {max: 1, ticks: [0, 1]});
  assert.deepEqual(axis(Number.NaN), {max: 1, ticks: [0, 1]});
});

test("ages go from the left to now, values up from the bottom", () => {
  assert.equal(xOf(600, 600, BOX), 10);
  assert.equal(xOf(300, 600, BOX), 60);
  assert.equal(xOf(0, 600, BOX), 110);
  assert.equal(xOf(900, 600, BOX), 10);
  assert.equal(yOf(0, 4, BOX), 50);
  assert.equal(yOf(4, 4, BOX), 0);
  assert.equal(yOf(9, 4, BOX), 0);
});

test("paths go through their points", () => {
  assert.equal(line([]), "");
  assert.equal(line([[10, 5]]), "M8 5H10");
  assert.equal(line([[0, 1.26], [10, 2]]), "M0 1.3L10 2");
  assert.equal(area([[0, 1], [10, 2]], 50), "M0 1L10 2V50H0Z");
  assert.equal(area([[0, 1]], 50), "");
});

test("the nearest sample is found", () => {
  const ages = [600, 300, 0];
  assert.equal(nearest(12, ages, 600, BOX), 0);
  assert.equal(nearest(70, ages, 600, BOX), 1);
  assert.equal(nearest(500, ages, 600, BOX), 2);
  assert.equal(nearest(50, [], 600, BOX), -1);
});
