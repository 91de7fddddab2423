// What a host has to say, on its way into the stream.
import { BinaryWriter } from "@bufbuild/protobuf/wire";

import { HostFrame } from "./gen/aerie/v1/channel_host.js";

const BATCH_BYTES_MAX = 1 << 20;
const OUTBOX_BYTES_MAX = 64 << 20;

// Field 1 of AttachRequest, length-delimited.
const FRAMES_TAG = 1 << 3 | 2;

/** Writes one encoded AttachRequest, and calls back when there is room. */
export type Write = (request: Buffer, written: () => void) => void;

/**
 * Frames in order. What queues during a turn, or while a write is in flight,
 * travels as one message.
 */
export class Outbox {
  #queue: Uint8Array[] = [];
  #bytes = 0;
  #done = 0;
  #writing = false;
  #scheduled = false;
  #closed = false;

  /** `overflow` is called when the broker does not read. */
  constructor(private readonly write: Write,
    private readonly overflow: () => void) {}

  push(frame: HostFrame): void {
    if (this.#closed) return;
    const bytes = HostFrame.encode(frame).finish();
    this.#queue.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > OUTBOX_BYTES_MAX) {
      this.close();
      this.overflow();
    } else {
      this.#schedule();
    }
  }

  /** A callback has been handled: counted, and told behind what is queued. */
  done(): void {
    this.#done += 1;
    this.#schedule();
  }

  /** Drops what has not been written. */
  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#bytes = 0;
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#writing || this.#closed) return;
    const request = new BinaryWriter();
    const taken = this.#take(request);
    if (taken === this.#queue.length) this.#takeDone(request);
    this.#queue.splice(0, taken);
    const bytes = request.finish();
    if (bytes.length === 0) return;
    this.#writing = true;
    const shared = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.write(shared, () => {
      this.#writing = false;
      this.#flush();
    });
  }

  // At least one frame, and as many as fit.
  #take(request: BinaryWriter): number {
    let taken = 0;
    let bytes = 0;
    for (const frame of this.#queue) {
      if (taken > 0 && bytes + frame.length > BATCH_BYTES_MAX) break;
      request.uint32(FRAMES_TAG).bytes(frame);
      bytes += frame.length;
      taken += 1;
    }
    this.#bytes -= bytes;
    return taken;
  }

  #takeDone(request: BinaryWriter): void {
    if (this.#done === 0) return;
    const done = HostFrame.encode({
      channel: 0n, frame: { $case: "done", value: { callbacks: this.#done } },
    }).finish();
    this.#done = 0;
    request.uint32(FRAMES_TAG).bytes(done);
  }
}
