// Every case, on every version of Kubernetes: Helm takes it, an API server would,
// and its parts fit.
import assert from "node:assert/strict";
import test from "node:test";

import {CASES, KUBE_VERSIONS} from "./cases.mjs";
import {lint, render, template} from "./helm.mjs";
import {problems} from "./manifests.mjs";
import {findings} from "./semantics.mjs";

for (const [name, values] of Object.entries(CASES)) {
  test(`${name}: lint finds nothing`, () => {
    const {ok, stdout, stderr} = lint(values);
    assert.ok(ok, stdout + stderr);
    assert.doesNotMatch(stdout, /WARNING|ERROR/);
  });
  for (const kubeVersion of KUBE_VERSIONS) {
    test(`${name} on ${kubeVersion} is what an API server takes`, () => {
      assert.deepEqual(problems(render(values, kubeVersion)), []);
    });
    test(`${name} on ${kubeVersion} fits together`, () => {
      const {secrets} = values;
      assert.deepEqual(findings(render(values, kubeVersion), {secrets, kubeVersion}), []);
    });
  }
}

test("An older Kubernetes is refused", () => {
  const {ok, stderr} = template({}, "1.28.0");
  assert.ok(!ok);
  assert.match(stderr, /requires kubeVersion: >=1\.29/);
});

test("Pods sleep before SIGTERM where the cluster can", () => {
  const sleeps = (kubeVersion) => render({}, kubeVersion)
    .find(({kind, metadata}) => kind === "Deployment" && /edge$/.test(metadata.name))
    .spec.template.spec.containers[0].lifecycle;
  assert.equal(sleeps("1.29.0"), undefined);
  assert.deepEqual(sleeps("1.30.0"), {preStop: {sleep: {seconds: 10}}});
});

test("A pod is replaced when its configuration changes, and only then", () => {
  const pods = (values) => Object.fromEntries(render({values})
    .filter(({kind}) => kind === "Deployment")
    .map(({metadata, spec}) => [metadata.name.split("-").at(-1), JSON.stringify(spec.template)]));
  const before = pods({});
  assert.deepEqual(pods({"edge.service.port": 8080}), before);
  const after = pods({"edge.config.log.level": "debug"});
  assert.notEqual(after.edge, before.edge);
  assert.equal(after.broker, before.broker);
});

test("Labels and annotations stand once, and selectors are not changed by others", () => {
  const values = {
    "commonLabels.release": "common",
    "commonLabels.app\\.kubernetes\\.io/component": "common",
    "edge.podLabels.app\\.kubernetes\\.io/instance": "other",
    "monitoring.serviceMonitor.enabled": true,
    "monitoring.serviceMonitor.labels.release": "prometheus",
  };
  // Reading refuses what stands twice.
  const documents = render({values});
  assert.deepEqual(findings(documents, {kubeVersion: "1.33.0"}), []);
  const monitor = documents.find(({kind}) => kind === "ServiceMonitor");
  assert.equal(monitor.metadata.labels.release, "prometheus");
});

test("Pods that are recreated have no numbers of a rolling update", () => {
  const {spec} = render({values: {"edge.strategy.type": "Recreate"}})
    .find(({kind, metadata}) => kind === "Deployment" && /edge$/.test(metadata.name));
  assert.deepEqual(spec.strategy, {type: "Recreate"});
});

test("A name may be a number", () => {
  const documents = render({values: {nameOverride: "42"}});
  assert.deepEqual(problems(documents), []);
  assert.deepEqual(findings(documents, {kubeVersion: "1.33.0"}), []);
});

test("Names are whatever the release is called, and fit", () => {
  const long = "n".repeat(60);
  for (const {metadata} of render({values: {fullnameOverride: long}})) {
    assert.ok(metadata.name.length <= 63, metadata.name);
  }
});
