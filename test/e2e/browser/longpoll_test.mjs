// The chat room behind a balancer of two edges that knows no WebSockets: the page
// polls, and each of its requests goes to the next edge.
import assert from "node:assert/strict";
import {after, before, test} from "node:test";

import {Balancer} from "../../support/balancer.mjs";
import {MuteProxy} from "../../support/mute_proxy.mjs";
import {Servers} from "../../support/servers.mjs";
import {Chromium} from "./chromium.mjs";
import {Window} from "./window.mjs";

const servers = new Servers("browser_longpoll", {
  broker: {
    routes: [
      {pattern: "room:*", host: "relay"},
      {pattern: "echo:*", host: "echo"},
    ],
  },
  edge: {pages: [{path: "/", directory: process.env.AERIE_DEMO}]},
});
const balancer = new Balancer("browser_longpoll", {breaksWebSockets: true});
const chromium = new Chromium();
before(async () => {
  await servers.start();
  await servers.startSecondEdge();
  await balancer.start([servers.edge, servers.second]);
  await chromium.start({width: 900, height: 640});
});
after(async () => {
  await chromium.stop();
  await balancer.stop();
  await servers.stop();
});

test("two windows chat over long polls, through an edge's restart", async () => {
  const open = (name) =>
    Window.open(chromium.context, balancer.port, "lobby", name);
  const [ada, grace] = [await open("Ada"), await open("Grace")];
  assert.match(await ada.page.textContent("#transport"), /LongPoll/);
  await ada.says("Good morning!");
  await grace.sees("Good morning!", "Ada");
  await ada.page.waitForFunction(
    () => /ms$/.test(document.getElementById("rtt").textContent));

  servers.second.signal("SIGTERM");
  await grace.says("said while an edge goes");
  await ada.sees("said while an edge goes", "Grace");
  await servers.second.exited;
  await ada.says("said while it is away");
  await grace.sees("said while it is away", "Ada");
  await servers.second.start();
  await servers.second.ready();
  for (let n = 0; n < 4; n += 1) {
    await ada.says(`said after it is back: ${n}`);
    await grace.sees(`said after it is back: ${n}`, "Ada");
  }
  // Neither has had to begin again.
  assert.equal(await ada.page.getByText("You are back.").count(), 0);
  await ada.shot("longpoll");
});

test("a page whose WebSocket says nothing falls back to long polls", async (t) => {
  const balanced = new Balancer("browser_mute");
  const mute = new MuteProxy();
  t.after(async () => {
    await mute.stop();
    await balanced.stop();
  });
  await balanced.start([servers.edge, servers.second]);
  await mute.start(balanced.port);
  const ada = await Window.open(chromium.context, mute.port, "mute", "Ada");
  assert.match(await ada.page.textContent("#transport"), /LongPoll/);
  await ada.says("Can you hear me?");
  await ada.sees("Can you hear me?", "Ada");
  assert.ok(mute.upgrades > 0);
});
