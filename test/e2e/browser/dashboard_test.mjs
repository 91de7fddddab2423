// The broker's dashboard, as an operator sees it.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {after, afterEach, before, test} from "node:test";

import {eventually, Servers} from "../../support/servers.mjs";
import {Chromium, complaintsOf, shotFile} from "./chromium.mjs";
import {Crowd} from "./crowd.mjs";

const AXE = readFileSync(
  createRequire(import.meta.url).resolve("axe-core"), "utf8");

const servers = new Servers("dashboard", {
  broker: {
    routes: [
      {pattern: "room:*", host: "relay"},
      {pattern: "echo:*", host: "echo"},
    ],
  },
});
const chromium = new Chromium();
let crowd;

before(async () => {
  await servers.start();
  await chromium.start({width: 1280, height: 900});
  crowd = new Crowd(servers.edgePort);
});
after(async () => {
  await crowd?.stop();
  await chromium.stop();
  await servers.stop();
});

// The page, what it asks for, and what Chromium complains of.
class Dashboard {
  static async open(hash = "") {
    const dashboard = new Dashboard(await chromium.context.newPage());
    dashboards.push(dashboard);
    await dashboard.page.goto(`${dashboard.origin}/dashboard${hash}`);
    return dashboard;
  }

  constructor(page) {
    this.page = page;
    this.origin = `http://127.0.0.1:${servers.broker.adminPort}`;
    this.complaints = complaintsOf(page);
    this.requests = [];
    page.on("request", (request) => this.requests.push(request));
  }

  async sees(selector, text) {
    await this.page.locator(selector, {hasText: text}).first().waitFor();
  }

  async seesState(state) {
    await this.page.locator(`#state[data-state="${state}"]`).waitFor();
  }

  // The figure of a tile becomes this.
  async seesFigure(id, figure) {
    await this.page.waitForFunction(
      ([element, text]) => document.getElementById(element).textContent === text,
      [id, figure]);
  }

  async search(text) {
    await this.page.fill("#search", text);
    await this.page.press("#search", "Enter");
  }

  async shot(name, options = {}) {
    await this.page.screenshot({path: shotFile(name), ...options});
  }

  // How many different colours a part of the page has, and how large a share of
  // it the commonest is.
  async coloursOf(selector) {
    const png = await this.page.locator(selector).screenshot();
    const blank = await chromium.context.newPage();
    const colours = await blank.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const drawing = canvas.getContext("2d");
      drawing.drawImage(bitmap, 0, 0);
      const {data} = drawing.getImageData(0, 0, bitmap.width, bitmap.height);
      const counts = new Map();
      for (const pixel of new Uint32Array(data.buffer)) {
        counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
      }
      return {
        different: counts.size,
        commonest: Math.max(...counts.values()) * 4 / data.length,
      };
    }, png.toString("base64"));
    await blank.close();
    return colours;
  }

  // What axe finds wrong for those who do not see, point or tell colours as
  // others do.
  async barriers() {
    await this.page.evaluate(AXE);
    return this.page.evaluate(async () => {
      const {violations} = await globalThis.axe.run();
      return violations.map(({id, nodes}) =>
        `${id}: ${nodes.map(({html}) => html.slice(0, 120)).join(" | ")}`);
    });
  }

  // It has read from its own port, and left nothing behind.
  async checkManners() {
    for (const request of this.requests) {
      assert.equal(request.method(), "GET");
      assert.equal(new URL(request.url()).origin, this.origin);
      assert.equal(request.headers().cookie, undefined);
    }
    assert.deepEqual(await chromium.context.cookies(), []);
    assert.deepEqual(this.complaints, []);
  }
}

const dashboards = [];
afterEach(async () => {
  for (const {page} of dashboards.splice(0)) await page.close();
});

