// A broker and an edge, as processes with the files, flags and variables of their
// rendered pods, and the pod of `helm test` as it asks them for an echo. Only
// addresses are others.
import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {once} from "node:events";
import {rmSync} from "node:fs";
import http from "node:http";
import test from "node:test";

import {CASES} from "./cases.mjs";
import {render} from "./helm.mjs";
import {deployment, layOut, Running, Secrets} from "./pods.mjs";
import {eventually, freePort} from "../support/servers.mjs";

const BROKER_ADDRESS = /dns:\/\/\/live-aerie-broker-headless\.chat\.svc\.cluster\.local\.:9090/;

// The status of a page of the admin port; 0 when nobody answers.
const status = (port, page) => new Promise((resolve) => {
  http.get({host: "127.0.0.1", port, path: page, agent: false}, (response) => {
    response.resume();
    resolve(response.statusCode);
  }).on("error", () => resolve(0));
});

class Release {
  constructor(values) {
    this.documents = render(values);
    this.wanted = values.secrets;
    this.secrets = new Secrets(this.documents);
    this.running = [];
  }

  // `ports` stand in for those of the rendered configuration.
  #start(component, ports) {
    const spec = deployment(this.documents, component);
    const edit = (text) => Object.entries(ports).reduce(
      (edited, [from, to]) => edited.replaceAll(`0.0.0.0:${from}`, `127.0.0.1:${to}`), text)
      .replace(BROKER_ADDRESS, `127.0.0.1:${this.grpc}`);
    const root = layOut(spec, this.documents, this.secrets, this.wanted, edit);
    const process = new Running(component, spec, root);
    this.running.push(process);
    return process;
  }

  async #ready(component, process, admin) {
    const {readinessProbe} = deployment(this.documents, component).containers[0];
    await eventually(`${component} to be ready: ${process.log()}`, async () => {
      assert.ok(!process.ended, process.log());
      return await status(admin, readinessProbe.httpGet.path) === 200;
    });
  }

  async start() {
    this.grpc = await freePort();
    this.client = await freePort();
    const [brokerAdmin, edgeAdmin] = [await freePort(), await freePort()];
    this.admins = [brokerAdmin, edgeAdmin];
    this.broker = this.#start("broker", {9090: this.grpc, 4011: brokerAdmin});
    this.edge = this.#start("edge", {4000: this.client, 4001: edgeAdmin});
    await this.#ready("broker", this.broker, brokerAdmin);
    await this.#ready("edge", this.edge, edgeAdmin);
  }

  // What the pod of `helm test` does; `variables` change its environment.
  async helmTest(variables = {}) {
    const {spec} = this.documents.find(({kind}) => kind === "Pod");
    const [{command, env}] = spec.containers;
    const root = layOut(spec, this.documents, this.secrets, this.wanted);
    const below = (path) => path.replace(/^\/test/, `${root}/test`);
    const own = Object.fromEntries(env.filter(({value}) => value !== undefined)
      .map(({name, value}) => [name, below(value)]));
    own.URL = own.URL.replace(/\/\/[^/]+/, `//127.0.0.1:${this.client}`);
    const child = spawn(process.execPath, command.slice(1).map(below),
      {env: {...own, PATIENCE_MS: "0", ...variables}});
    let output = "";
    child.stdout.on("data", (text) => { output += text; });
    child.stderr.on("data", (text) => { output += text; });
    const [code] = await once(child, "close");
    return {code, output};
  }

  async stop() {
    for (const one of this.running) await one.stop("SIGKILL");
    rmSync(this.secrets.directory, {recursive: true});
  }
}

async function withRelease(values, conversation) {
  const release = new Release(values);
  try {
    await release.start();
    await conversation(release);
  } finally {
    await release.stop();
  }
}

for (const name of ["default", "tls", "mtls", "mtls-existing", "insecure"]) {
  test(`${name}: a client gets its echo`, () =>
    withRelease(CASES[name], async (release) => {
      const {code, output} = await release.helmTest();
      assert.equal(code, 0, output);
      assert.match(output, /heartbeat on phoenix: ok\nphx_join on echo:helm-test: ok\nping on echo:helm-test: ok/);
    }));
}

