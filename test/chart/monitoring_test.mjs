// Alerts and the dashboard ask for metrics that there are, and each alert fires
// when it should and only then: promtool plays the series of alerts.mjs.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import test from "node:test";

import {ALERTS} from "./alerts.mjs";
import {CASES} from "./cases.mjs";
import {NAMESPACE, render} from "./helm.mjs";

const METRICS = new Set([...readFileSync(
  new URL("../../deploy/metrics.md", import.meta.url), "utf8")
  .matchAll(/^\| `(aerie_\w+)`/gm)].map(([, name]) => name));
const PAST_S = 65 * 60;

const rendered = render(CASES.ha);
const rules = rendered.find(({kind}) => kind === "PrometheusRule").spec;
const alerts = rules.groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(rendered.find(({metadata}) =>
  metadata.name.endsWith("-dashboard")).data["aerie.json"]);

function promtool(documents, ...args) {
  const directory = mkdtempSync(join(tmpdir(), "aerie-rules-"));
  try {
    for (const [name, document] of Object.entries(documents)) {
      writeFileSync(join(directory, name), JSON.stringify(document));
    }
    const {status, stdout, stderr, error} = spawnSync(
      process.env.PROMTOOL ?? "promtool", args, {cwd: directory, encoding: "utf8"});
    if (error) throw error;
    return {status, output: stdout + stderr};
  } finally {
    rmSync(directory, {recursive: true});
  }
}

const notation = ({name, values, labels}) => ({
  series: `${name}{${Object.entries({namespace: NAMESPACE, ...labels})
    .map(([key, value]) => `${key}="${value}"`).join(",")}}`,
  values,
});

// promtool compares annotations as well.
const annotations = ({annotations: texts}, labels, value) => Object.fromEntries(
  Object.entries(texts).map(([key, text]) => [key, text
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_all, label) => labels[label])
    .replace(/\{\{ \$value[^}]*\}\}/, value)]));

// What of a rule is played: when it fires or, without `at`, that it never does.
function play(rule, series, at, labels, value) {
  // Absence keeps the labels that were asked for with `=`.
  const asked = /^absent/.test(rule.expr) ? {namespace: NAMESPACE} : {};
  const kept = "pod" in labels && !/sum by/.test(rule.expr) ? {namespace: NAMESPACE} : {};
  const expected = {
    exp_labels: {...rule.labels, ...asked, ...kept, ...labels},
    exp_annotations: annotations(rule, labels, value),
  };
  const times = at ? [at] : Array.from({length: PAST_S / 60}, (_one, minute) => `${minute}m`);
  const ask = (time) =>
    ({eval_time: time, alertname: rule.alert, exp_alerts: at ? [expected] : []});
  return promtool({
    "rules.json": rules,
    "tests.json": {
      rule_files: ["rules.json"],
      evaluation_interval: "1m",
      tests: [{
        interval: "1m",
        input_series: series.map(notation),
        alert_rule_test: times.filter((_one, index) => at || index < 10 || index % 5 === 0).map(ask),
      }],
    },
  }, "test", "rules", "tests.json");
}

test("promtool takes the rules", () => {
  const {status, output} = promtool({"rules.json": rules}, "check", "rules", "rules.json");
  assert.equal(status, 0, output);
  assert.match(output, new RegExp(`${alerts.length} rules found`));
});

test("Each alert has its conversation", () => {
  assert.deepEqual(alerts.map(({alert}) => alert).sort(), Object.keys(ALERTS).sort());
});

for (const rule of alerts) {
  const {fires: [series, at, labels, value], quiet} = ALERTS[rule.alert];
  test(`${rule.alert} fires`, () => {
    const {status, output} = play(rule, series, at, labels, value);
    assert.equal(status, 0, output);
  });
  test(`${rule.alert} stays quiet`, () => {
    const {status, output} = play(rule, quiet, null, {}, "");
    assert.equal(status, 0, output);
  });
}

const used = (expression) => expression.match(/aerie_\w+/g) ?? [];
const exists = (name) => METRICS.has(name) || METRICS.has(name.replace(/_bucket$/, ""));

test("Alerts ask for metrics that there are", () => {
  for (const {alert, expr} of alerts) {
    assert.ok(used(expr).length, alert);
    assert.deepEqual(used(expr).filter((name) => !exists(name)), [], alert);
    assert.doesNotMatch(expr, /\$/, "a place that was not filled");
  }
});

test("The dashboard asks for metrics that there are", () => {
  const panels = dashboard.panels.filter(({type}) => type !== "row");
  assert.ok(panels.length > 10);
  for (const {title, targets} of panels) {
    for (const {expr} of targets) {
      assert.ok(used(expr).length, title);
      assert.deepEqual(used(expr).filter((name) => !exists(name)), [], title);
    }
  }
});

test("The dashboard's expressions are PromQL", () => {
  const expressions = dashboard.panels.flatMap(({targets = []}) => targets)
    .map(({expr}, index) => ({
      record: `panel:${index}`,
      expr: expr.replaceAll("$__rate_interval", "5m"),
    }));
  const {status, output} = promtool(
    {"rules.json": {groups: [{name: "dashboard", rules: expressions}]}},
    "check", "rules", "rules.json");
  assert.equal(status, 0, output);
});

test("Panels don't cover each other", () => {
  const taken = new Set();
  for (const {title, gridPos: {x, y, w, h}} of dashboard.panels) {
    for (let i = 0; i < w * h; ++i) {
      const place = `${x + (i % w)} ${y + Math.floor(i / w)}`;
      assert.ok(!taken.has(place), title);
      taken.add(place);
    }
    assert.ok(x + w <= 24, title);
  }
});

test("Alerts can be left out, and have labels of their own", () => {
  const [one] = render(CASES.everything).filter(({kind}) => kind === "PrometheusRule");
  const names = one.spec.groups[0].rules.map(({alert}) => alert);
  assert.ok(!names.includes("AerieSlowConsumers"));
  assert.equal(names.length, alerts.length - 1);
  assert.ok(alerts.every(({labels}) => labels.team === "chat"));
});
