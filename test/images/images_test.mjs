// The images: small, without anything to run but the process, and running as the
// chart's pods say.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {once} from "node:events";
import {existsSync, lstatSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {fileURLToPath} from "node:url";

import {CASES} from "../chart/cases.mjs";
import {CHART, render} from "../chart/helm.mjs";
import {deployment, layOut, Secrets} from "../chart/pods.mjs";
import {eventually, freePort} from "../support/servers.mjs";
import {Image, run} from "./container.mjs";

const {WebSocket} = createRequire(
  fileURLToPath(new URL("../phoenix_js/", import.meta.url)))("ws");

const BYTES_MAX = 40_000_000;
const images = {};
const names = {edge: process.env.AERIE_EDGE_IMAGE, broker: process.env.AERIE_BROKER_IMAGE};

before(() => {
  for (const [component, name] of Object.entries(names)) images[component] = new Image(name);
});
after(() => {
  for (const image of Object.values(images)) image.remove();
});

const status = async (port, page) => {
  try {
    return (await fetch(`http://127.0.0.1:${port}${page}`)).status;
  } catch {
    return 0;
  }
};

// Broker and edge in containers; ends both.
async function withContainers(values, conversation) {
  const documents = render(values);
  const secrets = new Secrets(documents);
  const ports = {};
  for (const name of ["grpc", "client", "brokerAdmin", "edgeAdmin"]) ports[name] = await freePort();
  const edit = (text) => text
    .replace("0.0.0.0:9090", `127.0.0.1:${ports.grpc}`)
    .replace("0.0.0.0:4011", `127.0.0.1:${ports.brokerAdmin}`)
    .replace("0.0.0.0:4000", `127.0.0.1:${ports.client}`)
    .replace("0.0.0.0:4001", `127.0.0.1:${ports.edgeAdmin}`)
    .replace(/dns:\/\/\/\S+/, `127.0.0.1:${ports.grpc}`);
  const containers = {};
  try {
    for (const component of ["broker", "edge"]) {
      const pod = deployment(documents, component);
      const files = layOut(pod, documents, secrets, values.secrets, edit, true);
      const one = images[component].start(pod, files);
      containers[component] = one;
      await eventually(`${component} to be ready`, async () => {
        assert.ok(!one.ended, one.log);
        return await status(ports[`${component}Admin`], "/readyz") === 200;
      });
    }
    await conversation(containers, ports);
  } finally {
    for (const one of Object.values(containers)) await one.stop("KILL");
    rmSync(secrets.directory, {recursive: true});
  }
}

for (const component of ["edge", "broker"]) {
  test(`aerie-${component}: at most 40 MB`, () => {
    assert.ok(images[component].bytes() <= BYTES_MAX, `${images[component].bytes()} bytes`);
  });

  test(`aerie-${component}: nothing to run besides, no files with another's rights`, () => {
    const {root} = images[component];
    const programs = images[component].files().filter((path) => {
      const {mode} = lstatSync(join(root, path));
      assert.equal(mode & 0o6000, 0, path);
      return lstatSync(join(root, path)).isFile() && mode & 0o111
        && !/\.so(\.|$)/.test(path);
    });
    assert.deepEqual(programs, [`/usr/bin/aerie-${component}`]);
    for (const path of ["/bin/sh", "/usr/bin/apt", "/usr/bin/ldd", "/build/packages"]) {
      assert.ok(!existsSync(join(root, path)), path);
    }
  });

  test(`aerie-${component}: whose it is and what it runs`, () => {
    const {config} = images[component];
    assert.equal(config.User, "65532:65532");
    assert.deepEqual(config.Entrypoint, [`/usr/bin/aerie-${component}`]);
    assert.equal(config.StopSignal, "SIGTERM");
    const label = (name) => config.Labels[`org.opencontainers.image.${name}`];
    assert.equal(label("title"), `aerie-${component}`);
    assert.equal(label("licenses"), "Apache-2.0");
    assert.match(label("version"), /^\d+\.\d+\.\d+$/);
    assert.equal(label("revision"), run("git", "rev-parse", "HEAD"));
    assert.ok(label("description"));
  });

  test(`aerie-${component}: scanners see the packages of all its libraries`, () => {
    const {root} = images[component];
    const packages = readFileSync(join(root, "var/lib/dpkg/status"), "utf8").trim().split("\n\n");
    const known = packages.map((text) => text.match(/^Package: (\S+)$/m)[1]);
    for (const name of ["libc6", "libssl3", "libgrpc++1.51", "libprotobuf32", "ca-certificates"]) {
      assert.ok(known.includes(name), name);
    }
    for (const text of packages) {
      assert.match(text, /^Status: install ok installed$/m);
      assert.match(text, /^Version: \S+$/m);
    }
    assert.equal(new Set(known).size, known.length);
    assert.match(readFileSync(join(root, "etc/os-release"), "utf8"), /^ID=debian$/m);
  });
}

test("As pods: ready, and a client gets its echo", () =>
  withContainers(CASES.default, async (_containers, {client}) => {
    const {status: code, stdout, stderr} = spawnSync(process.execPath,
      [`${CHART}/files/websocket.mjs`], {encoding: "utf8", env: {
        URL: `http://127.0.0.1:${client}/socket/websocket`,
        TOPIC: "echo:images", PATIENCE_MS: "0",
      }});
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /ping on echo:images: ok/);
  }));

test("With mutual TLS between them", () =>
  withContainers({
    values: {"tls.grpc.enabled": true, "tls.grpc.mutual": true,
      "tls.grpc.certificate.create": true, "tls.grpc.certificate.issuerRef.name": "a"},
  }, async (_containers, {edgeAdmin}) => {
    assert.equal(await status(edgeAdmin, "/readyz"), 200);
  }));

test("Another user, no capabilities, no new privileges, a root that stays as it is", () =>
  withContainers(CASES.default, async (containers) => {
    for (const one of Object.values(containers)) {
      const text = readFileSync(`/proc/${one.pid}/status`, "utf8");
      const field = (name) => text.match(new RegExp(`^${name}:\\s+(\\S+)`, "m"))[1];
      assert.equal(field("Uid"), "65532");
      assert.equal(field("Gid"), "65532");
      for (const name of ["CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb"]) {
        assert.match(field(name), /^0+$/, name);
      }
      assert.equal(field("NoNewPrivs"), "1");
      assert.throws(() => writeFileSync(`/proc/${one.pid}/root/written`, "x"), /EROFS/);
    }
  }));

test("SIGTERM: sockets are closed with 1012 within the window, and the edge ends with 0", () =>
  withContainers({values: {"edge.drain.windowSeconds": 2}},
    async ({edge, broker}, {client, edgeAdmin}) => {
      const socket = new WebSocket(
        `ws://127.0.0.1:${client}/socket/websocket?vsn=2.0.0`);
      await once(socket, "open");
      const closed = once(socket, "close");
      const ended = edge.stop();
      await eventually("the edge to turn unready", async () =>
        [503, 0].includes(await status(edgeAdmin, "/readyz")));
      assert.equal((await closed)[0], 1012);
      assert.deepEqual(await ended, [0, null], edge.log);
      assert.deepEqual(await broker.stop(), [0, null], broker.log);
    }));
