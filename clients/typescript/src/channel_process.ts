// Runs the callbacks of one channel, in order. Phoenix: Phoenix.Channel.Server.
import { Channel, toReply } from "./channel.js";
import type { ChannelPlace, Owner, TerminateInfo } from "./channel.js";
import { UsageError } from "./errors.js";
import type { ChannelFrame_Terminate, HostFrame, HostFrame_Reply }
  from "./gen/aerie/v1/channel_host.js";
import { ExitReason as WireReason } from "./gen/aerie/v1/payload.js";
import type { Payload } from "./gen/aerie/v1/payload.js";
import { Mailbox } from "./mailbox.js";
import { ok } from "./module.js";
import type { Answer, ChannelModule, ExitReason, Stop, StopReason }
  from "./module.js";
import { Message, toPayload } from "./payload.js";
import type { Received, Sendable } from "./payload.js";

type Frame = NonNullable<HostFrame["frame"]>;

/** The stream, as a channel sees it. */
export interface Wire {
  /** Throws when a payload is too large; nothing once the stream has ended. */
  send(channel: bigint, frame: Frame): void;
  /** Returns a credit, behind what has been sent. */
  done(): void;
  failed(topic: string, callback: string, error: unknown): void;
  unhandled(topic: string, event: string): void;
  forget(process: ChannelProcess): void;
}

// joining → joined → (stopping →) terminating → ended, or ended from anywhere.
type State =
  "joining" | "joined" | "stopping" | "crashed" | "terminating" | "ended";

const INTERCEPTS_MAX = 256;

const NOT_BY_BROKER: TerminateInfo = { eventId: "", redelivered: false };

const WIRE_STOP: Record<StopReason, WireReason> = {
  normal: WireReason.STOP_NORMAL,
  shutdown: WireReason.STOP_SHUTDOWN,
  crash: WireReason.CRASH,
};

export class ChannelProcess implements Owner {
  readonly id: bigint;
  readonly mailbox = new Mailbox();
  readonly channel: Channel<any>;
  #state: State = "joining";
  #assigns = "";
  readonly #intercepts: string[] = [];

  constructor(private readonly module: ChannelModule<any>, place: ChannelPlace,
    private readonly wire: Wire) {
    this.id = place.id;
    this.channel = new Channel(place, this);
  }

  // What the broker, or the end of its stream, wants.

  join(payload: Payload | undefined): void {
    const params = new Message("phx_join", payload);
    this.mailbox.post(async () => {
      let frame: Frame;
      try {
        const answer = await this.module.join?.(this.channel, params) ?? ok();
        frame = this.#joinReply(answer);
      } catch (error) {
        this.wire.failed(this.channel.topic, "join", error);
        frame = JOIN_CRASHED;
      }
      if (frame.$case === "joinReply" && frame.value.ok) {
        this.#state = "joined";
      } else {
        this.#end();
      }
      this.#sendJoinReply(frame);
    });
  }

