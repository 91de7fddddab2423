// Tokens that are signed: what they allow, and how they end.
import assert from "node:assert/strict";
import {generateKeyPairSync, sign} from "node:crypto";
import {mkdtempSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";

import {Servers, eventually} from "../support/servers.mjs";
import {Client, VERSIONS, answer, next, rejoined} from "./client.mjs";

const {publicKey, privateKey} = generateKeyPairSync("ed25519");
const keyFile = join(mkdtempSync(join(tmpdir(), "jwt-")), "tokens.pem");
writeFileSync(keyFile, publicKey.export({type: "spki", format: "pem"}));

const servers = new Servers("jwt_test", {
  broker: {
    connect: {
      rule: "jwt",
      jwt: {
        keys: [{algorithm: "EdDSA", kid: "k", file: keyFile}],
        leeway: 0,
        socket_id: "users:{sub}",
        assigns: {user: "{sub}"},
        topics: ["room:{rooms}"],
      },
    },
    limits: {grant_grace: 0},
  },
});
before(() => servers.start());
after(() => servers.stop());

const encode = (json) =>
  Buffer.from(JSON.stringify(json)).toString("base64url");

function token(seconds) {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const text = `${encode({alg: "EdDSA", kid: "k"})}.${
    encode({sub: "ada", rooms: ["a", "b"], exp})}`;
  return `${text}.${sign(null, Buffer.from(text), privateKey)
    .toString("base64url")}`;
}

for (const version of VERSIONS) {
  const show = (token) =>
    version.authToken ? {authToken: token} : {params: {token}};
  const change = (socket, token) => {
    if (typeof socket.authToken === "function") {
      socket.authToken = () => token;
    } else if (version.authToken) {
      socket.authToken = token;
    } else if (typeof socket.params === "function") {
      socket.params = () => ({token});
    } else {
      socket.params = {token};
    }
  };

  describe(`phoenix ${version.name}`, () => {
    test("claims say who one is, and what may be joined", async (t) => {
      const client = new Client(version, servers.edgePort, show(token(60)));
      t.after(() => client.close());
      await client.open();
      const channel = await client.join("room:b");
      assert.deepEqual((await answer(channel.push("whoami", {}))).response,
        {id: "users:ada", assigns: {user: "ada"}});
      assert.deepEqual(await answer(client.channel("room:c").join()),
        {status: "error", response: {reason: "unauthorized"}});
    });

    test("who shows a new token in time goes on", async (t) => {
      const client = new Client(version, servers.edgePort, show(token(2)));
      t.after(() => client.close());
      await client.open();
      const channel = client.channel("room:a");
      const expiring = next(channel, "token_expiring");
      assert.equal((await answer(channel.join())).status, "ok");
      const {expires_in: left} = await expiring;
      assert.ok(left >= 1 && left <= 2, `${left}`);
      const back = rejoined(channel);
      change(client.socket, token(60));
      await back;
      assert.equal(client.closeCodes[0], 1008);
      await eventually("a channel that works", async () =>
        (await answer(channel.push("echo", {}))).status === "ok");
    });
  });
}
