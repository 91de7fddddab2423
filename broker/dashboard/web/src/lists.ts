// The topics with the most channels, and sockets a page at a time.
import type {Socket, SocketList, TopicList} from "./api.ts";
import {byId, h, keep, setText} from "./dom.ts";
import {hashOf} from "./find.ts";
import {count, duration, plural, word} from "./format.ts";

type Topic = TopicList["topics"][number];

// Bars as long as the number of channels, beside the largest one.
export function showTopics(list: Element, topics: readonly Topic[]): void {
  const largest = Math.max(1, ...topics.map(({channels}) => channels));
  keep(list, topics, ({topic}) => topic, ({topic}) => h("li", {},
    h("a", {href: hashOf("topic", topic)},
      h("span", {class: "name"}, topic),
      h("span", {class: "number"}),
      h("progress", {max: 1, "aria-hidden": "true"}))),
  (element, {channels}) => {
    const number = element.querySelector(".number");
    const bar = element.querySelector("progress");
    if (number) setText(number, count(channels));
    if (bar) bar.value = channels / largest;
    element.setAttribute("title", plural(channels, "channel", "channels"));
  });
}

// How long ago the broker got to know a socket.
export function age(socket: Socket, now: number): string {
  const since = Date.parse(socket.since);
  return Number.isNaN(since) ? "–" : duration((now - since) / 1000);
}

// Rows of a table.
export function showSockets(rows: Element, sockets: readonly Socket[]): void {
  const now = Date.now();
  keep(rows, sockets, ({socket}) => socket.key, ({socket, ...rest}) =>
    h("tr", {},
      h("th", {scope: "row"},
        h("a", {href: hashOf("socket", socket.key)}, socket.key)),
      h("td", {class: "id"}, socket.socket_id || "–"),
      h("td", {}, `${word(rest.transport)} ${word(rest.dialect)}`),
      h("td", {class: "peer"}, rest.peer || "–"),
      h("td", {class: "number"}),
      h("td", {class: "number"})),
  (row, socket) => {
    const cells = row.querySelectorAll(".number");
    if (cells[0]) setText(cells[0], count(socket.topics_count));
    if (cells[1]) setText(cells[1], age(socket, now));
  });
}

// Sockets of all edges or of one, page by page. What pages came before is kept,
// for the way back.
export class SocketPages {
  readonly #load: (params: Record<string, string>) => Promise<SocketList>;
  #edge = "";
  #before: string[] = [];
  #page = "";
  #next = "";
  // Which load is the latest: answers of others come too late.
  #turn = 0;

  constructor(load: (params: Record<string, string>) => Promise<SocketList>) {
    this.#load = load;
    byId("sockets-next").addEventListener("click", () => {
      this.#before.push(this.#page);
      this.#go(this.#next);
    });
    byId("sockets-previous").addEventListener("click", () => {
      this.#go(this.#before.pop() ?? "");
    });
    byId("sockets-all").addEventListener("click", () => this.only(""));
  }

  // Shows the sockets of an edge; empty: of all.
  only(edge: string): void {
    this.#edge = edge;
    this.#before = [];
    byId("sockets-all").hidden = !edge;
    setText(byId("sockets-of"), edge ? `of ${edge}` : "");
    this.#go("");
  }

  async refresh(): Promise<void> {
    const turn = ++this.#turn;
    const list = await this.#load({
      ...(this.#edge && {edge: this.#edge}),
      ...(this.#page && {page: this.#page}),
    });
    if (turn !== this.#turn) return;
    this.#next = list.next_page_token;
    showSockets(byId("sockets"), list.sockets);
    byId("sockets-table").hidden = list.sockets.length === 0;
    byId("sockets-none").hidden = list.sockets.length > 0;
    this.#button("sockets-next", this.#next !== "");
    this.#button("sockets-previous", this.#page !== "");
    byId("sockets-pages").hidden = this.#next === "" && this.#page === "";
  }

  #go(page: string): void {
    this.#page = page;
    // What fails is tried again with the next look.
    this.refresh().catch(() => {});
  }

  #button(id: string, enabled: boolean): void {
    byId<HTMLButtonElement>(id).disabled = !enabled;
  }
}
