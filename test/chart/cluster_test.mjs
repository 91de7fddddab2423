// What the chart does differently when there is a cluster: secrets that it has
// made once are kept. And what it says to who installs it.
import assert from "node:assert/strict";
import test from "node:test";

import {ApiServer} from "./api_server.mjs";
import {CASES} from "./cases.mjs";
import {install} from "./helm.mjs";

async function installed(values, secrets) {
  const cluster = new ApiServer(secrets);
  try {
    return await install(await cluster.start(), values);
  } finally {
    await cluster.stop();
  }
}

const secretsOf = (text) => Object.fromEntries(
  [...text.matchAll(/^  (token|keys): (\S+)$/gm)].map(([, key, value]) => [key, value]));
const notesOf = (text) => text.slice(text.indexOf("NOTES:"));

test("An upgrade keeps the secrets that an installation has made", async () => {
  const kept = {token: btoa("the old token"), keys: btoa("the old key\nand an older one\n")};
  const {token, keys} = secretsOf(await installed({}, {
    "live-aerie-edge-token": {token: kept.token},
    "live-aerie-resume-key": {keys: kept.keys},
  }));
  assert.deepEqual({token, keys}, kept);
});

test("What is missing is made, and what is there is kept", async () => {
  const old = btoa("the old token");
  const {token, keys} = secretsOf(await installed({}, {
    "live-aerie-edge-token": {token: old},
    "live-aerie-resume-key": {},
  }));
  assert.equal(token, old);
  assert.equal(atob(atob(keys).trim()).length, 32);
});

test("The notes say where things are and what is open", async () => {
  const notes = notesOf(await installed({}));
  assert.match(notes, /ws:\/\/live-aerie-edge\.chat:80\/socket/);
  assert.match(notes, /live-aerie-broker-headless\.chat\.svc\.cluster\.local\.:9090/);
  assert.match(notes, /helm -n chat test live/);
  assert.match(notes, /Everybody may connect/);
  assert.match(notes, /travel without TLS/);
  assert.doesNotMatch(notes, /trusted_proxies|may do everything|BackendTLSPolicy/);
});

test("The notes warn of what is insecure, and of proxies that are not believed", async () => {
  const notes = notesOf(await installed({
    values: {
      ...CASES.insecure.values,
      "ingress.enabled": true,
      "ingress.hosts[0].host": "chat.example.com",
      "tls.edge.enabled": true,
      "tls.edge.existingSecret": "chat-tls",
      "broker.config.connect.rule": "jwt",
    },
  }));
  assert.match(notes, /may do everything/);
  assert.match(notes, /trusted_proxies is empty/);
  assert.match(notes, /BackendTLSPolicy/);
  assert.doesNotMatch(notes, /Everybody may connect|travel without TLS/);
});
