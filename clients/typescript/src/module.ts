// What an application writes: a channel module, and the values it answers with.
import type { Channel, TerminateInfo } from "./channel.js";
import type { Received, Sendable } from "./payload.js";

/** Answers a join or an event. */
export interface Answer {
  readonly kind: "answer";
  /** `ok`, `error`, or another short name. */
  readonly status: string;
  readonly payload: Sendable;
}

/** Ends the channel. */
export interface Stop {
  readonly kind: "stop";
  readonly reason: StopReason;
  /** Answers the event that is being handled. */
  readonly answer: Answer | undefined;
}

/**
 * `normal` and `shutdown`: the client hears `phx_close`; `crash`: `phx_error`,
 * and it joins again.
 */
export type StopReason = "normal" | "shutdown" | "crash";

/** Why a channel ended. */
export type ExitReason =
  "left" | "closed" | "edge_lost" | "duplicate_join" | "stop_normal" |
  "stop_shutdown" | "exit_normal" | "host_lost" | "killed" | "draining" |
  "crash";

/** Success, with a response; `{}` without one. */
export function ok(payload?: Sendable): Answer {
  return reply("ok", payload);
}

/** A refusal, with a response. */
export function error(payload?: Sendable): Answer {
  return reply("error", payload);
}

/** Any status, with a response. Joins take `ok` and `error` only. */
export function reply(status: string, payload?: Sendable): Answer {
  return { kind: "answer", status, payload };
}

/** Ends the channel; `answer` is sent first. */
export function stop(reason: StopReason, answer?: Answer): Stop {
  return { kind: "stop", reason, answer };
}

type Awaitable<T> = T | PromiseLike<T>;

/**
 * The callbacks of a pattern's channels. Phoenix: a module that uses
 * Phoenix.Channel.
 *
 * A channel's callbacks run one at a time; those of different channels run
 * concurrently. One that throws ends its own channel as a crash.
 *
 * @typeParam Assigns what a channel keeps, and its terminate gets wherever it
 * runs.
 */
export interface ChannelModule<Assigns extends object = Record<string, any>> {
  /** Events whose broadcasts go through `handleOut`. */
  intercepts?: readonly string[];
  /**
   * How new channels are spread over several hosts: a topic's share a host
   * (`topic`, the default), a socket's do, or to the least loaded host.
   */
  spread?: "topic" | "socket" | "least_loaded";

  /** A client joins. Without it, or when it gives nothing: `ok()`. */
  join?(channel: Channel<Assigns>, params: Received): Awaitable<Answer | void>;

  /** An event of the client. Without it, events crash the channel. */
  handleIn?(channel: Channel<Assigns>, message: Received):
    Awaitable<Answer | Stop | void>;

  /** A broadcast of an intercepted event. Without it, it is pushed. */
  handleOut?(channel: Channel<Assigns>, message: Received):
    Awaitable<Stop | void>;

  /** A message to the channel itself. Without it, it is ignored. */
  handleInfo?(channel: Channel<Assigns>, message: Received):
    Awaitable<Stop | void>;

  /** The channel ends; at least once for each that has joined. */
  terminate?(channel: Channel<Assigns>, reason: ExitReason,
    info: TerminateInfo): Awaitable<void>;
}

/** A pattern and the module that runs its channels. */
export interface ChannelDefinition {
  readonly pattern: string;
  readonly module: ChannelModule<any>;
}

/**
 * Names the topics of a module: a topic, or a prefix that ends in `*`.
 *
 * ```ts
 * const room = defineChannel<{ user: string }>("room:*", {
 *   async join(channel, params) { ... return ok() },
 *   async handleIn(channel, { event, payload }) { ... },
 * })
 * ```
 */
export function defineChannel<Assigns extends object = Record<string, any>>(
  pattern: string, module: ChannelModule<Assigns>): ChannelDefinition {
  if (!/^[^*]+\*?$|^\*$/.test(pattern)) {
    throw new TypeError(`no pattern: ${JSON.stringify(pattern)}`);
  }
  return { pattern, module };
}
