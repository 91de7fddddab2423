// One stream to a broker, and the channels on it.
import type { Client, ClientDuplexStream, Metadata } from "@grpc/grpc-js";

import type { ChannelPlace } from "./channel.js";
import { ChannelProcess } from "./channel_process.js";
import type { Wire } from "./channel_process.js";
import { AerieError, UsageError } from "./errors.js";
import { AttachResponse } from "./gen/aerie/v1/channel_host.js";
import type { ChannelFrame, ChannelFrame_Attached, ChannelFrame_Connect,
  ChannelFrame_Terminate, HostFrame, HostFrame_Registration }
  from "./gen/aerie/v1/channel_host.js";
import type { Payload } from "./gen/aerie/v1/payload.js";
import type { ChannelModule } from "./module.js";
import { Outbox } from "./outbox.js";
import { payloadBytes } from "./payload.js";

type Frame = NonNullable<HostFrame["frame"]>;

const PATH = "/aerie.v1.ChannelHost/Attach";
const ATTACHED_WITHIN_MS = 10_000;
const END_WITHIN_MS = 2_000;

/** What an attachment needs of the host. */
export interface Keeper {
  readonly registration: HostFrame_Registration;
  module(pattern: string): ChannelModule<any> | undefined;
  connect(request: ChannelFrame_Connect): Promise<Frame>;
  attached(attached: ChannelFrame_Attached): void;
  draining(): void;
  failed(topic: string, callback: string, error: unknown): void;
  unhandled(topic: string, event: string): void;
  /** Whether the channel was ended by the loss of an earlier stream. */
  hasEnded(broker: string, channel: bigint): boolean;
}

/** Lives as long as its stream does. */
export class Attachment implements Wire {
  /** Resolves when the stream has ended; undefined when it ended with OK. */
  readonly ended: Promise<AerieError | undefined>;
  /** Resolves when the broker has drained this host. */
  readonly drained: Promise<void>;
  /** Undefined until the broker has answered. */
  attached: ChannelFrame_Attached | undefined;
  readonly #keeper: Keeper;
  readonly #stream: ClientDuplexStream<Buffer, AttachResponse>;
  readonly #outbox: Outbox;
  readonly #processes = new Map<bigint, ChannelProcess>();
  #cause: AerieError | undefined;
  #onDrained!: () => void;