test("helm test fails where nobody echoes, and says why", () =>
  withRelease(CASES.default, async (release) => {
    const {code, output} = await release.helmTest({TOPIC: "nobody:here"});
    assert.equal(code, 1);
    assert.match(output, /phx_join on nobody:here is answered error \{"reason":"unmatched topic"\}/);
    assert.equal((await release.helmTest({TOPIC: ""})).code, 0);
  }));

test("helm test fails without a mount", () =>
  withRelease({values: {"test.path": "/elsewhere"}}, async (release) => {
    const {code, output} = await release.helmTest();
    assert.equal(code, 1);
    assert.match(output, /the upgrade is answered 404/);
  }));

test("helm test fails when the edge shows another certificate", () =>
  withRelease(CASES.mtls, async (release) => {
    const another = `${release.secrets.directory}/ca.crt`;
    const {code, output} = await release.helmTest({CERTIFICATE: another});
    assert.equal(code, 1);
    assert.match(output, /another certificate/);
  }));

test("helm test shows its token, and is refused with another one", () =>
  withRelease({
    values: {
      "broker.keys.existingSecret": "keys",
      "broker.config.connect.rule": "tokens",
      "broker.config.connect.tokens[0].token_file": "/etc/aerie/keys/user",
      "broker.config.connect.tokens[0].socket_id": "users:1",
      "test.existingSecret": "keys",
      "test.key": "user",
    },
    secrets: {keys: ["user"]},
  }, async (release) => {
    const {valueFrom} = release.documents.find(({kind}) => kind === "Pod")
      .spec.containers[0].env.find(({name}) => name === "TOKEN");
    const {name, key} = valueFrom.secretKeyRef;
    const TOKEN = release.secrets.get(name, key).toString().trim();
    const {code, output} = await release.helmTest({TOKEN});
    assert.equal(code, 0, output);
    const stranger = await release.helmTest({TOKEN: "another"});
    assert.equal(stranger.code, 1);
    assert.match(stranger.output, /the upgrade is answered 403/);
  }));

test("An edge whose token is another's is not ready", async () => {
  const release = new Release(CASES.default);
  try {
    const spec = deployment(release.documents, "edge");
    release.secrets.get("live-aerie-edge-token", "token");
    await release.start();
    release.secrets.known.get("live-aerie-edge-token").token = Buffer.from("another\n");
    const admin = await freePort();
    const root = layOut(spec, release.documents, release.secrets, {}, (text) => text
      .replace("0.0.0.0:4000", "127.0.0.1:0").replace("0.0.0.0:4001", `127.0.0.1:${admin}`)
      .replace(BROKER_ADDRESS, `127.0.0.1:${release.grpc}`));
    const stranger = new Running("edge", spec, root);
    release.running.push(stranger);
    await eventually("the link to be refused", () => /edge link refused/.test(stranger.log()));
    assert.equal(await status(admin, "/readyz"), 503);
    assert.equal(await status(admin, "/livez"), 200);
  } finally {
    await release.stop();
  }
});

test("Both end with 0 on SIGTERM", () =>
  withRelease(CASES.default, async (release) => {
    assert.deepEqual(await release.edge.stop(), [0, null], release.edge.log());
    assert.deepEqual(await release.broker.stop(), [0, null], release.broker.log());
  }));

// [metric, [label, value] for each that is asked for]
const asked = (expression) =>
  [...expression.matchAll(/(aerie_\w+)\{([^}]*)\}/g)].map(([, name, matchers]) =>
    [name, [...matchers.matchAll(/(\w+)=~?"([^"]*)"/g)]
      .map(([, label, value]) => [label, value])
      .filter(([label]) => !["namespace", "pod"].includes(label))]);

test("Alerts ask for labels that the processes have", () =>
  withRelease(CASES.ha, async (release) => {
    const pages = await Promise.all(release.admins.map(async (port) =>
      (await fetch(`http://127.0.0.1:${port}/metrics`)).text()));
    const series = pages.join("").split("\n");
    const rules = release.documents.find(({kind}) => kind === "PrometheusRule")
      .spec.groups[0].rules;
    for (const {alert, expr} of rules) {
      for (const [name, matchers] of asked(expr)) {
        for (const [label, value] of matchers) {
          for (const one of value.split("|")) {
            assert.ok(series.some((line) => line.startsWith(`${name}{`)
              && line.includes(`${label}="${one}"`)), `${alert}: ${name} ${label}=${one}`);
          }
        }
      }
    }
  }));
