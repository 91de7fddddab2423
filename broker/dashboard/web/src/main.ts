// The dashboard: asks the broker every two seconds while it is looked at, and
// shows what has changed.
import {ApiError, get, type HistoryReply, type Overview, type SocketList,
  type TopicList} from "./api.ts";
import {Details} from "./details.ts";
import {byId, setText} from "./dom.ts";
import {bytes, count, duration, parseDuration, rate} from "./format.ts";
import {History} from "./history.ts";
import {showTopics, SocketPages} from "./lists.ts";
import {Plots} from "./plots.ts";
import {Search} from "./search.ts";
import {Topology} from "./topology.ts";

const PERIOD_MS = 2_000;
// Lists are dearer for the broker, and change less.
const LISTS_EVERY = 2;

const history = new History();
const plots = new Plots();
const details = new Details();
const sockets = new SocketPages((params) => get<SocketList>("sockets", params));
const topology = new Topology((edge) => {
  sockets.only(edge);
  byId("sockets-title").scrollIntoView({block: "nearest"});
});
new Search();

let broker = "";
let round = 0;
let lastAnswer = 0;

function showTiles({cluster}: Overview): void {
  const [one] = cluster.brokers;
  if (!one) return;
  const queued = ["inbox_bytes", "edge_queue_bytes", "host_queue_bytes",
    "watch_queue_bytes"].reduce((sum, name) => sum + history.newest(name), 0);
  const figures: Record<string, string> = {
    "tile-sockets": count(Number(one.sockets)),
    "tile-channels": count(Number(one.channels)),
    "tile-topics": count(Number(one.topics)),
    "tile-in": rate(history.newest("messages_in")),
    "tile-out": rate(history.newest("messages_out")),
    "tile-queued": bytes(queued),
  };
  for (const [id, text] of Object.entries(figures)) setText(byId(id), text);
  setText(byId("broker-name"), one.name);
  setText(byId("broker-about"), `Version ${one.version}, up for ` +
    duration(parseDuration(one.uptime)));
  document.title = `${one.name} · Aerie`;
}

function showState(state: "live" | "draining" | "busy" | "gone",
  words: string): void {
  const pill = byId("state");
  if (pill.dataset.state !== state) pill.dataset.state = state;
  setText(pill, words);
  document.body.classList.toggle("stale", state === "gone" || state === "busy");
}

function showTrouble(error: unknown): void {
  if (!(error instanceof ApiError)) {
    showState("gone", "Page failed");
    setText(byId("trouble-what"), `This page has failed: ${error}.`);
    setText(byId("trouble-since"), "Reload it.");
    byId("trouble").hidden = false;
    throw error;
  }
  const silent = lastAnswer
    ? `What you see is ${duration((Date.now() - lastAnswer) / 1000)} old.` : "";
  byId("trouble").hidden = false;
  if (error.gone) {
    showState("gone", "Broker gone");
    setText(byId("trouble-what"), "The broker does not answer.");
  } else {
    showState("busy", "Late");
    setText(byId("trouble-what"), `The broker answers ${error.status}: ` +
      `${error.message}.`);
  }
  setText(byId("trouble-since"), `${silent} Trying again every ` +
    `${PERIOD_MS / 1000} seconds.`);
}

function showOverview(overview: Overview): void {
  const name = overview.cluster.brokers[0]?.name ?? "";
  if (broker && name !== broker) {
    history.clear();
    round = 0;
  }
  broker = name;
  topology.update(overview);
  if (overview.not_ready.length) {
    showState("draining", overview.not_ready.join(", "));
  } else {
    showState("live", "Live");
  }
  byId("trouble").hidden = true;
}

// History first: the broker has it at hand, also when its loops are stuck.
async function look(): Promise<void> {
  history.add(await get<HistoryReply>("history", {from: String(history.next)}),
    Date.now());
  plots.update(history, Date.now());
  const overview = await get<Overview>("overview");
  showOverview(overview);
  showTiles(overview);
  if (round++ % LISTS_EVERY === 0) {
    const {topics} = await get<TopicList>("top");
    showTopics(byId("topics"), topics);
    byId("topics-none").hidden = topics.length > 0;
    await sockets.refresh();
    await details.refresh();
  }
  lastAnswer = Date.now();
}

// Rests while nobody looks; goes on at once when somebody does again.
async function watch(): Promise<void> {
  for (;;) {
    const began = Date.now();
    try {
      await look();
    } catch (error) {
      showTrouble(error);
    }
    await new Promise((done) =>
      setTimeout(done, Math.max(200, PERIOD_MS - (Date.now() - began))));
    while (document.hidden) {
      await new Promise((done) => document.addEventListener("visibilitychange",
        done, {once: true}));
    }
  }
}

void watch();
