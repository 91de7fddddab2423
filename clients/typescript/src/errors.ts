// Errors of calls and streams, with the details of gRPC's rich error model.
import { Metadata, status as codes } from "@grpc/grpc-js";
import type { ServiceError, StatusObject } from "@grpc/grpc-js";

import { BadRequest, ErrorInfo, RetryInfo }
  from "./gen/google/rpc/error_details.js";
import { Status } from "./gen/google/rpc/status.js";

/** The name of a gRPC status code: `UNAVAILABLE`. */
export type Code = keyof typeof codes;

/** A call failed, or a stream ended. */
export class AerieError extends Error {
  override readonly name = "AerieError";
  readonly code: Code;
  /** The kind of error, of the domain `aerie` (`TOPIC_TOO_LONG`). */
  readonly reason: string | undefined;
  /** Which fields of the request are wrong, and how. */
  readonly fields: readonly { field: string; description: string }[];
  /** How long to wait before another attempt, when the broker has said so. */
  readonly retryAfterMs: number | undefined;

  constructor(code: Code, message: string, details?: Status) {
    super(`${code}: ${message}`);
    this.code = code;
    const found = unpack(details);
    this.reason = found.reason;
    this.fields = found.fields;
    this.retryAfterMs = found.retryAfterMs;
  }

  static fromStatus(status: Status): AerieError {
    return new AerieError(codeOf(status.code), status.message, status);
  }

  static fromGrpc(error: ServiceError | StatusObject): AerieError {
    return new AerieError(codeOf(error.code), error.details,
      detailsOf(error.metadata));
  }
}

/** What a caller did against the rules of a channel. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

function codeOf(code: number): Code {
  return (codes[code] ?? "UNKNOWN") as Code;
}

function detailsOf(metadata: Metadata | undefined): Status | undefined {
  const [packed] = metadata?.get("grpc-status-details-bin") ?? [];
  if (!(packed instanceof Buffer)) return undefined;
  try {
    return Status.decode(packed);
  } catch {
    return undefined; // Not ours; code and message are enough.
  }
}

function unpack(status: Status | undefined) {
  let reason: string | undefined;
  let retryAfterMs: number | undefined;
  const fields: { field: string; description: string }[] = [];
  for (const { typeUrl, value } of status?.details ?? []) {
    switch (typeUrl.slice(typeUrl.lastIndexOf("/") + 1)) {
      case "google.rpc.ErrorInfo":
        reason = ErrorInfo.decode(value).reason;
        break;
      case "google.rpc.BadRequest":
        fields.push(...BadRequest.decode(value).fieldViolations);
        break;
      case "google.rpc.RetryInfo": {
        const { retryDelay } = RetryInfo.decode(value);
        retryAfterMs = Number(retryDelay?.seconds ?? 0n) * 1000 +
          (retryDelay?.nanos ?? 0) / 1e6;
        break;
      }
    }
  }
  return { reason, fields, retryAfterMs };
}
