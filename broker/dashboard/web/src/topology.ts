// Edges on one side of the broker, hosts on the other.
import type {Broker, Edge, Host, Overview} from "./api.ts";
import {byId, h, keep, setText, svg} from "./dom.ts";
import {bytes, count, duration, parseDuration, plural} from "./format.ts";

// More of them are behind a button.
const SHOWN = 8;
// Height of a node and the gap behind it, as page.css has them.
const NODE = 62;
const GAP = 10;

interface Node {
  readonly key: string;
  readonly name: string;
  // Topics that it runs.
  readonly patterns?: string;
  readonly figures: string;
  readonly title: string;
  // Of all of its kind, 0 to 1: how wide its link is drawn.
  readonly share: number;
  readonly mark?: string;
}

// The largest first, for what is hidden to be small.
export function edgeNodes(edges: readonly Edge[]): Node[] {
  const all = edges.reduce((sum, edge) => sum + Number(edge.sockets), 0);
  return [...edges].sort((a, b) => Number(b.sockets) - Number(a.sockets) ||
    (a.name < b.name ? -1 : 1)).map((edge) => ({
    key: edge.name,
    name: edge.name,
    figures: `${plural(Number(edge.sockets), "socket", "sockets")} · ` +
      `${bytes(Number(edge.queued_bytes))} queued`,
    title: `Version ${edge.version}, linked for ` +
      duration(parseDuration(edge.linked_for)),
    share: all ? Number(edge.sockets) / all : 0,
  }));
}

export function hostNodes(hosts: readonly Host[]): Node[] {
  const all = hosts.reduce((sum, host) => sum + Number(host.channels), 0);
  return [...hosts].sort((a, b) => Number(b.channels) - Number(a.channels) ||
    (a.name < b.name ? -1 : 1)).map((host) => {
    const attached = host.attached_for !== undefined &&
      host.attached_for !== null;
    return {
      key: `${host.name} ${host.instance}`,
      name: host.name,
      patterns: host.patterns.join(" "),
      figures: `${plural(Number(host.channels), "channel", "channels")}` +
        (attached ? ` · ${count(host.in_flight)} in flight` : " · built in"),
      title: attached
        ? `${host.instance}, version ${host.version}, attached for ` +
          duration(parseDuration(host.attached_for))
        : "Runs in the broker itself",
      share: all ? Number(host.channels) / all : 0,
      ...(host.draining && {mark: "draining"}),
    };
  });
}

export function brokerNodes(brokers: readonly Broker[],
  notReady: readonly string[]): Node[] {
  return brokers.map((broker) => ({
    key: broker.name,
    name: broker.name,
    figures: `${plural(Number(broker.topics), "topic", "topics")} · ` +
      plural(Number(broker.channels), "channel", "channels"),
    title: `Version ${broker.version}, up for ` +
      duration(parseDuration(broker.uptime)),
    share: 1,
    mark: notReady.join(", "),
  }));
}

const PARTS = ["name", "patterns", "mark", "figures"] as const;

function parts(): Element[] {
  return PARTS.map((part) => h("span", {class: part}));
}

function change(element: Element, node: Node): void {
  for (const part of PARTS) {
    const span = element.querySelector(`.${part}`);
    if (span) setText(span, node[part] ?? "");
  }
  element.setAttribute("title", node.title);
}

// A column of nodes, the links from it to the broker, and a button for more.
class Column {
  readonly #list: HTMLElement;
  readonly #links: SVGSVGElement;
  readonly #more: HTMLElement;
  readonly #left: boolean;
  readonly #pick: ((name: string) => void) | null;
  #all = false;
  #nodes: readonly Node[] = [];

  constructor(name: "edges" | "hosts",
    pick: ((name: string) => void) | null) {
    this.#list = byId(name);
    this.#links = byId<SVGSVGElement>(`${name}-links`);
    this.#more = byId(`${name}-more`);
    this.#left = name === "edges";
    this.#pick = pick;
    this.#more.addEventListener("click", () => {
      this.#all = !this.#all;
      this.update(this.#nodes);
    });
  }

  update(nodes: readonly Node[]): number {
    this.#nodes = nodes;
    const shown = this.#all ? nodes : nodes.slice(0, SHOWN);
    keep(this.#list, shown, ({key}) => key, (node) => this.#make(node),
      change);
    this.#more.hidden = nodes.length <= SHOWN;
    setText(this.#more, this.#all ? "Show fewer"
      : `Show all ${nodes.length}`);
    this.#more.setAttribute("aria-expanded", String(this.#all));
    this.#draw(shown);
    return shown.length;
  }

  #make(node: Node): Element {
    const pick = this.#pick;
    if (!pick) return h("li", {class: "node"}, ...parts());
    return h("li", {}, h("button", {class: "node", type: "button",
      click: () => pick(node.key)}, ...parts()));
  }

  // From the middle of each node to the middle of the column.
  #draw(shown: readonly Node[]): void {
    const height = Math.max(1, shown.length) * (NODE + GAP) - GAP;
    this.#links.setAttribute("viewBox", `0 0 100 ${height}`);
    this.#links.setAttribute("height", String(height));
    this.#links.replaceChildren(...shown.map(({share}, i) => {
      const y = i * (NODE + GAP) + NODE / 2;
      const middle = height / 2;
      const [from, to] = this.#left ? [y, middle] : [middle, y];
      return svg("path", {
        d: `M0 ${from}C50 ${from} 50 ${to} 100 ${to}`,
        "stroke-width": (1.5 + 6 * share).toFixed(1),
        "vector-effect": "non-scaling-stroke",
      });
    }));
  }
}

export class Topology {
  readonly #edges: Column;
  readonly #hosts: Column;

  constructor(pickEdge: (name: string) => void) {
    this.#edges = new Column("edges", pickEdge);
    this.#hosts = new Column("hosts", null);
  }

  update({cluster, not_ready: notReady}: Overview): void {
    const edges = edgeNodes(cluster.edges);
    const hosts = hostNodes(cluster.hosts);
    byId("edges-none").hidden = edges.length > 0;
    byId("hosts-none").hidden = hosts.length > 0;
    this.#edges.update(edges);
    this.#hosts.update(hosts);
    keep(byId("brokers"), brokerNodes(cluster.brokers, notReady),
      ({key}) => key, () => h("li", {class: "node broker"}, ...parts()), change);
  }
}
