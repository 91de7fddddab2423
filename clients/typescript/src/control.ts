// What a service asks of a broker.
import { Calls } from "./calls.js";
import type { CallOptions } from "./calls.js";
import { Connection } from "./connection.js";
import type { ConnectionOptions } from "./connection.js";
import { AerieError } from "./errors.js";
import { CloseChannelRequest_Reason as Reason, ControlService }
  from "./gen/aerie/v1/control.js";
import type { BroadcastRequest, ChannelSelector, ClusterInfoResponse,
  GetTopicResponse, ListSocketsResponse, ListTopicsResponse, SocketDetails,
  TopicInfo } from "./gen/aerie/v1/control.js";
import { toPayload } from "./payload.js";
import type { Sendable } from "./payload.js";
import { Publisher } from "./publisher.js";
import { watch } from "./watch.js";
import type { WatchEvent, WatchOptions } from "./watch.js";

/** One broadcast. */
export interface Broadcast {
  topic: string;
  event: string;
  /** A JSON object, or bytes. */
  payload?: Sendable;
  /** Sockets of these ids do not get it; at most 100. */
  exceptSocketIds?: readonly string[];
  /** Sent once, however often it is asked for within 5 minutes. */
  idempotencyKey?: string;
}

/** What became of a broadcast. */
export interface BroadcastResult {
  /** Whether the idempotency key was known. */
  readonly duplicate: boolean;
  /** How many edges it was sent to. */
  readonly edges: number;
}

/** Channels: one, those of a socket id on a topic, or all of a topic. */
export type Channels =
  { channel: bigint } | { socketId: string; topic: string } | { topic: string };

/** A page of a list. */
export interface PageOptions extends CallOptions {
  /** Default: 100; at most 1,000. */
  pageSize?: number;
  /** `nextPageToken` of the page before. */
  pageToken?: string;
}

export interface TopicsOptions extends PageOptions {
  /** Only those that begin with it. */
  prefix?: string;
}

export interface SocketsOptions extends PageOptions {
  /** Only those of this socket id. */
  socketId?: string;
  /** Only those of this edge. */
  edge?: string;
}

/**
 * Calls to a broker. Phoenix: an endpoint's `broadcast`, and what its console
 * is used for. Failed calls reject with AerieError.
 */
export class ControlClient {
  readonly #calls: Calls;

  constructor(options: ConnectionOptions = {}) {
    this.#calls = new Calls(new Connection(options));
  }

