// The chat room, as two people in two windows see it.
import assert from "node:assert/strict";
import {after, afterEach, before, beforeEach, test} from "node:test";

import {Servers} from "../../support/servers.mjs";
import {Chromium} from "./chromium.mjs";
import {Window} from "./window.mjs";

const servers = new Servers("browser", {
  broker: {
    routes: [
      {pattern: "room:*", host: "relay"},
      {pattern: "echo:*", host: "echo"},
    ],
  },
  edge: {pages: [{path: "/", directory: process.env.AERIE_DEMO}]},
});

const chromium = new Chromium();
before(async () => {
  await servers.start();
  await chromium.start({width: 900, height: 640});
});
after(async () => {
  await chromium.stop();
  await servers.stop();
});

let windows = [];
const open = async (room, name) => {
  windows.push(
    await Window.open(chromium.context, servers.edgePort, room, name));
  return windows.at(-1);
};
beforeEach(() => { windows = []; });
afterEach(async () => {
  for (const {page} of windows) await page.close();
});

test("two windows chat", async () => {
  const ada = await open("lobby", "Ada");
  await ada.shot("empty");
  const grace = await open("lobby", "Grace");
  await ada.says("Good morning!");
  await grace.sees("Good morning!", "Ada");
  await grace.says("Good morning, Ada.");
  await grace.says("Is this thing distributed?");
  await ada.sees("Is this thing distributed?");
  await ada.says("<b>Not</b> quite & yet: Grüße, 世界 🐦");
  await grace.sees("<b>Not</b> quite & yet: Grüße, 世界 🐦", "Ada");
  await ada.page.locator("li.own.waiting").waitFor({state: "detached"});
  await grace.page.locator("#text").pressSequentially("Hmm");
  await ada.page.getByText("Grace is typing…").waitFor();
  await ada.shot("chat");
  assert.deepEqual([ada.complaints, grace.complaints], [[], []]);
});

test("rooms are apart, and the address names them", async () => {
  const ada = await open("lobby", "Ada");
  const alan = await open("enigma", "Alan");
  await ada.says("only for the lobby");
  await ada.sees("only for the lobby");
  await ada.page.fill("#room", "enigma");
  await ada.page.press("#room", "Enter");
  await ada.page.getByText("You are in enigma.").waitFor();
  assert.match(ada.page.url(), /#enigma$/);
  await ada.says("hello");
  await alan.sees("hello", "Ada");
  assert.equal(await alan.page.getByText("only for the lobby").count(), 0);
});

test("the round trip is measured", async () => {
  const ada = await open("lobby", "Ada");
  await ada.page.waitForFunction(
    () => /^\d+\.\d ms$/.test(document.getElementById("rtt").textContent));
  const frames = [];
  ada.page.on("websocket", (socket) => {
    socket.on("framereceived", ({payload}) => frames.push(payload));
  });
  await ada.page.reload();
  await ada.seesState("connected");
  assert.match(await ada.page.textContent("#transport"), /WebSocket/);
  await ada.page.waitForFunction(
    () => /ms$/.test(document.getElementById("rtt").textContent));
  assert.ok(frames.some((frame) => frame.includes("phx_reply")));
});

test("a lost edge is told of, and found again", async () => {
  const ada = await open("lobby", "Ada");
  const grace = await open("lobby", "Grace");
  await servers.edge.kill();
  await ada.seesState("reconnecting");
  await ada.says("said into the dark");
  await ada.shot("reconnecting");
  await servers.startEdge();
  await ada.seesState("connected");
  await ada.page.getByText("You are back.").waitFor();
  await grace.page.getByText("You are back.").waitFor();
  await ada.says("and into the light");
  await grace.sees("and into the light", "Ada");
});

test("a lost broker costs no connection", async () => {
  const ada = await open("lobby", "Ada");
  const grace = await open("lobby", "Grace");
  await servers.broker.kill();
  await ada.page.getByText("The room was lost").waitFor();
  await ada.seesState("connected");
  await servers.startBroker();
  await ada.page.getByText("You are back.").waitFor();
  await grace.page.getByText("You are back.").waitFor();
  await ada.says("here again");
  await grace.sees("here again", "Ada");
});

test("it works in the dark and on a phone", async () => {
  const ada = await open("lobby", "Ada");
  const grace = await open("lobby", "Grace Hopper");
  await grace.says("One accurate measurement is worth a thousand opinions.");
  await ada.sees("One accurate measurement", "Grace Hopper");
  await ada.says("Noted.");
  await grace.sees("Noted.", "Ada");
  await ada.page.emulateMedia({colorScheme: "dark"});
  await ada.shot("chat-dark");
  await ada.page.setViewportSize({width: 390, height: 700});
  await ada.shot("phone-dark");
  await ada.page.emulateMedia({colorScheme: "light"});
  await ada.shot("phone");
  const {width, scroll} = await ada.page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    scroll: document.documentElement.scrollWidth,
  }));
  assert.equal(scroll, width);
});
