// Where brokers are, and how to speak to them: addresses, TLS, tokens.
import { readFileSync } from "node:fs";

import { Client, credentials, Metadata } from "@grpc/grpc-js";
import type { ChannelCredentials, ClientOptions } from "@grpc/grpc-js";

/** How to reach brokers. */
export interface ConnectionOptions {
  /** `host:port`, one or more. Default: `127.0.0.1:4010`. */
  brokers?: string | readonly string[];
  /** A bearer token, or what gives one; asked at each attempt. */
  token?: string | (() => string | Promise<string>);
  /** A file with the token, read at each attempt. */
  tokenFile?: string;
  /** TLS; without it, plaintext. */
  tls?: TlsOptions;
}

/** Files in PEM format. */
export interface TlsOptions {
  /** Authorities that sign brokers' certificates. Default: the system's. */
  caFile?: string;
  /** The certificate to show, for mutual TLS; with `keyFile`. */
  certFile?: string;
  keyFile?: string;
  /** The name that the broker's certificate must carry. Default: the host. */
  serverName?: string;
}

const MESSAGE_BYTES_MAX = 17 << 20;

const CHANNEL_OPTIONS: ClientOptions = {
  "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
  "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 1,
  // Attempts are ours to pace.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1_000,
  "grpc.enable_retries": 0,
};

/** gRPC clients for the addresses, one of which is the present one. */
export class Connection {
  readonly addresses: readonly string[];
  #present = 0;
  readonly #clients = new Map<string, Client>();

  constructor(private readonly options: ConnectionOptions) {
    const { brokers = "127.0.0.1:4010", token, tokenFile } = options;
    this.addresses = typeof brokers === "string" ? [brokers] : [...brokers];
    if (this.addresses.length === 0) throw new TypeError("no brokers");
    if (token !== undefined && tokenFile !== undefined) {
      throw new TypeError("token and tokenFile exclude each other");
    }
  }

  get address(): string {
    return this.addresses[this.#present]!;
  }

  /** The client of the present address, made on first use. */
  get client(): Client {
    let client = this.#clients.get(this.address);
    if (client === undefined) {
      client = new Client(this.address, this.#credentials(),
        this.#channelOptions());
      this.#clients.set(this.address, client);
    }
    return client;
  }

  /** Makes the next address the present one, if `failed` still is. */
  turn(failed: string): void {
    if (failed !== this.address) return;
    this.#present = (this.#present + 1) % this.addresses.length;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  async metadata(): Promise<Metadata> {
    const metadata = new Metadata();
    const token = await this.#token();
    if (token) metadata.set("authorization", `Bearer ${token}`);
    return metadata;
  }

  async #token(): Promise<string | undefined> {
    const { token, tokenFile } = this.options;
    if (tokenFile !== undefined) return readFileSync(tokenFile, "utf8").trim();
    return typeof token === "function" ? token() : token;
  }

  #credentials(): ChannelCredentials {
    const { tls } = this.options;
    if (tls === undefined) return credentials.createInsecure();
    const read = (file: string | undefined) =>
      file === undefined ? null : readFileSync(file);
    return credentials.createSsl(read(tls.caFile), read(tls.keyFile),
      read(tls.certFile));
  }

  #channelOptions(): ClientOptions {
    const name = this.options.tls?.serverName;
    return {
      ...CHANNEL_OPTIONS,
      ...name && {
        "grpc.ssl_target_name_override": name,
        "grpc.default_authority": name,
      },
    };
  }
}
