// A broker that says what a test tells it to, and shows what a host says.
import { Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";
import type { sendUnaryData, ServerDuplexStream, ServerUnaryCall }
  from "@grpc/grpc-js";

import { ChannelHostService } from "#gen/aerie/v1/channel_host.js";
import type { AttachRequest, AttachResponse, ChannelFrame, HostFrame,
  HostFrame_Registration } from "#gen/aerie/v1/channel_host.js";
import { ControlService } from "#gen/aerie/v1/control.js";
import type { ControlServer } from "#gen/aerie/v1/control.js";
import { ExitReason } from "#gen/aerie/v1/payload.js";
import { ErrorInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";

type Frame = NonNullable<ChannelFrame["frame"]>;
type Case = NonNullable<HostFrame["frame"]>["$case"];
type Value<C extends Case> =
  Extract<NonNullable<HostFrame["frame"]>, { $case: C }>["value"];
type Call = ServerDuplexStream<AttachRequest, AttachResponse>;

const PATIENCE_MS = 20_000;

// Values that wait for those who want them, or the other way around.
class Channel<T> {
  readonly #values: T[] = [];
  readonly #takers: ((value: T) => void)[] = [];

  put(value: T): void {
    const taker = this.#takers.shift();
    taker ? taker(value) : this.#values.push(value);
  }

  take(): Promise<T> {
    const value = this.#values.shift();
    if (value !== undefined) return Promise.resolve(value);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("waited in vain")),
        PATIENCE_MS);
      this.#takers.push((taken) => {
        clearTimeout(late);
        resolve(taken);
      });
    });
  }
}

export class FakeBroker {
  readonly #server = new Server();
  readonly #streams = new Channel<AttachedHost>();
  address = "";
  /** Streams are refused with it. */
  refusal: { code: status; details: string } | undefined;
  /** Whether a registration is answered. */
  answers = true;
  attempts = 0;
  metadata: Metadata[] = [];

  constructor(readonly name = "broker-1",
    control: Partial<ControlServer> = {}) {
    this.#server.addService(ChannelHostService, {
      attach: (call: Call) => this.#attach(call),
    });
    this.#server.addService(ControlService, control as ControlServer);
  }

  async start(credentials = ServerCredentials.createInsecure()):
    Promise<this> {
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
        error ? reject(error) : resolve(bound));
    });
    this.address = `127.0.0.1:${port}`;
    return this;
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  /** The next host that has attached. */
  host(): Promise<AttachedHost> {
    return this.#streams.take();
  }

  #attach(call: Call): void {
    this.attempts += 1;
    this.metadata.push(call.metadata);
    call.on("error", () => {}); // Hosts may break off.
    if (this.refusal) {
      call.emit("error", { ...this.refusal, metadata: new Metadata() });
      return;
    }
    const host = new AttachedHost(call);
    void host.registered.then(() => {
      if (!this.answers) return;
      host.send(0n, { $case: "attached", value: {
        major: 1, minor: 0, broker: this.name, version: "test",
        capacity: 1024, payloadBytesMax: 10_000n, joinDeadlineMs: 9_000,
      } });
      this.#streams.put(host);
    });
  }
}

export class AttachedHost {
  readonly #frames = new Channel<HostFrame>();
  readonly registered: Promise<void>;
  readonly ended: Promise<void>;
  registration!: HostFrame_Registration;
  messages = 0;

  constructor(private readonly call: Call) {
    this.ended = new Promise((resolve) => {
      call.on("end", () => { call.end(); resolve(); });
      call.on("cancelled", resolve);
    });
    call.on("data", ({ frames }: AttachRequest) => {
      this.messages += 1;
      frames.forEach((frame) => this.#frames.put(frame));
    });
    this.registered = this.next("registration").then((registration) => {
      this.registration = registration;
    });
  }

  send(channel: bigint, ...frames: Frame[]): void {
    this.call.write({ frames: frames.map((frame) => ({ channel, frame })) });
  }

  end(code: status = status.UNAVAILABLE, details = "gone"): void {
    this.call.emit("error", { code, details, metadata: new Metadata() });
  }

  nextFrame(): Promise<HostFrame> {
    return this.#frames.take();
  }

  /** The next frame, which must be of a kind. */
  async next<C extends Case>(kind: C): Promise<Value<C>> {
    const { frame } = await this.nextFrame();
    if (frame?.$case !== kind) {
      throw new Error(`not ${kind} but ${JSON.stringify(frame)}`);
    }
    return frame.value as Value<C>;
  }

  /** The kinds of the next frames, in order. */
  async kinds(count: number): Promise<(Case | undefined)[]> {
    const kinds: (Case | undefined)[] = [];
    for (let n = 0; n < count; n += 1) {
      kinds.push((await this.nextFrame()).frame?.$case);
    }
    return kinds;
  }

  join(channel: bigint, params: unknown = {}, topic = "room:1"): void {
    this.send(channel, { $case: "join", value: {
      topic, pattern: "room:*", payload: json(params), socket: socket(),
    } });
  }

  /** Joins, and expects that it succeeds. */
  async joined(channel: bigint, params: unknown = {}, topic = "room:1"):
    Promise<void> {
    this.join(channel, params, topic);
    const { ok } = await this.next("joinReply");
    if (!ok) throw new Error("the join was refused");
  }

  event(channel: bigint, event: string, payload: unknown = {}, ref = '"7"'):
    void {
    this.send(channel, { $case: "handleIn", value: {
      event, payload: json(payload), ref: Buffer.from(ref),
    } });
  }

  terminate(channel: bigint, reason: ExitReason, {
    eventId = "e-1", redelivered = false, assigns = "{}",
  } = {}): void {
    this.send(channel, { $case: "terminate", value: {
      reason, eventId, topic: "room:1", assigns, socket: socket(),
      pattern: "room:*", redelivered,
    } });
  }
}

export function json(value: unknown) {
  return { kind: { $case: "json" as const, value: JSON.stringify(value) } };
}

function socket() {
  return { key: "edge-1/1", socketId: "users:1", assigns: '{"role":"guest"}' };
}

/** A unary method of Control. */
export function answers<Request, Response>(
  answer: (request: Request, call: ServerUnaryCall<Request, Response>) =>
    Response | Promise<Response>) {
  return async (call: ServerUnaryCall<Request, Response>,
    callback: sendUnaryData<Response>) => {
    try {
      callback(null, await answer(call.request, call));
    } catch (error) {
      callback(error as Parameters<sendUnaryData<Response>>[0]);
    }
  };
}

export function failure(code: status, details: string, reason?: string) {
  const metadata = new Metadata();
  if (reason) {
    const value = Buffer.from(ErrorInfo.encode(
      { reason, domain: "aerie", metadata: {} }).finish());
    metadata.set("grpc-status-details-bin", Buffer.from(Status.encode({
      code, message: details,
      details: [{ typeUrl: "type.googleapis.com/google.rpc.ErrorInfo", value }],
    }).finish()));
  }
  return Object.assign(new Error(details), { code, details, metadata });
}
