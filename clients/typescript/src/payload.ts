// Payloads: JSON values, or bytes, and the proto's oneof of both.
import { UsageError } from "./errors.js";
import type { Payload } from "./gen/aerie/v1/payload.js";

/** A value that JSON can hold. */
export type Json =
  null | boolean | number | string | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** JSON text that is sent as it is: for numbers that JavaScript cannot hold. */
export class RawJson {
  constructor(readonly text: string) {}
}

/** What may be sent: a JSON value, JSON text, bytes. Undefined means `{}`. */
export type Sendable = Json | object | RawJson | Uint8Array | undefined;

/** What was received. */
export interface Received {
  /** The event; `phx_join` for a join. */
  readonly event: string;
  /** The parsed JSON value; bytes of a binary payload. */
  readonly payload: Json | Uint8Array;
  /** The payload's JSON text, as its author wrote it; undefined for bytes. */
  readonly json: string | undefined;
  /** What a reply names; undefined when the client wants none. */
  readonly ref: Ref | undefined;
}

/** The client's name for one event. */
export interface Ref {
  readonly bytes: Uint8Array;
}

/** Of a reply: any JSON value, or bytes. */
export function toPayload(value: Sendable): Payload | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array) {
    return { kind: { $case: "binary", value: Buffer.from(value) } };
  }
  return { kind: { $case: "json", value: toJson(value) } };
}

/** Of an event: an object, or bytes. A broker ends hosts that send others. */
export function toEventPayload(event: string, value: Sendable):
  Payload | undefined {
  if (event.startsWith("phx_")) throw new UsageError(`${event} is reserved`);
  const payload = toPayload(value);
  if (payload?.kind?.$case === "json" &&
      !payload.kind.value.trimStart().startsWith("{")) {
    throw new UsageError(
      `the payload of ${JSON.stringify(event)} is no object`);
  }
  return payload;
}

function toJson(value: Exclude<Sendable, Uint8Array>): string {
  if (value instanceof RawJson) {
    JSON.parse(value.text); // Throws, rather than have the broker do it.
    return value.text;
  }
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new UsageError("the payload is no JSON value");
  return text;
}

export function payloadBytes(payload: Payload | undefined): number {
  if (payload?.kind === undefined) return 0;
  return Buffer.byteLength(payload.kind.value);
}

/** The value of a received payload. */
export function fromPayload(payload: Payload | undefined): Json | Uint8Array {
  if (payload?.kind === undefined) return {};
  if (payload.kind.$case === "binary") return payload.kind.value;
  return JSON.parse(payload.kind.value) as Json;
}

// Parsed when it is looked at: many handlers never do.
export class Message implements Received {
  readonly ref: Ref | undefined;
  #payload: Json | Uint8Array | undefined;

  constructor(readonly event: string,
    private readonly source: Payload | undefined, ref?: Uint8Array) {
    this.ref = ref?.length ? { bytes: ref } : undefined;
  }

  get payload(): Json | Uint8Array {
    return this.#payload ??= fromPayload(this.source);
  }

  get json(): string | undefined {
    if (this.source?.kind === undefined) return "{}";
    return this.source.kind.$case === "json"
      ? this.source.kind.value : undefined;
  }
}

/** Assigns from the wire: the text of an object, empty for `{}`. */
export function fromAssigns(text: string): JsonObject {
  return text === "" ? {} : JSON.parse(text) as JsonObject;
}
