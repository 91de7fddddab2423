// The checks of renderings find what they are for: each defect here is made on
// purpose in a good rendering.
import assert from "node:assert/strict";
import test from "node:test";

import {CASES} from "./cases.mjs";
import {render} from "./helm.mjs";
import {problems} from "./manifests.mjs";
import {findings} from "./semantics.mjs";

const kubeVersion = "1.33.0";
const find = (documents, kind, end) => documents.find((one) =>
  one.kind === kind && one.metadata.name.endsWith(end));
const edge = (documents) => find(documents, "Deployment", "-edge");
const pod = (documents) => edge(documents).spec.template.spec;
const container = (documents) => pod(documents).containers[0];

// [what is broken, how, what is said of it, the case]
const SCHEMA_DEFECTS = [
  ["a field that is not known", (all) => { pod(all).restartPolcy = "Always"; }, /restartPolcy/],
  ["a number as text", (all) => { container(all).ports[0].containerPort = "4000"; }, /must be integer/],
  ["a field that is missing", (all) => { delete edge(all).spec.selector; }, /selector/],
  ["a quantity that is none", (all) => { container(all).resources.limits.memory = "many"; }, /resources\/limits\/memory/],
  ["a kind that nobody knows", (all) => { edge(all).kind = "Deploymint"; }, /no schema/],
  ["an object twice", (all) => { all.push(structuredClone(edge(all))); }, /rendered twice/],
  ["a field of a route", (all) => { find(all, "HTTPRoute", "").spec.rules[0].timeout = "1s"; }, /timeout/, "envoy-gateway"],
  ["a timeout without a unit", (all) => { find(all, "HTTPRoute", "").spec.rules[0].timeouts.request = "0"; }, /pattern/, "envoy-gateway"],
  ["a trigger's metadata that is no text", (all) => { find(all, "ScaledObject", "").spec.triggers[0].metadata.threshold = 7; }, /threshold must be string/, "keda"],
  ["an HPA's behaviour below KEDA", (all) => { find(all, "ScaledObject", "").spec.advanced.horizontalPodAutoscalerConfig.behavior.scaleSideways = {}; }, /scaleSideways/, "keda"],
  ["a usage of a certificate", (all) => { find(all, "Certificate", "").spec.usages.push("server"); }, /usages/, "mtls"],
  ["a rule without an expression", (all) => { delete find(all, "PrometheusRule", "").spec.groups[0].rules[0].expr; }, /expr/, "ha"],
];

