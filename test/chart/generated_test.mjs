// What follows from other files is current, and the schema knows every value.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import test from "node:test";
import YAML from "yaml";

import {configDefinitions, configKeys} from "./config_schema.mjs";
import {outdated, valueRows} from "./generated.mjs";

const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const schema = JSON.parse(read("deploy/helm/aerie/values.schema.json"));

test("What is generated is current", () => {
  assert.deepEqual(outdated(), [], "run deploy/helm/generate");
});

test("Every value has a comment", () => {
  const bare = valueRows(read("deploy/helm/aerie/values.yaml"))
    .filter(({text}) => !text).map(({name}) => name);
  assert.deepEqual(bare, []);
});

test("A value without a comment is noticed", () => {
  const [a, b] = valueRows("# One.\na: 1\nb: 2\n");
  assert.equal(a.text, "One.");
  assert.equal(b.text, "");
});

const resolve = (part) =>
  (part.$ref ? schema.definitions[part.$ref.split("/").at(-1)] : part);

// Paths of properties that are closed: what is not in one is refused.
function closed(part, path = "") {
  const {properties, additionalProperties} = resolve(part);
  if (additionalProperties !== false) return [path];
  return Object.entries(properties)
    .flatMap(([name, one]) => closed(one, path ? `${path}.${name}` : name));
}

function leaves(value, wanted, path = "") {
  if (wanted.has(path) || value === null || typeof value !== "object") return [path];
  return Object.entries(value)
    .flatMap(([name, one]) => leaves(one, wanted, path ? `${path}.${name}` : name));
}

test("The schema has the values that there are, and no others", () => {
  const known = closed(schema).filter((path) =>
    path !== "global" && !/^(edge|broker)\.config\./.test(path));
  const values = YAML.parse(read("deploy/helm/aerie/values.yaml"));
  const there = leaves(values, new Set(known))
    .filter((path) => !/^(edge|broker)\.config\./.test(path));
  // Those that have no default.
  const open = [/\.probes\..*\.initialDelaySeconds$/, /issuerRef/];
  assert.deepEqual(known.filter((path) => !there.includes(path) && !open.some((one) => one.test(path))), []);
  assert.deepEqual(there.filter((path) => !known.includes(path) && !open.some((one) => one.test(path))), []);
});

test("The schema has every key of the processes", () => {
  for (const process of ["edge", "broker"]) {
    const keys = configKeys(read("deploy/config.md"), process);
    assert.ok(keys.length > 30);
    for (const [key] of keys) {
      let at = schema.definitions[`${process}Config`];
      for (const name of key.split(".")) {
        at = at.properties[name.replace("[]", "")];
        assert.ok(at, `${process}: ${key}`);
        if (name.endsWith("[]")) at = at.items;
      }
      assert.ok(at.description, `${process}: ${key}`);
    }
  }
});

test("A type that nobody knows is noticed", () => {
  const table = (process, type) =>
    `## aerie-${process}\n\n| \`a\` | ${type} | \`1\` | A. |\n`;
  assert.throws(() => configDefinitions(table("edge", "colour") + table("broker", "text")),
    /a type that is not known: colour/);
});

test("The chart is of the processes' version", () => {
  const {version, appVersion} = YAML.parse(read("deploy/helm/aerie/Chart.yaml"));
  const [, built] = read("common/build_info.cc").match(/Version\(\) \{ return "([^"]+)"/);
  assert.equal(appVersion, built);
  assert.equal(version, built);
});
