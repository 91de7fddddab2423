// What the broker answers: the messages of control.proto as JSON, in which
// 64-bit numbers are strings.

export interface Overview {
  cluster: {brokers: Broker[]; edges: Edge[]; hosts: Host[]};
  not_ready: string[];
}

export interface Broker {
  name: string;
  version: string;
  uptime?: string;
  sockets: string;
  channels: string;
  topics: string;
}

export interface Edge {
  name: string;
  version: string;
  linked_for?: string;
  sockets: string;
  queued_bytes: string;
}

export interface Host {
  name: string;
  instance: string;
  version: string;
  attached_for?: string;
  patterns: string[];
  channels: string;
  in_flight: number;
  draining: boolean;
}

export interface HistoryReply {
  period_ms: number;
  first: number;
  next: number;
  series: string[];
  // Age in milliseconds, then a value for each series.
  samples: number[][];
}

export interface TopicList {
  topics: Array<{topic: string; channels: number}>;
  next_page_token: string;
}

export interface Share {
  name: string;
  channels: number;
}

export interface TopicReply {
  topic: string;
  channels: number;
  edges: Share[];
  hosts: Share[];
  sample: Array<{channel: string; socket_key: string; socket_id: string;
    edge: string; host: string}>;
}

export interface Socket {
  socket: {key: string; socket_id: string};
  edge: string;
  transport: string;
  dialect: string;
  peer: string;
  since: string;
  topics_count: number;
  topics: string[];
  edge_queued_bytes: string;
}

export interface SocketList {
  sockets: Socket[];
  next_page_token: string;
}

// A status that is no 200; 0: nobody has answered.
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }

  // Whether the broker is there at all.
  get gone(): boolean {
    return this.status === 0;
  }
}

const TIMEOUT_MS = 8_000;

export async function get<T>(name: string,
  params: Record<string, string> = {}): Promise<T> {
  const query = new URLSearchParams(params).toString();
  let response: Response;
  let body: unknown;
  try {
    // Relative to the page, for proxies that put a path before it.
    response = await fetch(`dashboard/api/${name}${query ? `?${query}` : ""}`, {
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    body = await response.json();
  } catch {
    throw new ApiError(0, "the broker does not answer");
  }
  if (response.ok) return body as T;
  throw new ApiError(response.status,
    (body as {error?: string}).error ?? response.statusText);
}