  handleIn(event: string, payload: Payload | undefined, ref: Uint8Array): void {
    const message = new Message(event, payload, ref);
    this.#callback("handleIn", message, true, () => {
      if (this.module.handleIn) {
        return this.module.handleIn(this.channel, message);
      }
      throw new UsageError(`nobody handles ${JSON.stringify(event)}`);
    });
  }

  handleOut(event: string, payload: Payload | undefined): void {
    const message = new Message(event, payload);
    this.#callback("handleOut", message, true, () => {
      if (this.module.handleOut) {
        return this.module.handleOut(this.channel, message);
      }
      this.say({ $case: "push", value: { event, payload } });
      return undefined;
    });
  }

  handleInfo(event: string, payload: Payload | undefined, credit = true): void {
    const message = new Message(event, payload);
    this.#callback("handleInfo", message, credit, () => {
      if (this.module.handleInfo) {
        return this.module.handleInfo(this.channel, message);
      }
      this.wire.unhandled(this.channel.topic, event);
      return undefined;
    });
  }

  terminate({ reason, eventId, redelivered }: ChannelFrame_Terminate): void {
    this.mailbox.post(async () => {
      if (this.#state === "joined" || this.#state === "stopping") {
        if (reason === WireReason.LEFT) {
          this.wire.send(this.id, { $case: "left", value: {} });
        }
        this.#state = "terminating";
        await this.#terminate(reasonName(reason), { eventId, redelivered });
      }
      this.#end();
      this.wire.send(this.id, { $case: "terminated", value: { eventId } });
    });
  }

  /** A channel of a host that was lost: nothing but its terminate runs. */
  terminateOrphan(frame: ChannelFrame_Terminate): void {
    this.#state = "terminating";
    this.mailbox.post(async () => {
      const { eventId, redelivered } = frame;
      await this.#terminate(reasonName(frame.reason), { eventId, redelivered });
      this.#end();
      this.wire.send(this.id, { $case: "terminated", value: { eventId } });
    });
  }

  /** The stream has ended. */
  lost(): void {
    this.mailbox.post(async () => {
      const was = this.#state;
      this.#state = "ended";
      if (was === "joined" || was === "stopping") {
        await this.#terminate("host_lost", NOT_BY_BROKER);
      }
      this.#end();
    });
  }

  // What the channel wants.

  say(frame: Frame): void {
    if (this.#state === "joining") {
      throw new UsageError(`${frame.$case} before the join is answered`);
    }
    if (this.#state === "joined" || this.#state === "terminating") {
      this.wire.send(this.id, frame);
    }
  }

  assigned(text: string): void {
    if (this.#state === "joining") this.#assigns = text;
    if (this.#state === "joined") {
      this.wire.send(this.id,
        { $case: "setAssigns", value: { assigns: text } });
    }
  }

  intercept(events: readonly string[]): void {
    if (this.#state !== "joining") {
      throw new UsageError("intercept outside of join");
    }
    this.#intercepts.push(...events);
    if (this.#intercepts.length > INTERCEPTS_MAX) {
      throw new UsageError(`more than ${INTERCEPTS_MAX} intercepts`);
    }
  }

  sendSelf(event: string, payload: Sendable): void {
    this.handleInfo(event, toPayload(payload), false);
  }

  stop(reason: StopReason): void {
    const message = new Message("", undefined);
    this.#callback("stop", message, false,
      () => ({ kind: "stop", reason, answer: undefined }));
  }

  // How.

  #joinReply(answer: Answer): Frame {
    if (answer.kind !== "answer" ||
        (answer.status !== "ok" && answer.status !== "error")) {
      throw new UsageError("join gives ok(), error() or nothing");
    }
    return {
      $case: "joinReply",
      value: {
        ok: answer.status === "ok",
        payload: toPayload(answer.payload),
        assigns: this.#assigns,
        intercepts: this.#intercepts,
        crashed: false,
      },
    };
  }

  #sendJoinReply(frame: Frame): void {
    try {
      this.wire.send(this.id, frame);
    } catch (error) { // Too large.
      this.wire.failed(this.channel.topic, "join", error);
      this.#end();
      this.wire.send(this.id, JOIN_CRASHED);
    }
  }

  // One callback, with all that it does on the stream before its credit.
  #callback(name: string, message: Received, credit: boolean,
    run: () => unknown): void {
    this.mailbox.post(async () => {
      if (this.#state === "joined") {
        try {
          this.#settle(await run(), message);
        } catch (error) {
          this.wire.failed(this.channel.topic, name, error);
          this.#stop("crash");
        }
      }
      if (credit) this.wire.done();
      if (this.#is("crashed")) {
        // Its broadcasts go out; the broker drops the rest.
        this.#state = "terminating";
        await this.#terminate("crash", NOT_BY_BROKER);
        this.#end();
      }
    });
  }

  #settle(result: unknown, { event, ref }: Received): void {
    if (result === undefined || result === null) return;
    const { kind } = result as Answer | Stop;
    if (kind === "answer") {
      this.channel.reply(ref, result as Answer);
    } else if (kind === "stop") {
      const { reason, answer } = result as Stop;
      this.#stop(reason, answer && ref && toReply(ref, answer));
    } else {
      throw new UsageError(`a callback's result for ${JSON.stringify(event)} ` +
        "is ok(), error(), reply(), stop() or nothing");
    }
  }

  #stop(reason: StopReason, reply?: HostFrame_Reply): void {
    this.wire.send(this.id,
      { $case: "stop", value: { reason: WIRE_STOP[reason], reply } });
    this.#state = reason === "crash" ? "crashed" : "stopping";
  }

  async #terminate(reason: ExitReason, info: TerminateInfo): Promise<void> {
    try {
      await this.module.terminate?.(this.channel, reason, info);
    } catch (error) {
      this.wire.failed(this.channel.topic, "terminate", error);
    }
  }

  #end(): void {
    this.#state = "ended";
    this.wire.forget(this);
  }

  // The state, whatever the compiler believes that it still is.
  #is(state: State): boolean {
    return this.#state === state;
  }
}

const JOIN_CRASHED: Frame = {
  $case: "joinReply",
  value: {
    ok: false, payload: undefined, assigns: "", intercepts: [], crashed: true,
  },
};

function reasonName(reason: WireReason): ExitReason {
  const name: string | undefined = WireReason[reason];
  return (name?.toLowerCase() ?? "crash") as ExitReason;
}
