// The search field and what it finds.
import {ApiError, get, type Socket, type SocketList, type TopicList}
  from "./api.ts";
import {byId, setText} from "./dom.ts";
import {wishOf} from "./find.ts";
import {plural} from "./format.ts";
import {showSockets, showTopics} from "./lists.ts";

// After the last key, before anything is asked.
const PAUSE_MS = 250;

interface Found {
  sockets: Socket[];
  moreSockets: boolean;
  topics: TopicList["topics"];
  moreTopics: boolean;
}

// Nothing, for what is not there.
async function orNothing<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    const {status} = error as ApiError;
    if (status === 404 || status === 400) return null;
    throw error;
  }
}

async function find(text: string): Promise<Found> {
  const {key, socketId, prefix} = wishOf(text);
  const byKey = key
    ? await orNothing(get<{socket: Socket}>("socket", {key})) : null;
  const byIdList = socketId
    ? await orNothing(get<SocketList>("sockets", {id: socketId})) : null;
  const topics = prefix
    ? await orNothing(get<TopicList>("topics", {prefix})) : null;
  return {
    sockets: [...(byKey ? [byKey.socket] : []), ...(byIdList?.sockets ?? [])],
    moreSockets: Boolean(byIdList?.next_page_token),
    topics: topics?.topics ?? [],
    moreTopics: Boolean(topics?.next_page_token),
  };
}

export class Search {
  readonly #field = byId<HTMLInputElement>("search");
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor() {
    this.#field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.refresh(), PAUSE_MS);
    });
    byId("search-form").addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.#timer);
      void this.refresh();
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.#field.value = "";
      void this.refresh();
    });
    addEventListener("keydown", (event) => {
      const target = event.target as Element;
      if (event.key !== "/" || target.closest("input, dialog")) return;
      event.preventDefault();
      this.#field.focus();
    });
  }

  async refresh(): Promise<void> {
    const turn = ++this.#turn;
    const text = this.#field.value;
    const panel = byId("found");
    if (!text.trim()) {
      panel.hidden = true;
      return;
    }
    let found: Found | null = null;
    let problem = "";
    try {
      found = await find(text);
    } catch (error) {
      problem = (error as ApiError).message;
    }
    if (turn !== this.#turn) return;
    panel.hidden = false;
    this.#show(found, problem);
  }

  #show(found: Found | null, problem: string): void {
    const sockets = found?.sockets ?? [];
    const topics = found?.topics ?? [];
    const words = [
      plural(sockets.length, "socket", "sockets") +
        (found?.moreSockets ? " and more" : ""),
      plural(topics.length, "topic", "topics") +
        (found?.moreTopics ? " and more" : ""),
    ];
    setText(byId("found-summary"),
      problem ? `Cannot look: ${problem}.`
        : sockets.length + topics.length === 0
          ? "Nothing. Sockets are found by their whole id, or as " +
            "edge/number; topics by how they begin."
          : `${words.join(", ")}.`);
    byId("found-sockets-part").hidden = sockets.length === 0;
    byId("found-topics-part").hidden = topics.length === 0;
    showSockets(byId("found-sockets"), sockets);
    showTopics(byId("found-topics"), topics);
  }
}
