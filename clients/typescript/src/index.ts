/**
 * Aerie's SDK for Node: channels that run in your service, and calls to the
 * broker.
 *
 * @packageDocumentation
 */
export { Channel } from "./channel.js";
export type { Socket, TerminateInfo } from "./channel.js";
export type { ConnectAnswer, ConnectCallback, ConnectRequest }
  from "./connect.js";
export type { ConnectionOptions, TlsOptions } from "./connection.js";
export { BroadcastPublisher, ControlClient } from "./control.js";
export type { Broadcast, BroadcastResult, Channels, PageOptions, SocketsOptions,
  TopicsOptions } from "./control.js";
export type { CallOptions } from "./calls.js";
export { AerieError, UsageError } from "./errors.js";
export type { Code } from "./errors.js";
export type { ChannelInfo, ClusterInfoResponse, ClusterInfoResponse_Broker,
  ClusterInfoResponse_Edge, ClusterInfoResponse_Host, GetTopicResponse,
  GetTopicResponse_Share, ListSocketsResponse, ListTopicsResponse,
  SocketDetails, TopicInfo } from "./gen/aerie/v1/control.js";
export { Dialect, Transport } from "./gen/aerie/v1/message.js";
export type { SocketInfo } from "./gen/aerie/v1/payload.js";
export { ChannelHost } from "./host.js";
export type { ChannelHostOptions } from "./host.js";
export type { Logger } from "./logger.js";
export { defineChannel, error, ok, reply, stop } from "./module.js";
export type { Answer, ChannelDefinition, ChannelModule, ExitReason, Stop,
  StopReason } from "./module.js";
export { RawJson } from "./payload.js";
export type { Json, JsonObject, Received, Ref, Sendable } from "./payload.js";
export type { WatchEvent, WatchOptions } from "./watch.js";
