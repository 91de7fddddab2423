// The official clients over WebSocket.
import {after, before} from "node:test";

import {Servers} from "../support/servers.mjs";
import {channelScenarios} from "./channel_scenarios.mjs";
import {VERSIONS} from "./client.mjs";

const servers = new Servers("channel_test");
before(() => servers.start());
after(() => servers.stop());

for (const version of VERSIONS) {
  channelScenarios(version, {port: () => servers.edgePort});
}
