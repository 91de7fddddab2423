// Calls with deadlines, tried again where that is safe.
import type { ClientReadableStream, ClientDuplexStream, MethodDefinition }
  from "@grpc/grpc-js";

import { pause, pauseMs } from "./backoff.js";
import { Connection } from "./connection.js";
import { AerieError } from "./errors.js";

const DEADLINE_MS = 5_000;
const ATTEMPTS_MAX = 3;

/** How a single call is made. */
export interface CallOptions {
  /** For the call with all its attempts. Default: 5,000. */
  timeoutMs?: number;
}

type Method<Request, Response> = MethodDefinition<Request, Response>;

/** Makes calls over a connection. */
export class Calls {
  constructor(readonly connection: Connection) {}

  /** One answer. With `repeatable`, UNAVAILABLE is tried again elsewhere. */
  async unary<Request, Response>(method: Method<Request, Response>,
    request: Request, repeatable: boolean,
    { timeoutMs = DEADLINE_MS }: CallOptions = {}): Promise<Response> {
    const deadline = Date.now() + timeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      const { address } = this.connection;
      try {
        return await this.#once(method, request, deadline);
      } catch (error) {
        const unavailable =
          error instanceof AerieError && error.code === "UNAVAILABLE";
        if (!unavailable) throw error;
        this.connection.turn(address);
        const wait = pauseMs(attempt);
        if (!repeatable || attempt === ATTEMPTS_MAX ||
            Date.now() + wait >= deadline) {
          throw error;
        }
        await pause(wait);
      }
    }
  }

  async serverStream<Request, Response>(method: Method<Request, Response>,
    request: Request): Promise<ClientReadableStream<Response>> {
    return this.connection.client.makeServerStreamRequest(method.path,
      method.requestSerialize, method.responseDeserialize, request,
      await this.connection.metadata());
  }

  async duplexStream<Request, Response>(method: Method<Request, Response>):
    Promise<ClientDuplexStream<Request, Response>> {
    return this.connection.client.makeBidiStreamRequest(method.path,
      method.requestSerialize, method.responseDeserialize,
      await this.connection.metadata());
  }

  async #once<Request, Response>(method: Method<Request, Response>,
    request: Request, deadline: number): Promise<Response> {
    const { client } = this.connection;
    const metadata = await this.connection.metadata();
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(method.path, method.requestSerialize,
        method.responseDeserialize, request, metadata, { deadline },
        (error, response) => {
          if (error) reject(AerieError.fromGrpc(error));
          else resolve(response!);
        });
    });
  }
}
