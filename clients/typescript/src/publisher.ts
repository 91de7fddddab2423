// Many broadcasts over one stream.
import type { ClientDuplexStream } from "@grpc/grpc-js";

import { AerieError } from "./errors.js";
import type { BroadcastRequest, BroadcastStreamRequest,
  BroadcastStreamResponse } from "./gen/aerie/v1/control.js";
import type { Status } from "./gen/google/rpc/status.js";
import { payloadBytes } from "./payload.js";

const CREDIT = 4_096;
const BATCH_BYTES_MAX = 1 << 20;

interface Pending {
  readonly request: BroadcastRequest;
  readonly resolve: () => void;
  readonly reject: (error: AerieError) => void;
}

type Stream =
  ClientDuplexStream<BroadcastStreamRequest, BroadcastStreamResponse>;

/**
 * Broadcasts, in order per topic, as fast as the broker takes them.
 *
 * When the stream breaks, what is unacknowledged fails: it may or may not have
 * been sent.
 */
export class Publisher {
  readonly #stream: Stream;
  // Behind the window, and in it: #sent[0] has the number #acknowledged + 1.
  #waiting: Pending[] = [];
  #sent: Pending[] = [];
  #acknowledged = 0;
  #credit = CREDIT;
  #duplicates = 0;
  #scheduled = false;
  #closing = false;
  #halfClosed = false;
  // Told, but not acknowledged yet.
  readonly #failures = new Map<number, Status>();
  #error: AerieError | undefined;
  readonly #ended: Promise<void>;

  constructor(stream: Stream) {
    this.#stream = stream;
    stream.on("data", (response: BroadcastStreamResponse) =>
      this.#acknowledge(response));
    stream.on("error", () => {}); // `status` tells.
    this.#ended = new Promise((resolve) => {
      stream.on("status", (status) => {
        this.#fail(status.code === 0
          ? new AerieError("CANCELLED", "the publisher is closed")
          : AerieError.fromGrpc(status));
        resolve();
      });
    });
  }

  /** How many broadcasts the broker knew already by their idempotency keys. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Resolves when it is acknowledged; rejects when it was not sent. */
  publish(request: BroadcastRequest): Promise<void> {
    if (this.#error) return Promise.reject(this.#error);
    if (this.#closing) {
      return Promise.reject(
        new AerieError("CANCELLED", "the publisher is closed"));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when everything is acknowledged and the stream has ended. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#schedule();
    await this.#ended;
  }

  // What is published in one turn travels together.
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#error) return;
    let room = this.#credit - this.#sent.length;
    while (room > 0 && this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#batchLength(room));
      room -= batch.length;
      const first = this.#acknowledged + this.#sent.length + 1;
      this.#sent.push(...batch);
      this.#stream.write({
        firstSequence: BigInt(first),
        broadcasts: batch.map(({ request }) => request),
      });
    }
    if (this.#closing && this.#waiting.length === 0 && !this.#halfClosed) {
      this.#halfClosed = true;
      this.#stream.end();
    }
  }

  // At least one, and as many as fit into a message.
  #batchLength(room: number): number {
    let length = 0;
    let bytes = 0;
    for (const { request } of this.#waiting.slice(0, room)) {
      bytes += payloadBytes(request.payload) + request.topic.length;
      if (length > 0 && bytes > BATCH_BYTES_MAX) break;
      length += 1;
    }
    return length;
  }

  #acknowledge(response: BroadcastStreamResponse): void {
    for (const { sequence, status } of response.failures) {
      if (status) this.#failures.set(Number(sequence), status);
    }
    const upTo = Number(response.acknowledged);
    const done = this.#sent.splice(0, upTo - this.#acknowledged);
    for (const [at, { resolve, reject }] of done.entries()) {
      const sequence = this.#acknowledged + at + 1;
      const status = this.#failures.get(sequence);
      this.#failures.delete(sequence);
      if (status) reject(AerieError.fromStatus(status));
      else resolve();
    }
    this.#acknowledged = upTo;
    this.#duplicates += response.duplicates;
    this.#credit = response.credit;
    this.#schedule();
  }

  #fail(error: AerieError): void {
    this.#error = error;
    const lost = [...this.#sent, ...this.#waiting];
    this.#sent = [];
    this.#waiting = [];
    for (const { reject } of lost) reject(error);
  }
}
