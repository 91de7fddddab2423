// Tokens: the auth-token subprotocol of 1.8, and the param of those before.
import assert from "node:assert/strict";
import {after, before, describe, test} from "node:test";

import {Servers} from "../support/servers.mjs";
import {Client, VERSIONS, answer, within} from "./client.mjs";

const servers = new Servers("auth_test", {
  broker: {
    connect: {
      rule: "tokens",
      tokens: [
        {token: "ada-?>~token", socket_id: "users:ada", assigns: {name: "Ada"}},
        {token: "alan-token", socket_id: "users:alan"},
      ],
    },
  },
});
before(() => servers.start());
after(() => servers.stop());

const refusal = (client) => {
  const refused = within("a refused connect",
    new Promise((resolve) => client.socket.onError(resolve)));
  client.socket.connect();
  return refused;
};

for (const version of VERSIONS) {
  const show = (token) =>
    version.authToken ? {authToken: token} : {params: {token}};

  describe(`phoenix ${version.name}`, () => {
    test("a token decides who one is", async (t) => {
      const client = new Client(version, servers.edgePort,
        show("ada-?>~token"));
      t.after(() => client.close());
      await client.open();
      const channel = await client.join("room:tokens");
      const {response} = await answer(channel.push("whoami", {}));
      assert.deepEqual(response, {id: "users:ada", assigns: {name: "Ada"}});
    });

    test("an unknown token is refused", async (t) => {
      const client = new Client(version, servers.edgePort, show("eve"));
      t.after(() => client.close());
      await refusal(client);
      assert.equal(client.opens, 0);
    });

    test("no token is refused", async (t) => {
      const client = new Client(version, servers.edgePort);
      t.after(() => client.close());
      await refusal(client);
      assert.equal(client.opens, 0);
    });
  });
}
