// A conversation for each alert: series by which it fires and others by which it
// does not, in promtool's notation. `pod` and `namespace` are added to all.
//
// fires: series, [at, labels, what `$value` is in the summary]; quiet: series.
const EDGE = {pod: "live-aerie-edge-5d9f-abcde"};
const BROKER = {pod: "live-aerie-broker-7c6b-fghij"};

const edge = (name, values, labels = {}) => ({name, values, labels: {...labels, ...EDGE}});
const broker = (name, values, labels = {}) => ({name, values, labels: {...labels, ...BROKER}});
const rises = "0x5 1x60";
const none = "0x65";

export const ALERTS = {
  AerieBrokerAbsent: {
    // Another release's broker is none of ours.
    fires: [[{...broker("aerie_broker_links", "2x10"), labels: {pod: "other-aerie-broker-1-a"}}],
      "5m", {}],
    quiet: [broker("aerie_broker_links", "0x70")],
  },
  AerieEdgesAbsent: {
    fires: [[broker("aerie_broker_links", "0x10")], "5m", {}],
    quiet: [edge("aerie_edge_sockets", "0x70")],
  },
  AerieEdgeWithoutLink: {
    fires: [[edge("aerie_edge_link_up", "1x3 0x10")], "10m", EDGE],
    quiet: [edge("aerie_edge_link_up", "1x7 0x1 1x10")],
  },
  AerieNothingDelivered: {
    fires: [[edge("aerie_edge_canary_lag_seconds", "0.5x3 10+30x10")], "8m", EDGE],
    quiet: [edge("aerie_edge_canary_lag_seconds", "0.9x5 8 0.2x20")],
  },
  AerieSocketsFell: {
    fires: [[edge("aerie_edge_sockets", "1000x12 400x10")], "16m", {}],
    quiet: [edge("aerie_edge_sockets", "90x12 0x10")],
  },
  AerieEdgeOutOfConnections: {
    fires: [[edge("aerie_edge_accept_errors_total", rises)], "8m", EDGE],
    quiet: [edge("aerie_edge_connections_over_limit_total", none)],
  },
  AerieConnectsFail: {
    fires: [[edge("aerie_edge_connects_total", "0+90x30", {result: "opened"}),
      edge("aerie_edge_connects_total", "0+10x30", {result: "timed_out"})], "20m", {}, "10%"],
    quiet: [edge("aerie_edge_connects_total", "0+10x30", {result: "opened"}),
      edge("aerie_edge_connects_total", "0+90x30", {result: "refused"})],
  },
  AerieSlowConsumers: {
    fires: [[edge("aerie_edge_transport_closes_total", "0+2x60", {cause: "slow_consumer"}),
      edge("aerie_edge_sockets", "1000x60")], "50m", {}],
    quiet: [edge("aerie_edge_transport_closes_total", "0+2x60", {cause: "client"}),
      edge("aerie_edge_sockets", "1000x60")],
  },
  AerieLinksBreak: {
    fires: [[edge("aerie_edge_links_lost_total", "0+1x60")], "20m", EDGE],
    quiet: [edge("aerie_edge_links_lost_total", rises)],
  },
  AerieEdgeTooSlow: {
    fires: [[broker("aerie_broker_link_overflows_total", rises)], "10m", BROKER],
    quiet: [broker("aerie_broker_link_overflows_total", none)],
  },
  AerieShardOverloaded: {
    fires: [[broker("aerie_broker_inbox_refused_total", rises)], "8m", BROKER],
    quiet: [broker("aerie_broker_closes_total", rises, {cause: "disconnect"})],
  },
  AerieTurnsSlow: {
    fires: [[broker("aerie_broker_turn_seconds_bucket", "0+90x40", {le: "0.1"}),
      broker("aerie_broker_turn_seconds_bucket", "0+100x40", {le: "0.3"}),
      broker("aerie_broker_turn_seconds_bucket", "0+100x40", {le: "+Inf"})],
    "30m", BROKER, "298ms"],
    quiet: [broker("aerie_broker_turn_seconds_bucket", "0+100x40", {le: "0.1"}),
      broker("aerie_broker_turn_seconds_bucket", "0+100x40", {le: "+Inf"})],
  },
  AerieJoinsCrash: {
    fires: [[broker("aerie_broker_joins_total", "0+75x40", {result: "ok"}),
      broker("aerie_broker_joins_total", "0+25x40", {result: "crashed"})], "20m", {}, "25%"],
    quiet: [broker("aerie_broker_joins_total", "0+75x40", {result: "ok"}),
      broker("aerie_broker_joins_total", "0+25x40", {result: "unauthorized"})],
  },
  AerieHostsEnd: {
    fires: [[broker("aerie_broker_host_ends_total", rises, {cause: "hung"})], "10m",
      {...BROKER, cause: "hung"}],
    quiet: [broker("aerie_broker_host_ends_total", rises, {cause: "closed"})],
  },
  AerieTerminatesDropped: {
    fires: [[broker("aerie_broker_host_terminates_dropped_total", rises, {cause: "age"})],
      "10m", {...BROKER, cause: "age"}],
    quiet: [broker("aerie_broker_host_terminates_dropped_total", none, {cause: "age"})],
  },
  AerieCallsRefused: {
    fires: [[broker("aerie_broker_calls_refused_total", "0+1x60", {reason: "unauthenticated"})],
      "30m", {...BROKER, reason: "unauthenticated"}],
    // Once, such as while a token is exchanged.
    quiet: [broker("aerie_broker_calls_refused_total", rises, {reason: "unauthenticated"})],
  },
  AerieResumesRefused: {
    fires: [[broker("aerie_broker_resumes_total", rises, {result: "refused"})], "10m",
      {...BROKER, result: "refused"}],
    quiet: [broker("aerie_broker_resumes_total", rises, {result: "opened"})],
  },
  AerieFilesNotReloaded: {
    fires: [[broker("aerie_broker_jwks_reload_errors_total", rises)], "20m", BROKER],
    quiet: [edge("aerie_edge_tls_reload_errors_total", none)],
  },
};
