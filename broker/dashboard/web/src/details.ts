// What the address names, a socket or a topic, in a dialog.
import {ApiError, get, type Share, type Socket, type TopicReply} from "./api.ts";
import {byId, h, setText} from "./dom.ts";
import {hashOf, placeOf, type Place} from "./find.ts";
import {bytes, count, plural, word} from "./format.ts";
import {age} from "./lists.ts";

type Fact = readonly [string, Node | string];

function facts(...list: Fact[]): HTMLElement {
  return h("dl", {}, ...list.flatMap(([name, value]) =>
    [h("dt", {}, name), h("dd", {}, value)]));
}

function link(kind: "topic" | "socket", name: string): HTMLElement {
  return h("a", {href: hashOf(kind, name)}, name);
}

// How the channels of a topic are shared out.
function shares(title: string, list: readonly Share[]): HTMLElement {
  const all = list.reduce((sum, {channels}) => sum + channels, 0) || 1;
  return h("section", {}, h("h3", {}, title), h("ul", {class: "bars"},
    ...list.map(({name, channels}) => h("li", {},
      h("span", {class: "name"}, name || "–"),
      h("span", {class: "number"}, count(channels)),
      h("progress", {max: 1, value: channels / all, "aria-hidden": "true"})))));
}

function ofTopic(topic: TopicReply): Node[] {
  const more = topic.channels - topic.sample.length;
  return [
    facts(["Channels", count(topic.channels)]),
    shares("By edge", topic.edges),
    shares("By host", topic.hosts),
    h("section", {}, h("h3", {}, "Channels"),
      h("ul", {class: "sample"}, ...topic.sample.map((channel) => h("li", {},
        link("socket", channel.socket_key), " ",
        h("span", {class: "quiet"}, channel.socket_id)))),
      more > 0 && h("p", {class: "quiet"},
        `and ${plural(more, "more", "more")}`)),
  ];
}

function ofSocket(socket: Socket): Node[] {
  const since = new Date(socket.since);
  const time = h("time", {datetime: socket.since},
    `${since.toLocaleString()} (${age(socket, Date.now())})`);
  const more = socket.topics_count - socket.topics.length;
  return [
    facts(
      ["Id", socket.socket.socket_id || "none"],
      ["Edge", socket.edge],
      ["Transport", word(socket.transport)],
      ["Dialect", word(socket.dialect)],
      ["Peer", socket.peer || "not known"],
      ["Since", time],
      ["Queued for its edge", bytes(Number(socket.edge_queued_bytes))],
    ),
    h("section", {}, h("h3", {}, "Topics"),
      socket.topics.length === 0 && h("p", {class: "quiet"}, "None joined."),
      h("ul", {class: "sample"}, ...socket.topics.map((topic) =>
        h("li", {}, link("topic", topic)))),
      more > 0 && h("p", {class: "quiet"},
        `and ${plural(more, "more", "more")}, joined or being joined`)),
  ];
}

// The dialog: open while the address names something, and looked at again each
// time.
export class Details {
  readonly #dialog = byId<HTMLDialogElement>("details");
  #place: Place = null;
  #turn = 0;
  #shown = "";

  constructor() {
    addEventListener("hashchange", () => this.#follow());
    this.#dialog.addEventListener("close", () => {
      if (this.#place) history.pushState(null, "", location.pathname);
      this.#place = null;
    });
    byId("details-close").addEventListener("click", () => this.#dialog.close());
    // A click beside the dialog is one on its backdrop.
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#follow();
  }

  // Asks again, if it is open.
  async refresh(): Promise<void> {
    const place = this.#place;
    if (!place) return;
    const turn = ++this.#turn;
    let parts: Node[];
    try {
      parts = place.kind === "topic"
        ? ofTopic(await get<TopicReply>("topic", {name: place.name}))
        : ofSocket((await get<{socket: Socket}>("socket",
          {key: place.name})).socket);
    } catch (error) {
      const {status, message} = error as ApiError;
      if (status !== 404 && status !== 400) throw error;
      parts = [h("p", {}, status === 404
        ? `This ${place.kind} is not there: it has gone, or has never been.`
        : message)];
    }
    if (turn === this.#turn) this.#show(parts);
  }

  // Only what has changed, for focus to stay where it is.
  #show(parts: Node[]): void {
    const body = h("div", {}, ...parts);
    if (body.textContent === this.#shown) return;
    this.#shown = body.textContent ?? "";
    const at = document.activeElement?.getAttribute("href");
    byId("details-body").replaceChildren(...body.childNodes);
    if (!at) return;
    const again = byId("details-body").querySelector<HTMLElement>(
      `a[href="${CSS.escape(at)}"]`);
    again?.focus();
  }

  #follow(): void {
    this.#place = placeOf(location.hash);
    if (!this.#place) return this.#dialog.close();
    setText(byId("details-kind"),
      this.#place.kind === "topic" ? "Topic" : "Socket");
    setText(byId("details-name"), this.#place.name);
    this.#shown = "";
    byId("details-body").replaceChildren(h("p", {class: "quiet"}, "Looking …"));
    if (!this.#dialog.open) this.#dialog.showModal();
    this.refresh().catch(() => {});
  }
}
