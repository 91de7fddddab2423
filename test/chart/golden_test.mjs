// The renderings as they were reviewed: what a change of the chart does to them
// is seen in its diff. `test/chart/run --update` writes them.
import assert from "node:assert/strict";
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import test from "node:test";

import {CASES} from "./cases.mjs";
import {template} from "./helm.mjs";

const GOLDEN = new URL("golden/", import.meta.url);
const update = process.env.UPDATE_GOLDEN === "1";

// What is random, and files that stand in the chart as they are.
function settled(text) {
  return text
    .replace(/^(  (?:token|keys): )[A-Za-z0-9+/]{40,}=*$/gm, "$1RANDOM")
    .replace(/^(  (websocket\.mjs|aerie\.json): \|\n)(?:(?: {4}.*)?\n)+/gm, "$1    FILE\n");
}

function rendered(name) {
  const {ok, stdout, stderr} = template(CASES[name]);
  assert.ok(ok, stderr);
  return settled(stdout);
}

if (update) {
  rmSync(GOLDEN, {recursive: true, force: true});
  mkdirSync(GOLDEN);
}

for (const name of Object.keys(CASES)) {
  test(`${name} is rendered as it was reviewed`, () => {
    const file = new URL(`${name}.yaml`, GOLDEN);
    if (update) writeFileSync(file, rendered(name));
    assert.equal(rendered(name), readFileSync(file, "utf8"),
      "if it is meant: test/chart/run --update");
  });
}

test("There are no others", () => {
  assert.deepEqual(readdirSync(GOLDEN).sort(),
    Object.keys(CASES).map((name) => `${name}.yaml`).sort());
});

test("Secrets are made anew without a cluster, and of the right length", () => {
  const made = () => Object.fromEntries(
    [...template({}).stdout.matchAll(/^  (token|keys): (\S+)$/gm)]
      .map(([, key, value]) => [key, Buffer.from(value, "base64").toString()]));
  const [one, another] = [made(), made()];
  assert.match(one.token, /^[A-Za-z0-9]{43}$/);
  assert.equal(Buffer.from(one.keys.trim(), "base64").length, 32);
  assert.match(one.keys, /\n$/);
  assert.notEqual(one.token, another.token);
  assert.notEqual(one.keys, another.keys);
});
