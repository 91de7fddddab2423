// How brokers are reached.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { ServerCredentials } from "@grpc/grpc-js";

import { AerieError, ControlClient } from "@aerie/client";
import type { TlsOptions } from "@aerie/client";
import { pause, pauseMs } from "#dist/backoff.js";

import { FakeBroker, answers } from "./fake_broker.js";

let directory: string;
let certFile: string;
let keyFile: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), "aerie-"));
  certFile = join(directory, "cert.pem");
  keyFile = join(directory, "key.pem");
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec",
    "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
    "-subj", "/CN=broker.test", "-addext", "subjectAltName=DNS:broker.test",
    "-keyout", keyFile, "-out", certFile], { stdio: "ignore" });
});
after(() => rmSync(directory, { recursive: true }));

const control = {
  clusterInfo: answers(() => ({ brokers: [], edges: [], hosts: [] })),
};

async function ask(broker: FakeBroker, tls?: TlsOptions, tokenFile?: string) {
  const client = new ControlClient({ brokers: broker.address,
    ...tls && { tls }, ...tokenFile && { tokenFile } });
  try {
    return await client.clusterInfo({ timeoutMs: 2_000 });
  } finally {
    client.close();
  }
}

test("TLS checks the broker's name and shows a certificate", async () => {
  const pem = readFileSync(certFile);
  const broker = await new FakeBroker("b", control).start(
    ServerCredentials.createSsl(pem,
      [{ cert_chain: pem, private_key: readFileSync(keyFile) }], true));
  const shown = { caFile: certFile, certFile, keyFile };
  await ask(broker, { ...shown, serverName: "broker.test" });
  await assert.rejects(ask(broker, shown), AerieError);
  await assert.rejects(ask(broker,
    { caFile: certFile, serverName: "broker.test" }), AerieError);
  await assert.rejects(ask(broker), AerieError);
  broker.stop();
});

test("a token file is read at each attempt", async () => {
  const tokens: unknown[] = [];
  const broker = await new FakeBroker("b", { clusterInfo: answers((_, call) => {
    tokens.push(...call.metadata.get("authorization"));
    return { brokers: [], edges: [], hosts: [] };
  }) }).start();
  const file = join(directory, "token");
  for (const token of ["first", "second\n"]) {
    writeFileSync(file, token);
    await ask(broker, undefined, file);
  }
  assert.deepEqual(tokens, ["Bearer first", "Bearer second"]);
  broker.stop();
});

test("pauses double up to ten seconds, half of each is random", () => {
  assert.deepEqual([1, 2, 3, 20].map((n) => pauseMs(n, () => 0)),
    [50, 100, 200, 5_000]);
  assert.deepEqual([1, 2, 3, 20].map((n) => pauseMs(n, () => 1)),
    [100, 200, 400, 10_000]);
});

test("a pause ends when it is no longer wanted", async () => {
  const controller = new AbortController();
  const paused = pause(60_000, controller.signal);
  controller.abort();
  await paused;
  await pause(60_000, controller.signal);
});
