// What happens at a broker, as it happens.
import { Calls } from "./calls.js";
import type { Socket } from "./channel.js";
import { AerieError } from "./errors.js";
import { ControlService, WatchResponse_Event_Kind as Kind }
  from "./gen/aerie/v1/control.js";
import type { WatchResponse, WatchResponse_Event }
  from "./gen/aerie/v1/control.js";
import { ExitReason as WireReason } from "./gen/aerie/v1/payload.js";
import type { ExitReason } from "./module.js";
import { fromAssigns, fromPayload } from "./payload.js";
import type { Json } from "./payload.js";

/** What a watcher wants to hear. */
export interface WatchOptions {
  /** Channels joined and left. */
  channels?: boolean;
  /** Sockets connected and disconnected. */
  sockets?: boolean;
  /** Topics occupied (their first channel) and vacated (their last). */
  topics?: boolean;
  /** Broadcasts of these topics; a name may end in `*`. At most 100. */
  broadcasts?: readonly string[];
  /** Only of topics that begin with it: for channels and topics. */
  prefix?: string;
}

/** One thing that has happened; `kind` decides which fields are set. */
export interface WatchEvent {
  readonly kind:
    "watching" | "joined" | "left" | "connected" | "disconnected" |
    "occupied" | "vacated" | "broadcast" | "lost";
  readonly time: Date | undefined;
  /** joined, left, occupied, vacated, broadcast. */
  readonly topic?: string;
  /** joined, left. */
  readonly channel?: bigint;
  /** joined, left, connected, disconnected. */
  readonly socket?: Socket;
  /** left. */
  readonly reason?: ExitReason;
  /** broadcast. */
  readonly event?: string;
  /** broadcast. */
  readonly payload?: Json | Uint8Array;
  /** lost: so many events were dropped, as they were not read in time. */
  readonly lost?: bigint;
}

export async function* watch(calls: Calls, options: WatchOptions):
  AsyncGenerator<WatchEvent, void> {
  const stream = await calls.serverStream(ControlService.watch, {
    channels: options.channels ?? false,
    sockets: options.sockets ?? false,
    topics: options.topics ?? false,
    broadcasts: [...options.broadcasts ?? []],
    prefix: options.prefix ?? "",
  });
  try {
    for await (const { events } of stream as AsyncIterable<WatchResponse>) {
      // Others are a later version's.
      yield* events.filter(({ kind }) => Kind[kind]).map(toEvent);
    }
  } catch (error) {
    throw typeof (error as { code?: unknown }).code === "number"
      ? AerieError.fromGrpc(error as Parameters<typeof AerieError.fromGrpc>[0])
      : error;
  } finally {
    stream.cancel();
  }
}

const HAS_TOPIC = [Kind.JOINED, Kind.LEFT, Kind.OCCUPIED, Kind.VACATED,
  Kind.BROADCAST];

function toEvent(event: WatchResponse_Event): WatchEvent {
  const { kind, time, topic, channel, socket } = event;
  return {
    kind: Kind[kind].toLowerCase() as WatchEvent["kind"],
    time,
    ...HAS_TOPIC.includes(kind) && { topic },
    ...(kind === Kind.JOINED || kind === Kind.LEFT) && { channel },
    ...socket && {
      socket: {
        key: socket.key,
        id: socket.socketId,
        assigns: fromAssigns(socket.assigns),
      },
    },
    ...kind === Kind.LEFT && {
      reason: WireReason[event.reason].toLowerCase() as ExitReason,
    },
    ...kind === Kind.BROADCAST && {
      event: event.event, payload: fromPayload(event.payload),
    },
    ...kind === Kind.LOST && { lost: event.lost },
  };
}