test("an empty broker says that it is empty", async () => {
  const dashboard = await Dashboard.open();
  await dashboard.seesState("live");
  await dashboard.sees("#topics-none", "Nobody has joined a topic.");
  await dashboard.sees("#sockets-none", "No socket is open.");
  await dashboard.sees("#edges li", "0 sockets");
  await dashboard.sees("#hosts li", "relay");
  await dashboard.seesFigure("tile-sockets", "0");
  await dashboard.seesFigure("tile-queued", "0 B");
  await dashboard.shot("dashboard-empty", {fullPage: true});
  await dashboard.checkManners();
});

test("figures, topology and topics are right, and live", async () => {
  const dashboard = await Dashboard.open();
  for (let i = 1; i <= 12; ++i) {
    await crowd.add(`users:${i}`, "room:lobby",
      ...(i <= 5 ? ["room:small"] : []), ...(i === 1 ? ["echo:one"] : []));
  }
  await dashboard.seesFigure("tile-sockets", "12");
  await dashboard.seesFigure("tile-channels", "18");
  await dashboard.seesFigure("tile-topics", "3");
  await dashboard.sees("#edges li", "12 sockets");
  await dashboard.sees("#hosts li", "17 channels · built in");
  await dashboard.sees("#hosts li", "1 channel · built in");
  await dashboard.sees("#brokers li", "3 topics · 18 channels");
  await dashboard.sees("#topics li:nth-child(1)", "room:lobby");
  await dashboard.sees("#topics li:nth-child(1) .number", "12");
  await dashboard.sees("#topics li:nth-child(2)", "room:small");
  await dashboard.sees("#sockets tr", "users:7");
  assert.equal(await dashboard.page.locator("#sockets tr").count(), 12);

  const late = await crowd.add("users:late", "room:lobby");
  await dashboard.seesFigure("tile-sockets", "13");
  await crowd.leave(late);
  await dashboard.seesFigure("tile-sockets", "12");
  await dashboard.page.locator("#sockets tr", {hasText: "users:late"})
    .waitFor({state: "detached"});
  await dashboard.checkManners();
});

test("edges come and go", async () => {
  const dashboard = await Dashboard.open();
  await dashboard.page.locator("#edges li:nth-child(1)").waitFor();
  const port = await servers.startSecondEdge();
  await dashboard.page.locator("#edges li:nth-child(2)").waitFor();
  const others = new Crowd(port);
  await others.add("users:other", "room:lobby");
  await dashboard.sees("#edges li", "second-edge");
  await dashboard.sees("#edges li", "1 socket ");

  // Only those of one edge.
  await dashboard.page.locator("#edges button", {hasText: "second-edge"})
    .click();
  await dashboard.sees("#sockets-of", "of second-edge");
  await dashboard.page.waitForFunction(
    () => document.querySelectorAll("#sockets tr").length === 1);
  await dashboard.page.click("#sockets-all");
  await dashboard.page.waitForFunction(
    () => document.querySelectorAll("#sockets tr").length === 13);
  await others.stop();
  await servers.stopSecondEdge();
  await dashboard.page.locator("#edges li:nth-child(2)")
    .waitFor({state: "detached"});
  await dashboard.checkManners();
});

test("many sockets come in pages", async () => {
  const crowds = new Crowd(servers.edgePort);
  for (let i = 0; i < 30; ++i) await crowds.add(`many:${i}`, "room:many");
  const dashboard = await Dashboard.open();
  await dashboard.page.waitForFunction(
    () => document.querySelectorAll("#sockets tr").length === 25);
  await dashboard.page.click("#sockets-next");
  await dashboard.page.waitForFunction(
    () => document.querySelectorAll("#sockets tr").length === 17);
  assert.ok(await dashboard.page.isDisabled("#sockets-next"));
  await dashboard.page.click("#sockets-previous");
  await dashboard.page.waitForFunction(
    () => document.querySelectorAll("#sockets tr").length === 25);
  await crowds.stop();
});

