// A service's channels, attached to a broker.
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

import { Attachment } from "./attachment.js";
import type { Keeper } from "./attachment.js";
import { pause, pauseMs } from "./backoff.js";
import { Connection } from "./connection.js";
import type { ConnectionOptions } from "./connection.js";
import { answerConnect } from "./connect.js";
import type { ConnectCallback } from "./connect.js";
import { AerieError, UsageError } from "./errors.js";
import { HostFrame_Pattern_Spread as Spread }
  from "./gen/aerie/v1/channel_host.js";
import type { ChannelFrame_Attached, ChannelFrame_Connect, HostFrame,
  HostFrame_Registration } from "./gen/aerie/v1/channel_host.js";
import { stderrLogger } from "./logger.js";
import type { Logger } from "./logger.js";
import type { ChannelDefinition, ChannelModule } from "./module.js";
import { toEventPayload, toPayload } from "./payload.js";
import type { Sendable } from "./payload.js";

type Frame = NonNullable<HostFrame["frame"]>;

/** Who attaches, and with what. */
export interface ChannelHostOptions extends ConnectionOptions {
  /** The service (`chat`), for people and lists. */
  name: string;
  /** The process, new at each start. Default: the machine's name, a number. */
  instance?: string;
  /** The service's build, for people. */
  version?: string;
  channels: readonly ChannelDefinition[];
  /** Callbacks that may be unanswered at once. Default: 1,024. */
  capacity?: number;
  /** Over how long channels are ended on a drain. Default: 10,000. */
  drainWindowMs?: number;
  /** Decides who may open a socket, for all mounts. */
  connect?: ConnectCallback;
  /** Default: lines to standard error. */
  logger?: Logger;
}

const MAJOR = 1;
const MINOR = 0;
// A stream that has lasted so long was a good one.
const LASTING_MS = 10_000;
const DRAIN_GRACE_MS = 10_000;
const CALLBACKS_END_WITHIN_MS = 5_000;
const REMEMBERED_FOR_MS = 600_000;
// They mean that the configuration is wrong, unless it was right before.
const FATAL = new Set(["FAILED_PRECONDITION", "INVALID_ARGUMENT",
  "UNIMPLEMENTED", "UNAUTHENTICATED", "PERMISSION_DENIED"]);

/** Runs channels. Phoenix: an endpoint, as far as its channels see it. */
export class ChannelHost {
  readonly #options: ChannelHostOptions;
  readonly #registration: HostFrame_Registration;
  readonly #connection: Connection;
  readonly #log: Logger;
  readonly #modules = new Map<string, ChannelModule<any>>();
  readonly #ended = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #leaving = new AbortController();
  #closing: Promise<void>[] = [];
  #attachment: Attachment | undefined;
  #everAttached = false;
  #draining = false;

  constructor(options: ChannelHostOptions) {
    this.#options = options;
    this.#log = options.logger ?? stderrLogger;
    this.#connection = new Connection(options);
    for (const { pattern, module } of options.channels) {
      if (this.#modules.has(pattern)) {
        throw new TypeError(`pattern ${pattern} is given twice`);
      }
      this.#modules.set(pattern, module);
    }
    this.#registration = registrationOf(options);
  }

  /** Whether channels can come. */
  get attached(): boolean {
    return this.#attachment?.attached !== undefined;
  }

  get instance(): string {
    return this.#registration.instance;
  }

