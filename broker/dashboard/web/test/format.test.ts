import assert from "node:assert/strict";
import {test} from "node:test";

import {ago, bytes, count, duration, parseDuration, percent, plural, rate, word}
  from "../src/format.ts";

test("counts are whole as long as they can be read", () => {
  assert.equal(count(0), "0");
  assert.equal(count(9_999), "9,999");
  assert.equal(count(10_000), "10k");
  assert.equal(count(12_345), "12.3k");
  assert.equal(count(999_999), "1M");
  assert.equal(count(1_234_567), "1.23M");
  assert.equal(count(123_456_789), "123M");
});

test("rates have three digits that matter", () => {
  assert.equal(rate(0), "0");
  assert.equal(rate(0.5), "0.5");
  assert.equal(rate(1.234), "1.23");
  assert.equal(rate(12.34), "12.3");
  assert.equal(rate(999.4), "999");
  assert.equal(rate(999.6), "1k");
  assert.equal(rate(1_234.5), "1.23k");
  assert.equal(percent(12.345), "12.3 %");
});

test("bytes go by 1024", () => {
  assert.equal(bytes(0), "0 B");
  assert.equal(bytes(1023), "1023 B");
  assert.equal(bytes(1024), "1 KiB");
  assert.equal(bytes(1536), "1.5 KiB");
  assert.equal(bytes(64 * 1024 * 1024), "64 MiB");
});

test("durations have two units at most", () => {
  assert.equal(duration(0), "0 s");
  assert.equal(duration(42.9), "42 s");
  assert.equal(duration(60), "1 min");
  assert.equal(duration(185), "3 min 5 s");
  assert.equal(duration(7_500), "2 h 5 min");
  assert.equal(duration(7_205), "2 h");
  assert.equal(duration(3 * 86_400 + 4 * 3_600 + 9), "3 d 4 h");
  assert.equal(duration(-5), "0 s");
  assert.equal(ago(0.4), "now");
  assert.equal(ago(90), "1 min 30 s ago");
});

test("the broker's words are read", () => {
  assert.equal(parseDuration("12.5s"), 12.5);
  assert.equal(parseDuration(undefined), 0);
  assert.equal(parseDuration("nonsense"), 0);
  assert.equal(word("TRANSPORT_WEBSOCKET"), "WebSocket");
  assert.equal(word("DIALECT_FOUNDING"), "founding");
  assert.equal(word("DIALECT_UNSPECIFIED"), "–");
  // One that is newer than the page.
  assert.equal(word("TRANSPORT_QUIC"), "quic");
  assert.equal(plural(1, "socket", "sockets"), "1 socket");
  assert.equal(plural(0, "socket", "sockets"), "0 sockets");
});
