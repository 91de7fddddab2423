// Which plots there are.
import {byId} from "./dom.ts";
import {bytes, count, percent, rate} from "./format.ts";
import type {History} from "./history.ts";
import {Plot, type PlotOptions} from "./plot.ts";

const PLOTS: readonly PlotOptions[] = [
  {
    id: "plot-load",
    title: "Sockets and channels",
    about: "Open sockets; channels that are joined or being joined",
    series: [
      {name: "channels", label: "Channels"},
      {name: "sockets", label: "Sockets"},
    ],
    format: count,
    least: 4,
  },
  {
    id: "plot-messages",
    title: "Messages per second",
    about: "In: events of clients. Out: replies, pushes, and broadcasts, each " +
      "once for each edge",
    series: [
      {name: "messages_out", label: "Out"},
      {name: "messages_in", label: "In"},
    ],
    format: rate,
    least: 1,
  },
  {
    id: "plot-broadcasts",
    title: "Broadcasts per second",
    about: "Events to a topic; what they are for edges, one for each",
    series: [
      {name: "fanouts", label: "To edges"},
      {name: "broadcasts", label: "Broadcasts"},
    ],
    format: rate,
    least: 1,
  },
  {
    id: "plot-joins",
    title: "Joins per second",
    about: "How joins were answered",
    series: [
      {name: "joins_ok", label: "Joined"},
      {name: "joins_failed", label: "Not joined"},
    ],
    format: rate,
    least: 1,
  },
  {
    id: "plot-queues",
    title: "Queued",
    about: "What shards, edges, hosts and watchers have yet to take",
    series: [
      {name: "inbox_bytes", label: "Shards"},
      {name: "edge_queue_bytes", label: "Edges"},
      {name: "host_queue_bytes", label: "Hosts"},
      {name: "watch_queue_bytes", label: "Watchers"},
    ],
    format: bytes,
    base: 2,
    least: 1024,
  },
  {
    id: "plot-busy",
    title: "Loops busy",
    about: "Share of the loops' time that was spent in turns",
    series: [{name: "busy_percent", label: "Busy"}],
    format: percent,
    least: 10,
  },
];

export class Plots {
  readonly #plots = PLOTS.map((options) => new Plot(options));

  constructor() {
    byId("plots").append(...this.#plots.map(({element}) => element));
  }

  update(history: History, now: number): void {
    for (const plot of this.#plots) plot.update(history, now);
  }
}
