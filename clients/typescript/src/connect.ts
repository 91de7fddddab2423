// Who may open a socket, when a host decides.
import type { ChannelFrame_Connect, HostFrame }
  from "./gen/aerie/v1/channel_host.js";
import { UsageError } from "./errors.js";
import type { Logger } from "./logger.js";

const ASSIGNS_BYTES_MAX = 3 << 10;
const SOCKET_ID_BYTES_MAX = 512;

/** A client that wants to open a socket. */
export interface ConnectRequest {
  /** Path of the mount, as configured (`/socket`). */
  readonly mount: string;
  /** Query parameters and path variables; the last of equal names. */
  readonly params: Readonly<Record<string, string>>;
  /** Headers, names in lower case; the last of equal names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Address and port of the client. */
  readonly peer: string;
  /** Scheme, host, port, path and query of the request. */
  readonly uri: string;
  /** From the auth-token subprotocol or X-Phoenix-AuthToken. */
  readonly token: Uint8Array | undefined;
}

/** Whether the socket opens. */
export type ConnectAnswer =
  {
    /** The application's name for the socket (`users:42`); may be shared. */
    readonly socketId?: string;
    /** JSON, at most 3 KiB. */
    readonly assigns?: object;
  } | {
    /** Why not: the body that the client gets. */
    readonly refused: string;
    /** HTTP status, 400 to 599. Default: 403. */
    readonly status?: number;
  };

export type ConnectCallback =
  (request: ConnectRequest) => ConnectAnswer | Promise<ConnectAnswer>;

/** @internal */
export async function answerConnect(request: ChannelFrame_Connect,
  callback: ConnectCallback | undefined, log: Logger):
  Promise<NonNullable<HostFrame["frame"]>> {
  const { id, mount, params, headers, peer, uri, token } = request;
  let answer: ConnectAnswer;
  try {
    if (!callback) throw new TypeError("no connect callback");
    answer = await callback({
      mount, params: record(params), headers: record(headers), peer, uri, token,
    });
    return { $case: "connectReply", value: { id, ...connectReply(answer) } };
  } catch (error) {
    log.error(`connect failed mount=${mount} error=` +
      JSON.stringify(error instanceof Error ? error.stack : String(error)));
    const value = { id, ...connectReply({ refused: "", status: 500 }) };
    return { $case: "connectReply", value };
  }
}

// Throws for what would have the broker end the stream.
function connectReply(answer: ConnectAnswer) {
  if ("refused" in answer) {
    const { status = 403, refused: reason } = answer;
    if (!(status >= 400 && status <= 599)) {
      throw new UsageError(`status ${status} is not between 400 and 599`);
    }
    return { ok: false, socketId: "", assigns: "", status, reason };
  }
  const { socketId = "", assigns: given } = answer;
  const assigns = given ? JSON.stringify(given) : "";
  if (Buffer.byteLength(assigns) > ASSIGNS_BYTES_MAX ||
      Buffer.byteLength(socketId) > SOCKET_ID_BYTES_MAX) {
    throw new UsageError(`assigns of more than ${ASSIGNS_BYTES_MAX} bytes, ` +
      `or a socket id of more than ${SOCKET_ID_BYTES_MAX}`);
  }
  return { ok: true, socketId, assigns, status: 0, reason: "" };
}

function record(pairs: readonly { name: string; value: string }[]) {
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}