test("plots have a past when the page is new, and go on", async () => {
  crowd.chat(50);
  await eventually("some history", async () => {
    const reply = await fetch(`http://127.0.0.1:${servers.broker.adminPort}` +
      "/dashboard/api/history");
    const {series, samples} = await reply.json();
    const column = series.indexOf("messages_out") + 1;
    return samples.filter((sample) => sample[column] > 10).length >= 4;
  });
  const dashboard = await Dashboard.open();
  const line = dashboard.page.locator("#plot-messages .line").first();
  await dashboard.page.waitForFunction(() =>
    /L.*L.*L/.test(document.querySelector("#plot-messages .line")
      .getAttribute("d")));
  const before = await line.getAttribute("d");
  await dashboard.page.waitForFunction((old) =>
    document.querySelector("#plot-messages .line").getAttribute("d") !== old,
  before);
  assert.match(await dashboard.page.textContent("#plot-messages .legend"),
    /Out [1-9]/);
  assert.notEqual(await dashboard.page.textContent("#tile-in"), "0");
  assert.match(await dashboard.page.textContent("#plot-load .legend"),
    /Channels 18.*Sockets 12/);

  // The arrow keys tell what was.
  const plot = dashboard.page.locator("#plot-load [role=slider]");
  await plot.focus();
  await plot.press("Home");
  assert.match(await plot.getAttribute("aria-valuetext"),
    /ago: Channels \d+, Sockets \d+$/);
  assert.ok(Number(await plot.getAttribute("aria-valuenow")) < -5);
  await plot.press("End");
  assert.match(await plot.getAttribute("aria-valuetext"),
    /Channels 18, Sockets 12$/);
  await dashboard.checkManners();
});

test("sockets and topics are found, by keyboard alone", async () => {
  const dashboard = await Dashboard.open();
  const {page} = dashboard;
  await dashboard.seesState("live");
  await page.keyboard.press("/");
  await page.keyboard.type("users:7");
  await page.locator("#found-sockets tr").waitFor();
  await dashboard.sees("#found-sockets tr", "users:7");
  const key = await page.locator("#found-sockets a").textContent();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await dashboard.sees("#details-name", key);
  await dashboard.sees("#details-body dd", "users:7");
  await dashboard.sees("#details-body dd", "WebSocket");
  await dashboard.sees("#details-body dd", "V2");
  await dashboard.sees("#details-body dd", "127.0.0.1:");
  await dashboard.sees("#details-body dd", "0 B");
  await dashboard.sees("#details-body li", "room:lobby");
  await dashboard.shot("dashboard-socket");
  await page.keyboard.press("Escape");
  await page.locator("#details").waitFor({state: "hidden"});
  await page.waitForFunction(() => location.hash === "");

  await dashboard.search(key);
  await dashboard.sees("#found-sockets tr", "users:7");
  await dashboard.search("room:*");
  await dashboard.sees("#found-topics li", "room:lobby");
  await dashboard.sees("#found-summary", "0 sockets, 2 topics.");
  await dashboard.search("nobody");
  await dashboard.sees("#found-summary", "Nothing.");
  await page.press("#search", "Escape");
  await page.locator("#found").waitFor({state: "hidden"});
  await dashboard.checkManners();
});

test("an address names a topic, and what it shows is live", async () => {
  const dashboard = await Dashboard.open("#topic=room%3Asmall");
  await dashboard.sees("#details-name", "room:small");
  await dashboard.sees("#details-body dl dd", "5");
  await dashboard.sees("#details-body .bars li", "relay");
  const late = await crowd.add("users:small", "room:small");
  await dashboard.sees("#details-body dl dd", "6");
  await dashboard.shot("dashboard-topic");
  // From a topic to one of its sockets, and back.
  await dashboard.page.locator("#details-body .sample a").first().click();
  await dashboard.sees("#details-kind", "Socket");
  await dashboard.page.goBack();
  await dashboard.sees("#details-name", "room:small");
  await crowd.leave(late);
  await dashboard.sees("#details-body dl dd", "5");

  const nothing = await Dashboard.open("#topic=room%3Anowhere");
  await nothing.sees("#details-body", "This topic is not there");
  // The console tells of the 404; nothing else does.
  assert.ok(nothing.complaints.every((text) => text.includes("404")));
});

