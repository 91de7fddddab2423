// What the chart refuses: combinations, with a sentence that says what to do, and
// values that are not in the schema.
import assert from "node:assert/strict";
import test from "node:test";

import {template} from "./helm.mjs";

const CERTIFICATE = {
  "tls.grpc.certificate.create": true,
  "tls.grpc.certificate.issuerRef.name": "internal",
};

// [what, values, the sentence]
const COMBINATIONS = [
  ["two brokers", {"broker.replicas": 2}, /broker\.replicas is 2: more than one broker needs NATS/],
  ["one port for two of an edge", {"edge.ports.client": 4001}, /edge\.ports are both 4001/],
  ["one port for two of the broker", {"broker.ports.admin": 9090}, /broker\.ports are both 9090/],
  ["two autoscalers", {"edge.autoscaling.hpa": true, "edge.autoscaling.keda.enabled": true}, /two autoscalers/],
  ["fewer edges at most than at least", {"edge.autoscaling.hpa": true, "edge.autoscaling.minReplicas": 11}, /minReplicas 11 is more than maxReplicas 10/],
  ["KEDA without Prometheus", {"edge.autoscaling.keda.enabled": true}, /keda needs serverAddress/],
  ["too short an ending of edges", {"edge.drain.graceSeconds": 85}, /edge\.drain: graceSeconds 85 is too short: it must be more than preStopSeconds 10 \+ windowSeconds 60 \+ 15/],
  ["too short an ending of the broker", {"broker.drain.graceSeconds": 45}, /broker\.drain: graceSeconds 45 is too short/],
  ["a budget with both", {"edge.pdb.minAvailable": 1}, /edge\.pdb has both minAvailable 1 and maxUnavailable 1/],
  ["a budget with neither", {"broker.pdb.enabled": true, "broker.pdb.maxUnavailable": ""}, /broker\.pdb has neither/],
  ["an open gRPC port without credentials", {"credentials.edgeToken.create": false}, /whoever reaches it has every power/],
  ["credentials of services alone", {"credentials.edgeToken.create": false, "credentials.tokens[0].name": "chat", "credentials.tokens[0].existingSecret": "chat", "credentials.tokens[0].scopes[0]": "publish"}, /edges have none/],
  ["credentials of services alone, insecure", {"credentials.edgeToken.create": false, "credentials.insecure": true, "credentials.tokens[0].name": "chat", "credentials.tokens[0].existingSecret": "chat", "credentials.tokens[0].scopes[0]": "publish"}, /edges have none/],
  ["edges with a certificate that the broker does not know", {"credentials.edgeToken.create": false, "tls.grpc.enabled": true, "tls.grpc.mutual": true, "tls.grpc.existingSecret": "a", "tls.grpc.edgeExistingSecret": "b"}, /every power/],
  ["certificates of services without mutual TLS", {"credentials.certificates[0].name": "chat", "credentials.certificates[0].scopes[0]": "publish"}, /needs tls\.grpc\.mutual/],
  ["a token's name twice", {"credentials.tokens[0].name": "edges", "credentials.tokens[0].existingSecret": "chat", "credentials.tokens[0].scopes[0]": "publish"}, /two with the name "edges"/],
  ["TLS of edges from nowhere", {"tls.edge.enabled": true}, /tls\.edge needs existingSecret, or certificate\.create/],
  ["TLS of edges from two places", {"tls.edge.enabled": true, "tls.edge.existingSecret": "a", "tls.edge.certificate.create": true}, /both existingSecret and certificate\.create/],
  ["a certificate of nobody", {"tls.edge.enabled": true, "tls.edge.certificate.create": true}, /tls\.edge\.certificate needs issuerRef/],
  ["a certificate for nothing", {"tls.edge.enabled": true, "tls.edge.certificate.create": true, "tls.edge.certificate.issuerRef.name": "a"}, /needs dnsNames/],
  ["TLS of gRPC from nowhere", {"tls.grpc.enabled": true}, /tls\.grpc needs existingSecret/],
  ["mutual TLS without TLS", {"tls.grpc.mutual": true}, /mutual needs tls\.grpc\.enabled/],
  ["mutual TLS without the edges' certificate", {"tls.grpc.enabled": true, "tls.grpc.mutual": true, "tls.grpc.existingSecret": "a"}, /needs edgeExistingSecret/],
  ["the edges' certificate without mutual TLS", {"tls.grpc.enabled": true, "tls.grpc.existingSecret": "a", "tls.grpc.edgeExistingSecret": "b"}, /nobody would ask/],
  ["one certificate made and one there", {"tls.grpc.enabled": true, "tls.grpc.mutual": true, "tls.grpc.edgeExistingSecret": "b", ...CERTIFICATE}, /makes both certificates, or none/],
  ["listen of an edge", {"edge.config.listen": "127.0.0.1:1"}, /edge\.config\.listen is set by the chart: use listenHost/],
  ["the broker of an edge", {"edge.config.broker.address": "a:1"}, /edge\.config\.broker is set by the chart/],
  ["services of the broker", {"broker.config.services.tokens[0].name": "a"}, /broker\.config\.services is set by the chart: use credentials/],
  ["insecure of the broker", {"broker.config.insecure": true}, /use credentials\.insecure/],
  ["a resume key", {"broker.config.resume.key_file": "/k"}, /use broker\.resumeKey/],
  ["a token in a ConfigMap", {"broker.config.connect.tokens[0].token": "secret"}, /would stand in a ConfigMap/],
  ["a mount's token in a ConfigMap", {"broker.config.connect.mounts[0].path": "/a", "broker.config.connect.mounts[0].tokens[0].token": "secret"}, /connect\.mounts\[0\]\.tokens: a token would stand/],
  ["keys of no Secret", {"broker.config.connect.jwt.jwks_file": "/etc/aerie/keys/jwks.json"}, /needs broker\.keys\.existingSecret/],
  ["a route to no gateway", {"httpRoute.enabled": true}, /httpRoute needs parentRefs/],
  ["an ingress of no host", {"ingress.enabled": true}, /ingress needs hosts/],
  ["two scrapes", {"monitoring.serviceMonitor.enabled": true, "monitoring.podMonitor.enabled": true}, /scraped twice/],
  ["a node's port of a ClusterIP", {"edge.service.nodePort": 30000}, /nodePort needs type/],
  ["sources of no load balancer", {"edge.service.loadBalancerSourceRanges[0]": "10.0.0.0/8"}, /need type LoadBalancer/],
];