  /**
   * Attaches, and stays attached, until the host has drained or stopped.
   *
   * SIGTERM and SIGINT drain it, unless `signals` is false. Rejects when a
   * broker refuses a host that has never been attached.
   */
  async run({ signals = true } = {}): Promise<void> {
    const onSignal = () => {
      for (const name of SIGNALS) process.removeListener(name, onSignal);
      void this.drain();
    };
    if (signals) for (const name of SIGNALS) process.once(name, onSignal);
    try {
      await this.#stayAttached();
      await this.#callbacksEnd();
    } finally {
      for (const name of SIGNALS) process.removeListener(name, onSignal);
      for (const timer of this.#timers) clearTimeout(timer);
      this.#connection.close();
    }
  }

  /** No new channels; the present ones end evenly; then `run` resolves. */
  async drain(windowMs = this.#options.drainWindowMs ?? 10_000): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    const attachment = this.#attachment;
    if (!attachment?.attached) return this.stop();
    this.#log.info(`host draining instance=${this.instance}`);
    attachment.drain(windowMs);
    const enough = new AbortController();
    await Promise.race([attachment.drained, attachment.ended,
      pause(windowMs + DRAIN_GRACE_MS, enough.signal)]);
    enough.abort();
    await attachment.close();
    this.#log.info(`host drained instance=${this.instance}`);
    this.stop();
  }

  /** Ends the stream at once, and `run` with it. */
  stop(): void {
    this.#draining = true;
    this.#leaving.abort();
    this.#attachment?.abort(new AerieError("CANCELLED", "stopped"));
  }

  /** An event to every channel of a topic. */
  broadcast(topic: string, event: string, payload?: Sendable): void {
    if (topic === "") throw new UsageError("a topic is missing");
    this.#say({
      $case: "broadcast",
      value: {
        topic, event, payload: toEventPayload(event, payload),
        exceptSelf: false,
      },
    });
  }

  /** `handleInfo` of a channel of any host; ignored when it has ended. */
  send(channel: bigint, event: string, payload?: Sendable): void {
    if (channel === 0n) throw new UsageError("a channel is missing");
    this.#say({
      $case: "send",
      value: { to: channel, event, payload: toPayload(payload) },
    });
  }

  /** Ends every connection of a socket id. */
  disconnect(socketId: string): void {
    if (socketId === "") throw new UsageError("a socket id is missing");
    this.#say({ $case: "disconnect", value: { socketId } });
  }

  #say(frame: Frame): void {
    if (!this.#attachment?.attached) throw new UsageError("not attached");
    this.#attachment.send(0n, frame);
  }

  async #stayAttached(): Promise<void> {
    let failures = 0;
    while (!this.#leaving.signal.aborted) {
      const began = Date.now();
      const error = await this.#attach();
      if (this.#leaving.signal.aborted || this.#draining) return;
      if (error && !this.#everAttached && FATAL.has(error.code)) throw error;
      failures = Date.now() - began >= LASTING_MS ? 1 : failures + 1;
      await pause(pauseMs(failures), this.#leaving.signal);
    }
  }

  // One stream, from its start to its end.
  async #attach(): Promise<AerieError | undefined> {
    const { address } = this.#connection;
    let error: AerieError | undefined;
    try {
      const metadata = await this.#connection.metadata();
      if (this.#leaving.signal.aborted) return undefined;
      this.#attachment = new Attachment(this.#connection.client, metadata,
        this.#keeper(address));
      error = await this.#attachment.ended;
    } catch (cause) { // No token, no certificate.
      error = new AerieError("UNAUTHENTICATED", String(cause));
    }
    const attachment = this.#attachment;
    this.#attachment = undefined;
    if (attachment?.attached) this.#remember(attachment);
    if (attachment) this.#end(attachment);
    if (this.#draining) return undefined;
    const level = error && FATAL.has(error.code) ? "error" : "info";
    this.#log[level](`broker lost address=${address} cause=` +
      JSON.stringify(error?.message ?? "ended"));
    this.#connection.turn(address);
    return error;
  }

  #end(attachment: Attachment): void {
    const ending = attachment.lost().then(() => {
      this.#closing = this.#closing.filter((other) => other !== ending);
    });
    this.#closing.push(ending);
  }

  async #callbacksEnd(): Promise<void> {
    const enough = new AbortController();
    await Promise.race([Promise.all(this.#closing),
      pause(CALLBACKS_END_WITHIN_MS, enough.signal)]);
    enough.abort();
  }

  // Their terminate runs here; who redelivers it need not have it run again.
  #remember(attachment: Attachment): void {
    const keys = [...attachment.channels].map((channel) =>
      key(attachment.attached!.broker, channel));
    if (keys.length === 0) return;
    for (const each of keys) this.#ended.add(each);
    const timer = setTimeout(() => {
      for (const each of keys) this.#ended.delete(each);
      this.#timers.delete(timer);
    }, REMEMBERED_FOR_MS);
    this.#timers.add(timer);
  }

  #keeper(address: string): Keeper {
    return {
      registration: this.#registration,
      module: (pattern) => this.#modules.get(pattern),
      connect: (request: ChannelFrame_Connect) =>
        answerConnect(request, this.#options.connect, this.#log),
      attached: (attached: ChannelFrame_Attached) => {
        this.#everAttached = true;
        this.#log.info(`host attached instance=${this.instance} ` +
          `address=${address} broker=${attached.broker}`);
      },
      draining: () => this.#log.info(`broker draining address=${address}`),
      failed: (topic, callback, error) => this.#log.error(
        `channel failed topic=${JSON.stringify(topic)} callback=${callback} ` +
        `error=${JSON.stringify(error instanceof Error
          ? error.stack : String(error))}`),
      unhandled: (topic, event) => this.#log.debug(`handleInfo unhandled ` +
        `topic=${JSON.stringify(topic)} event=${JSON.stringify(event)}`),
      hasEnded: (broker, channel) => this.#ended.has(key(broker, channel)),
    };
  }
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

const SPREADS = {
  topic: Spread.TOPIC,
  socket: Spread.SOCKET,
  least_loaded: Spread.LEAST_LOADED,
} as const;

function registrationOf(options: ChannelHostOptions): HostFrame_Registration {
  return {
    major: MAJOR,
    minor: MINOR,
    name: options.name,
    instance: options.instance ??
      `${hostname()}-${randomBytes(4).toString("hex")}`,
    version: options.version ?? "",
    patterns: options.channels.map(({ pattern, module }) => ({
      pattern,
      intercepts: [...module.intercepts ?? []],
      spread: SPREADS[module.spread ?? "topic"],
    })),
    capacity: options.capacity ?? 0,
    connect: options.connect !== undefined,
  };
}

function key(broker: string, channel: bigint): string {
  return `${broker}/${channel}`;
}