test("it looks right in light, in dark and on a phone", async () => {
  const dashboard = await Dashboard.open();
  const {page} = dashboard;
  await dashboard.sees("#topics li", "room:lobby");
  await dashboard.sees("#sockets tr", "users:1");
  const backgrounds = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({colorScheme});
    await dashboard.shot(`dashboard-${colorScheme}`, {fullPage: true});
    for (const plot of ["#plot-load", "#plot-messages", "#plot-busy"]) {
      const {different, commonest} = await dashboard.coloursOf(`${plot} svg`);
      assert.ok(different > 20, `${plot} has ${different} colours`);
      assert.ok(commonest < 0.97, `${plot} is blank: ${commonest}`);
    }
    assert.ok((await dashboard.coloursOf(".topology")).different > 20);
    backgrounds.push(await page.evaluate(
      () => getComputedStyle(document.body).backgroundColor));
    assert.deepEqual(await dashboard.barriers(), []);
  }
  assert.notEqual(backgrounds[0], backgrounds[1]);
  await page.setViewportSize({width: 390, height: 800});
  await dashboard.shot("dashboard-phone-dark", {fullPage: true});
  const {width, scroll} = await page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    scroll: document.documentElement.scrollWidth,
  }));
  assert.equal(scroll, width);
  await dashboard.checkManners();
});

test("its policy lets nothing else in", async () => {
  const dashboard = await Dashboard.open();
  await dashboard.seesState("live");
  const breaches = await dashboard.page.evaluate(async (elsewhere) => {
    const seen = [];
    document.addEventListener("securitypolicyviolation",
      ({effectiveDirective}) => seen.push(effectiveDirective));
    const image = new Image();
    image.src = elsewhere;
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.body.append(image, style);
    await fetch(elsewhere).catch(() => {});
    try {
      document.body.innerHTML = "<b>not this</b>";
    } catch { /* As it should be. */ }
    await new Promise((done) => setTimeout(done, 200));
    return seen;
  }, `http://127.0.0.1:${servers.edgePort}/`);
  for (const directive of ["img-src", "style-src-elem", "connect-src",
    "require-trusted-types-for"]) {
    assert.ok(breaches.includes(directive), `${directive}: ${breaches}`);
  }
});

test("loops that do not answer are told of, and plots go on", async () => {
  const dashboard = await Dashboard.open();
  await dashboard.seesState("live");
  const overview = "**/dashboard/api/overview";
  await dashboard.page.route(overview, (route) => route.fulfill({
    status: 503,
    contentType: "application/json",
    body: `{"error":"the broker's loops do not answer"}`,
  }));
  await dashboard.seesState("busy");
  await dashboard.sees("#trouble", "503: the broker's loops do not answer.");
  const path = () => dashboard.page.locator("#plot-load .line").first()
    .getAttribute("d");
  const before = await path();
  await eventually("a plot to go on", async () => await path() !== before);
  await dashboard.page.unroute(overview);
  await dashboard.seesState("live");
});

test("a page that fails says so", async () => {
  const page = await chromium.context.newPage();
  const dashboard = new Dashboard(page);
  dashboards.push(dashboard);
  await page.route("**/dashboard/api/history*", (route) => route.fulfill({
    contentType: "application/json", body: "[]",
  }));
  await page.goto(`${dashboard.origin}/dashboard`);
  await dashboard.sees("#trouble", "This page has failed");
});

test("a broker that is gone is told of, and found again", async () => {
  const dashboard = await Dashboard.open();
  await dashboard.seesFigure("tile-sockets", "12");
  await servers.broker.kill();
  await dashboard.seesState("gone");
  await dashboard.sees("#trouble", "The broker does not answer.");
  await dashboard.sees("#trouble", "Trying again every 2 seconds.");
  await dashboard.shot("dashboard-gone");
  await servers.startBroker();
  await dashboard.seesState("live");
  await dashboard.page.locator("#trouble").waitFor({state: "hidden"});
  // The clients come back by themselves.
  await dashboard.seesFigure("tile-channels", "18");
});