const OUTSIDE_OF_THE_SCHEMA = [
  ["a value that is not known", {"edge.replica": 2}, /Additional property replica is not allowed/],
  ["a section that is not known", {"nats.urls": "a"}, /Additional property nats/],
  ["a key of the edge that is not known", {"edge.config.limits.sockets": 1}, /Additional property sockets/],
  ["a key of the broker that is not known", {"broker.config.nats.url": "a"}, /Additional property nats/],
  ["a choice of the broker that is none", {"broker.config.connect.rule": "deny"}, /must be one of/],
  ["a duration without a unit", {"edge.config.limits.connect_timeout": 10}, /connect_timeout/],
  ["a size that is none", {"broker.config.limits.max_frame_size": "10 MB"}, /max_frame_size/],
  ["too large a number", {"edge.config.threads": 1025}, /Must be less than or equal to 1024/],
  ["a number as text", {"edge.replicas": "two"}, /Expected: integer, given: string/],
  ["a name that Services can't have", {"fullnameOverride": "1aerie"}, /fullnameOverride/],
  ["a port that is none", {"broker.ports.grpc": 70000}, /65535/],
  ["a scope that is none", {"credentials.tokens[0].name": "a", "credentials.tokens[0].existingSecret": "a", "credentials.tokens[0].scopes[0]": "root"}, /must be one of/],
  ["a token without scopes", {"credentials.tokens[0].name": "a", "credentials.tokens[0].existingSecret": "a"}, /scopes is required/],
  ["a name that leads out of the folder", {"credentials.tokens[0].name": "../a", "credentials.tokens[0].existingSecret": "a", "credentials.tokens[0].scopes[0]": "host"}, /Does not match pattern/],
  ["a percentage that is none", {"edge.pdb.maxUnavailable": "half"}, /maxUnavailable/],
  ["a host to listen on that is a name", {"listenHost": "localhost"}, /listenHost/],
  ["a label that is none", {"commonLabels.a": "b c"}, /commonLabels/],
  ["a digest that is none", {"edge.image.digest": "latest"}, /digest/],
];

for (const [what, values, sentence] of [...COMBINATIONS, ...OUTSIDE_OF_THE_SCHEMA]) {
  test(`The chart refuses ${what}`, () => {
    const {ok, stderr} = template({values});
    assert.ok(!ok, "it was rendered");
    assert.match(stderr, sentence);
  });
}