  /** Sends an event to every channel of a topic. Scope `publish`. */
  async broadcast(broadcast: Broadcast, options?: CallOptions):
    Promise<BroadcastResult> {
    return this.#calls.unary(ControlService.broadcast, request(broadcast),
      hasKey(broadcast), options);
  }

  /**
   * Up to 1,000 broadcasts, in order per topic; each succeeds or fails alone.
   * Scope `publish`.
   */
  async broadcastBatch(broadcasts: readonly Broadcast[], options?: CallOptions):
    Promise<(BroadcastResult | AerieError)[]> {
    const { results } = await this.#calls.unary(ControlService.broadcastBatch,
      { broadcasts: broadcasts.map(request) }, broadcasts.every(hasKey),
      options);
    return results.map(({ status, duplicate, edges }) =>
      status?.code ? AerieError.fromStatus(status) : { duplicate, edges });
  }

  /** A stream of broadcasts. Scope `publish`. */
  async publisher(): Promise<BroadcastPublisher> {
    return new BroadcastPublisher(new Publisher(
      await this.#calls.duplexStream(ControlService.broadcastStream)));
  }

  /**
   * Sends an event to one channel's client, or to those of a socket id on a
   * topic; gives their number. Scope `publish`.
   */
  async push(to: Channels, event: string, payload?: Sendable,
    options?: CallOptions): Promise<number> {
    const { channels } = await this.#calls.unary(ControlService.push,
      { to: selector(to), event, payload: toPayload(payload) }, false, options);
    return channels;
  }

  /**
   * Ends every connection of a socket id; gives their number. Scope `admin`.
   *
   * `code` is the WebSocket close code; default: 1001.
   */
  async disconnect(socketId: string, { code = 0, ...options }:
    CallOptions & { code?: number } = {}): Promise<number> {
    const { sockets } = await this.#calls.unary(ControlService.disconnect,
      { socketId, code }, true, options);
    return sockets;
  }

  /**
   * Ends channels; gives their number. `restart`, the default: their clients
   * join again; `shutdown`: they don't. Scope `admin`.
   */
  async closeChannel(channels: Channels, { reason = "restart", ...options }:
    CallOptions & { reason?: "restart" | "shutdown" } = {}): Promise<number> {
    const response = await this.#calls.unary(ControlService.closeChannel, {
      channels: selector(channels),
      reason: reason === "shutdown" ? Reason.SHUTDOWN : Reason.RESTART,
    }, true, options);
    return response.channels;
  }

  /**
   * Gives a socket, by its key, a newer token, as its client would show it to
   * the mount; gives the time until which it is good, `undefined` for ever.
   * Scope `admin`.
   *
   * `mount` is the mount's path; default: `/socket`.
   */
  async renewToken(socketKey: string, token: string,
    { mount = "", ...options }: CallOptions & { mount?: string } = {},
  ): Promise<Date | undefined> {
    const { expires } = await this.#calls.unary(ControlService.renewToken,
      { socketKey, token, mount }, true, options);
    return expires;
  }

  /** A page of topics that have channels. Scope `read`. */
  async listTopics({ prefix = "", pageSize = 0, pageToken = "", ...options }:
    TopicsOptions = {}): Promise<ListTopicsResponse> {
    return this.#calls.unary(ControlService.listTopics,
      { prefix, pageSize, pageToken }, true, options);
  }

  /** All of them, page by page. */
  async* topics(options: TopicsOptions = {}): AsyncGenerator<TopicInfo, void> {
    let { pageToken = "" } = options;
    do {
      const page = await this.listTopics({ ...options, pageToken });
      yield* page.topics;
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }

  /** One topic; NOT_FOUND when it has no channels. Scope `read`. */
  async getTopic(topic: string, options?: CallOptions):
    Promise<GetTopicResponse> {
    return this.#calls.unary(ControlService.getTopic, { topic }, true, options);
  }

  /** A page of sockets, without their topics. Scope `read`. */
  async listSockets({ socketId = "", edge = "", pageSize = 0, pageToken = "",
    ...options }: SocketsOptions = {}): Promise<ListSocketsResponse> {
    return this.#calls.unary(ControlService.listSockets,
      { socketId, edge, pageSize, pageToken }, true, options);
  }

  /** All of them, page by page. */
  async* sockets(options: SocketsOptions = {}):
    AsyncGenerator<SocketDetails, void> {
    let { pageToken = "" } = options;
    do {
      const page = await this.listSockets({ ...options, pageToken });
      yield* page.sockets;
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }

  /** One socket, by its key; NOT_FOUND when it is gone. Scope `read`. */
  async getSocket(key: string, options?: CallOptions): Promise<SocketDetails> {
    const { socket } = await this.#calls.unary(ControlService.getSocket,
      { key }, true, options);
    if (!socket) throw new AerieError("INTERNAL", "an answer without a socket");
    return socket;
  }

  /** The broker, its edges and hosts. Scope `read`. */
  async clusterInfo(options?: CallOptions): Promise<ClusterInfoResponse> {
    return this.#calls.unary(ControlService.clusterInfo, {}, true, options);
  }

  /**
   * What happens from now on, until the loop is left. The first event has the
   * kind `watching`. Scope `read`.
   */
  watch(options: WatchOptions): AsyncGenerator<WatchEvent, void> {
    return watch(this.#calls, options);
  }

  /** Ends the connections. */
  close(): void {
    this.#calls.connection.close();
  }
}

/** Broadcasts over one stream, many at a time. */
export class BroadcastPublisher {
  readonly #publisher: Publisher;

  /** @internal */
  constructor(publisher: Publisher) {
    this.#publisher = publisher;
  }

  /**
   * Resolves when the broker has acknowledged it. Rejects when it was not sent,
   * or the stream broke before that is known. Need not be awaited one by one.
   */
  publish(broadcast: Broadcast): Promise<void> {
    return this.#publisher.publish(request(broadcast));
  }

  /** How many broadcasts the broker knew already by their idempotency keys. */
  get duplicates(): number {
    return this.#publisher.duplicates;
  }

  /** Resolves when everything is acknowledged. */
  close(): Promise<void> {
    return this.#publisher.close();
  }
}

function request(broadcast: Broadcast): BroadcastRequest {
  return {
    topic: broadcast.topic,
    event: broadcast.event,
    payload: toPayload(broadcast.payload),
    exceptSocketIds: [...broadcast.exceptSocketIds ?? []],
    idempotencyKey: broadcast.idempotencyKey ?? "",
  };
}

function hasKey({ idempotencyKey }: Broadcast): boolean {
  return Boolean(idempotencyKey);
}

function selector(channels: Channels): ChannelSelector {
  if ("channel" in channels) {
    return { selector: { $case: "channel", value: channels.channel } };
  }
  if ("socketId" in channels) {
    const { socketId, topic } = channels;
    return { selector: { $case: "socketTopic", value: { socketId, topic } } };
  }
  return { selector: { $case: "topic", value: channels.topic } };
}