  constructor(client: Client, metadata: Metadata, keeper: Keeper) {
    this.#keeper = keeper;
    this.#stream = client.makeBidiStreamRequest(PATH, (request: Buffer) =>
      request, (bytes: Buffer) => AttachResponse.decode(bytes), metadata);
    this.#outbox = new Outbox(
      (request, written) => { this.#stream.write(request, written); },
      () => this.abort(new AerieError("RESOURCE_EXHAUSTED",
        "the broker does not read")));
    this.drained = new Promise((resolve) => { this.#onDrained = resolve; });
    const late = setTimeout(() => this.abort(new AerieError("DEADLINE_EXCEEDED",
      "no answer to the registration")), ATTACHED_WITHIN_MS);
    this.ended = new Promise((resolve) => {
      this.#stream.on("error", () => {}); // `status` tells.
      this.#stream.on("status", (status) => {
        clearTimeout(late);
        this.#outbox.close();
        const error = status.code === 0
          ? undefined : AerieError.fromGrpc(status);
        resolve(this.#cause ?? error);
      });
    });
    this.#stream.on("data", (response: AttachResponse) => {
      if (response.frames[0]?.frame?.$case === "attached") clearTimeout(late);
      this.#receive(response);
    });
    this.#write(0n, { $case: "registration", value: keeper.registration });
  }

  get channels(): Iterable<bigint> {
    return this.#processes.keys();
  }

  /** Ends every channel; resolves when their callbacks have ended. */
  async lost(): Promise<void> {
    const processes = [...this.#processes.values()];
    for (const process of processes) process.lost();
    await Promise.all(processes.map(({ mailbox }) => mailbox.idle()));
  }

  drain(windowMs: number): void {
    this.#write(0n, { $case: "drain", value: { windowMs } });
  }

  /** Half-closes behind what is queued, and waits for the end. */
  async close(): Promise<void> {
    // What is queued leaves in the next turn.
    await new Promise(setImmediate);
    this.#stream.end();
    const late = setTimeout(() => this.#stream.cancel(), END_WITHIN_MS);
    await this.ended;
    clearTimeout(late);
  }

  abort(cause: AerieError): void {
    this.#cause ??= cause;
    this.#stream.cancel();
  }

  // Wire.

  send(channel: bigint, frame: Frame): void {
    const bytes = payloadBytes(payloadOf(frame));
    const most = Number(this.attached?.payloadBytesMax ?? 0);
    if (bytes > most) {
      throw new UsageError(`a payload of ${bytes} bytes; at most ${most}`);
    }
    this.#write(channel, frame);
  }

  done(): void {
    this.#outbox.done();
  }

  failed(topic: string, callback: string, error: unknown): void {
    this.#keeper.failed(topic, callback, error);
  }

  unhandled(topic: string, event: string): void {
    this.#keeper.unhandled(topic, event);
  }

  forget(process: ChannelProcess): void {
    if (this.#processes.get(process.id) === process) {
      this.#processes.delete(process.id);
    }
  }

  #write(channel: bigint, frame: Frame): void {
    this.#outbox.push({ channel, frame });
  }

  #receive(response: AttachResponse): void {
    try {
      for (const frame of response.frames) this.#handle(frame);
    } catch (error) { // Not what the contract says.
      this.abort(new AerieError("INTERNAL", String(error)));
    }
  }

  #handle({ channel, frame }: ChannelFrame): void {
    if (this.attached === undefined && frame?.$case !== "attached") {
      throw new UsageError("the broker did not begin with Attached");
    }
    const process = this.#processes.get(channel);
    switch (frame?.$case) {
      case "attached":
        this.attached = frame.value;
        return this.#keeper.attached(frame.value);
      case "join": {
        const { topic, pattern, socket, payload } = frame.value;
        const place = { id: channel, topic, pattern, socket, assigns: "" };
        return this.#start(place).join(payload);
      }
      case "handleIn":
        if (!process) return this.done();
        return process.handleIn(frame.value.event, frame.value.payload,
          frame.value.ref);
      case "handleOut":
        if (!process) return this.done();
        return process.handleOut(frame.value.event, frame.value.payload);
      case "handleInfo":
        if (!process) return this.done();
        return process.handleInfo(frame.value.event, frame.value.payload);
      case "terminate":
        if (process) return process.terminate(frame.value);
        return this.#terminateUnknown(channel, frame.value);
      case "connect":
        void this.#keeper.connect(frame.value).then((reply) =>
          this.#write(0n, reply));
        return;
      case "draining":
        return this.#keeper.draining();
      case "drained":
        return this.#onDrained();
      default: // A later version's.
    }
  }

  #terminateUnknown(channel: bigint, frame: ChannelFrame_Terminate): void {
    const { redelivered, topic, pattern, socket, assigns, eventId } = frame;
    if (!redelivered || this.#keeper.hasEnded(this.attached!.broker, channel)) {
      return this.#write(channel, { $case: "terminated", value: { eventId } });
    }
    const place = { id: channel, topic, pattern, socket, assigns };
    this.#start(place).terminateOrphan(frame);
  }

  #start(place: ChannelPlace): ChannelProcess {
    const module = this.#keeper.module(place.pattern);
    if (!module) throw new UsageError(`unknown pattern ${place.pattern}`);
    const process = new ChannelProcess(module, place, this);
    this.#processes.set(place.id, process);
    return process;
  }
}

function payloadOf(frame: Frame): Payload | undefined {
  switch (frame.$case) {
    case "joinReply":
    case "reply":
    case "push":
    case "broadcast":
    case "send":
      return frame.value.payload;
    case "stop":
      return frame.value.reply?.payload;
    default:
      return undefined;
  }
}