const SEMANTIC_DEFECTS = [
  ["a selector that misses", (all) => { edge(all).spec.template.metadata.labels["app.kubernetes.io/component"] = "egde"; }, /does not match its pods/],
  ["a selector of too many", (all) => { delete edge(all).spec.selector.matchLabels["app.kubernetes.io/component"]; }, /matches pods of/],
  ["no checksum", (all) => { edge(all).spec.template.metadata.annotations = {}; }, /would not restart/],
  ["a port that leads nowhere", (all) => { find(all, "Service", "-edge").spec.ports[0].targetPort = "http"; }, /leads nowhere/],
  ["a headless Service with another port", (all) => { find(all, "Service", "-broker-headless").spec.ports[0].port = 80; }, /must be the pod's/],
  ["the gRPC port outside", (all) => { find(all, "Service", "-broker-headless").spec.type = "LoadBalancer"; }, /to the outside/],
  ["the admin port behind the gateway", (all) => { Object.assign(find(all, "HTTPRoute", "").spec.rules[0].backendRefs[0], {name: "aerie-edge-admin", port: 4001}); }, /not the clients' port/, "envoy-gateway"],
  ["the gRPC port behind the ingress", (all) => { find(all, "Ingress", "").spec.rules[0].http.paths[0].backend.service = {name: "aerie-broker-headless", port: {name: "grpc"}}; }, /not the clients' port/, "nginx"],
  ["a mount of no volume", (all) => { container(all).volumeMounts[0].name = "configs"; }, /no volume/],
  ["two mounts at one path", (all) => { container(all).volumeMounts[1].mountPath = "/etc/aerie/config"; }, /mounts two volumes/],
  ["a Secret that nobody makes", (all) => { pod(all).volumes.find(({name}) => name === "edge-token").secret.secretName = "nobodys"; }, /nobody makes/],
  ["a key that the Secret has not", (all) => { pod(all).volumes.find(({name}) => name === "edge-token").secret.items[0].key = "tokens"; }, /has no tokens/],
  ["a Secret for everybody's eyes", (all) => { pod(all).volumes.find(({name}) => name === "edge-token").secret.defaultMode = 0o444; }, /mode 444/],
  ["a probe of no port", (all) => { container(all).readinessProbe.httpGet.port = "health"; }, /which there is not/],
  ["liveness that asks the broker", (all) => { container(all).livenessProbe.httpGet.path = "/readyz"; }, /liveness/],
  ["too short an ending", (all) => { pod(all).terminationGracePeriodSeconds = 85; }, /needs more than 85/],
  ["root", (all) => { pod(all).securityContext.runAsNonRoot = false; }, /may run as root/],
  ["privileges", (all) => { container(all).securityContext.allowPrivilegeEscalation = true; }, /privileges/],
  ["capabilities", (all) => { container(all).securityContext.capabilities.add = ["NET_ADMIN"]; }, /capabilities/],
  ["a root to write to", (all) => { container(all).securityContext.readOnlyRootFilesystem = false; }, /write to its root/],
  ["no seccomp profile", (all) => { delete pod(all).securityContext.seccompProfile; }, /seccomp/],
  ["a mounted token", (all) => { pod(all).automountServiceAccountToken = true; }, /mounts a token/],
  ["root in the test's pod", (all) => { find(all, "Pod", "-test").spec.securityContext.runAsUser = 0; }, /has no user/],
  ["memory beyond its request", (all) => { container(all).resources.limits.memory = "1Gi"; }, /memory/],
  ["a limit of processor time", (all) => { container(all).resources.limits.cpu = "1"; }, /processor time/],
  ["replicas beside an autoscaler", (all) => { edge(all).spec.replicas = 3; }, /replicas and an autoscaler/, "ha"],
  ["two autoscalers", (all) => { all.push({...structuredClone(find(all, "HorizontalPodAutoscaler", "")), kind: "ScaledObject"}); }, /second autoscaler/, "ha"],
  ["an autoscaler of nothing", (all) => { find(all, "HorizontalPodAutoscaler", "").spec.scaleTargetRef.name = "edge"; }, /which there is not/, "ha"],
  ["a budget of nothing", (all) => { find(all, "PodDisruptionBudget", "-edge").spec.selector.matchLabels.a = "b"; }, /not one kind of pods/],
  ["a budget with both", (all) => { find(all, "PodDisruptionBudget", "-edge").spec.minAvailable = 1; }, /one of minAvailable/],
  ["a policy for no port", (all) => { find(all, "NetworkPolicy", "-edge").spec.ingress[0].ports[0].port = "http"; }, /lets in to port http/, "ha"],
  ["a broker that is elsewhere", (all) => { const map = find(all, "ConfigMap", "-edge"); map.data["edge.yaml"] = map.data["edge.yaml"].replace(".chat.", ".talk."); }, /looks for the broker/],
  ["a name that search domains are tried for", (all) => { const map = find(all, "ConfigMap", "-edge"); map.data["edge.yaml"] = map.data["edge.yaml"].replace("local.:", "local:"); }, /looks for the broker/],
  ["a spread of other pods", (all) => { delete pod(all).topologySpreadConstraints[0].labelSelector; }, /topology spread/],
  ["no namespace", (all) => { delete edge(all).metadata.namespace; }, /no namespace/],
  ["no standard label", (all) => { delete edge(all).metadata.labels["helm.sh/chart"]; }, /no label helm/],
  ["a monitor of one process", (all) => { find(all, "ServiceMonitor", "").spec.selector.matchLabels["app.kubernetes.io/component"] = "edge"; }, /scrapes 1 Services/, "ha"],
];

for (const [what, damage, said, name = "default"] of SCHEMA_DEFECTS) {
  test(`The schemas refuse ${what}`, () => {
    const documents = render(CASES[name], kubeVersion);
    damage(documents);
    assert.match(problems(documents).join("\n"), said);
  });
}

for (const [what, damage, said, name = "default"] of SEMANTIC_DEFECTS) {
  test(`The review finds ${what}`, () => {
    const documents = render(CASES[name], kubeVersion);
    damage(documents);
    const {secrets} = CASES[name];
    assert.match(findings(documents, {secrets, kubeVersion}).join("\n"), said);
  });
}

test("The review finds a sleep that the cluster cannot do", () => {
  const found = findings(render({}, "1.33.0"), {kubeVersion: "1.29.0"});
  assert.match(found.join("\n"), /sleeps before the cluster can/);
});
