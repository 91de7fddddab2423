// A channel as its callbacks see it.
import { UsageError } from "./errors.js";
import type { SocketInfo } from "./gen/aerie/v1/payload.js";
import type { Answer, StopReason } from "./module.js";
import type { HostFrame, HostFrame_Reply }
  from "./gen/aerie/v1/channel_host.js";
import { fromAssigns, toEventPayload, toPayload } from "./payload.js";
import type { JsonObject, Ref, Sendable } from "./payload.js";

const ASSIGNS_BYTES_MAX = 64 << 10;
const STATUS_BYTES_MAX = 128;

/** One client connection. */
export interface Socket {
  /** Names the connection for as long as it lasts. */
  readonly key: string;
  /** The application's name for it (`users:42`); empty for none. */
  readonly id: string;
  /** What the connect rule has assigned. */
  readonly assigns: JsonObject;
}

/** What terminate is told beside the reason. */
export interface TerminateInfo {
  /**
   * Equal for each delivery of the same end; empty when the SDK has seen the
   * end itself.
   */
  readonly eventId: string;
  /** Whether the channel ran in a host that was lost. */
  readonly redelivered: boolean;
}

/** Where a channel is. */
export interface ChannelPlace {
  readonly id: bigint;
  readonly topic: string;
  readonly pattern: string;
  readonly socket: SocketInfo | undefined;
  /** Assigns as last set, JSON; empty for those of the socket. */
  readonly assigns: string;
}

/** What a channel needs of what runs it. */
export interface Owner {
  /** Throws before the join is answered; nothing after the end. */
  say(frame: NonNullable<HostFrame["frame"]>): void;
  assigned(text: string): void;
  intercept(events: readonly string[]): void;
  sendSelf(event: string, payload: Sendable): void;
  stop(reason: StopReason): void;
}

/**
 * One socket's membership of one topic. Phoenix: the socket that
 * Phoenix.Channel's callbacks get.
 *
 * May be kept and used after a callback has ended: what is said after the
 * channel's end is ignored.
 */
export class Channel<Assigns extends object = Record<string, any>> {
  /** Names the channel for the broker process' life: for `host.send`. */
  readonly id: bigint;
  readonly topic: string;
  /** The registered pattern that matched the topic. */
  readonly pattern: string;
  readonly socket: Socket;
  readonly #owner: Owner;
  #assigns: Assigns;

  /** @internal */
  constructor(place: ChannelPlace, owner: Owner) {
    this.id = place.id;
    this.topic = place.topic;
    this.pattern = place.pattern;
    this.socket = {
      key: place.socket?.key ?? "",
      id: place.socket?.socketId ?? "",
      assigns: fromAssigns(place.socket?.assigns ?? ""),
    };
    this.#assigns = (place.assigns === ""
      ? { ...this.socket.assigns } : fromAssigns(place.assigns)) as Assigns;
    this.#owner = owner;
  }

  /** What the channel keeps; its terminate gets it wherever it runs. */
  get assigns(): Readonly<Assigns> {
    return this.#assigns;
  }

  /** Merges keys into the assigns: JSON, at most 64 KiB in all. */
  assign(changes: Partial<Assigns>): void {
    const assigns = { ...this.#assigns, ...changes };
    const text = JSON.stringify(assigns);
    if (Buffer.byteLength(text) > ASSIGNS_BYTES_MAX) {
      throw new UsageError(`assigns of more than ${ASSIGNS_BYTES_MAX} bytes`);
    }
    this.#assigns = assigns;
    this.#owner.assigned(text);
  }

  /** An event to this channel's client. */
  push(event: string, payload?: Sendable): void {
    this.#owner.say({
      $case: "push", value: { event, payload: toEventPayload(event, payload) },
    });
  }

  /** An event to every channel of a topic: this one's unless it is given. */
  broadcast(event: string, payload?: Sendable, topic = this.topic): void {
    this.#broadcast(event, payload, topic, false);
  }

  /** The same, but not to this channel's client. */
  broadcastFrom(event: string, payload?: Sendable, topic = this.topic): void {
    this.#broadcast(event, payload, topic, true);
  }

  /** Answers an event, now or later. */
  reply(ref: Ref | undefined, answer: Answer): void {
    if (ref === undefined) return; // The client wants none.
    this.#owner.say({ $case: "reply", value: toReply(ref, answer) });
  }

  /** Ends the channel, behind what its mailbox holds. */
  stop(reason: StopReason): void {
    this.#owner.stop(reason);
  }

  /**
   * `handleInfo` of this channel, behind what its mailbox holds. From join:
   * once the join is answered, and not at all when it is refused.
   */
  sendSelf(event: string, payload?: Sendable): void {
    this.#owner.sendSelf(event, payload);
  }

  /** In join: events that this channel intercepts beside its pattern's. */
  intercept(...events: string[]): void {
    this.#owner.intercept(events);
  }

  #broadcast(event: string, payload: Sendable, topic: string,
    exceptSelf: boolean): void {
    this.#owner.say({
      $case: "broadcast",
      value: {
        event, payload: toEventPayload(event, payload), exceptSelf, topic,
      },
    });
  }
}

/** @internal */
export function toReply(ref: Ref, { status, payload }: Answer):
  HostFrame_Reply {
  if (Buffer.byteLength(status) > STATUS_BYTES_MAX) {
    throw new UsageError(`a status of more than ${STATUS_BYTES_MAX} bytes`);
  }
  return { ref: Buffer.from(ref.bytes), status, payload: toPayload(payload) };
}
