// The processes take the configuration that the chart writes for them, with the
// files that its pods have.
import assert from "node:assert/strict";
import {rmSync} from "node:fs";
import test from "node:test";

import {CASES} from "./cases.mjs";
import {render} from "./helm.mjs";
import {checkConfig, deployment, layOut, Secrets} from "./pods.mjs";

function check(component, values) {
  const documents = render(values);
  const secrets = new Secrets(documents);
  try {
    const spec = deployment(documents, component);
    return checkConfig(component, spec, layOut(spec, documents, secrets, values.secrets));
  } finally {
    rmSync(secrets.directory, {recursive: true});
  }
}

for (const [name, values] of Object.entries(CASES)) {
  for (const component of ["edge", "broker"]) {
    test(`${name}: aerie-${component} takes its configuration`, () => {
      const {status, output} = check(component, values);
      assert.equal(status, 0, output);
    });
  }
}

test("What the schema lets through and cannot work is found here", () => {
  const {status, output} = check("edge", {
    values: {"edge.config.mounts[0].path": "/socket", "edge.config.mounts[0].check_origin": true},
  });
  assert.notEqual(status, 0);
  assert.match(output, /check_origin: true` needs a url_host/);
});

test("A variable that is no key is found here", () => {
  const {status, output} = check("broker", {
    values: {
      "broker.extraEnv[0].name": "AERIE_BROKER_THREDS",
      "broker.extraEnv[0].value": "4",
    },
  });
  assert.notEqual(status, 0);
  assert.match(output, /AERIE_BROKER_THREDS/);
});

test("A key that its Secret lacks is found here", () => {
  const values = CASES["existing-secrets"];
  const {status, output} = check("broker",
    {...values, secrets: {...values.secrets, "aerie-keys": ["2025.pem"]}});
  assert.notEqual(status, 0);
  assert.match(output, /2026\.pem/);
});
