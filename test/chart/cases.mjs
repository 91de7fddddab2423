// Values that the chart is tried with: the examples, and what they leave out.
// `secrets` are Secrets that users of these values have, with the keys in them.
const TLS = ["tls.crt", "tls.key"];

export const KUBE_VERSIONS = ["1.29.0", "1.33.0", "1.36.0"];

export const CASES = {
  default: {},
  minimal: {files: ["minimal.yaml"]},
  ha: {files: ["ha.yaml"]},
  "existing-secrets": {
    files: ["existing-secrets.yaml"],
    secrets: {
      "aerie-edge": ["token"],
      "aerie-services": ["chat", "ops"],
      "aerie-resume": ["keys"],
      "aerie-keys": ["2026.pem"],
      "aerie-test": ["token"],
    },
  },
  keda: {files: ["keda.yaml"]},
  tls: {
    files: ["tls.yaml"],
    secrets: {"chat-tls": TLS, "aerie-grpc-tls": [...TLS, "ca.crt"]},
  },
  mtls: {files: ["mtls.yaml"]},
  nginx: {files: ["nginx.yaml"]},
  "envoy-gateway": {files: ["envoy-gateway.yaml"]},
  alb: {files: ["alb.yaml"]},
  gke: {files: ["gke.yaml"]},
  istio: {files: ["istio.yaml"]},
  insecure: {
    values: {
      "credentials.edgeToken.create": false,
      "credentials.insecure": true,
      "broker.resumeKey.create": false,
    },
  },
  "mtls-existing": {
    values: {
      "tls.grpc.enabled": true,
      "tls.grpc.mutual": true,
      "tls.grpc.existingSecret": "grpc-tls",
      "tls.grpc.edgeExistingSecret": "edge-tls",
      "tls.grpc.edgeName": "edges.example.com",
      "credentials.edgeToken.create": false,
    },
    secrets: {
      "grpc-tls": [...TLS, "ca.crt"],
      "edge-tls": [...TLS, "ca.crt"],
    },
  },
  everything: {
    files: ["ha.yaml", "mtls.yaml", "envoy-gateway.yaml"],
    values: {
      "commonLabels.team": "chat",
      "commonAnnotations.example\\.com/owner": "chat",
      "image.registry": "registry.example.com/aerie",
      "image.pullSecrets[0].name": "registry",
      "edge.image.digest": `sha256:${"0123456789abcdef".repeat(4)}`,
      "edge.extraArgs[0]": "--log.level=debug",
      "edge.extraEnv[0].name": "GRPC_DNS_RESOLVER",
      "edge.extraEnv[0].value": "native",
      "edge.extraVolumes[0].name": "pages",
      "edge.extraVolumes[0].configMap.name": "pages",
      "edge.extraVolumes[0].configMap.optional": true,
      "edge.extraVolumeMounts[0].name": "pages",
      "edge.extraVolumeMounts[0].mountPath": "/pages",
      "edge.podAnnotations.example\\.com/a": "b",
      "edge.nodeSelector.pool": "edges",
      "edge.tolerations[0].key": "edges",
      "edge.tolerations[0].operator": "Exists",
      "edge.pdb.maxUnavailable": "",
      "edge.pdb.minAvailable": "50%",
      "edge.podSecurityContext.runAsUser": 4711,
      "broker.securityContext.seLinuxOptions.type": "container_t",
      "broker.keys.existingSecret": "keys",
      "edge.drain.graceSeconds": 600,
      "monitoring.prometheusRule.disabled[0]": "AerieSlowConsumers",
    },
    secrets: {keys: ["a.pem"]},
  },
};
