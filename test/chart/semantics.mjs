// What an API server's schemas cannot say: that manifests fit each other, and
// that pods are as careful as we promise.
import YAML from "yaml";

import {nameOf} from "./manifests.mjs";

const STANDARD_LABELS = ["app.kubernetes.io/name", "app.kubernetes.io/instance",
  "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart"];
const HOOK = "helm.sh/hook";
const ENDING_SECONDS = 15;

// Kinds of gateways come from `extraObjects`: their metadata is their author's.
const GATEWAYS = /(envoyproxy\.io|gke\.io|istio\.io)\//;

const own = ({apiVersion}) => !GATEWAYS.test(apiVersion);
const selects = (labels, selector) => Object.entries(selector ?? {})
  .every(([key, value]) => labels?.[key] === value);

export function quantity(text) {
  const [, number, unit] = String(text).match(/^([0-9.]+)([a-zA-Z]*)$/);
  const units = {"": 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30};
  return Number(number) * units[unit];
}

class Review {
  constructor(documents, {secrets = {}, kubeVersion}) {
    this.documents = documents;
    this.secrets = secrets;
    this.minor = Number(kubeVersion.split(".")[1]);
    this.found = [];
    this.workloads = this.kind("Deployment");
    // [owner, template of a pod]
    this.pods = [...this.workloads.map((one) => [one, one.spec.template]),
      ...this.kind("Pod").map((one) => [one, one])];
  }

  kind(...kinds) {
    return this.documents.filter(({kind}) => kinds.includes(kind));
  }

  blame(document, what) {
    this.found.push(`${nameOf(document)}: ${what}`);
  }

  selected(selector) {
    return this.pods.filter(([, pod]) => selects(pod.metadata.labels, selector));
  }

  // Keys of a Secret: what is rendered, what cert-manager makes, what there is.
  secretKeys(name) {
    const rendered = this.kind("Secret").find(({metadata}) => metadata.name === name);
    if (rendered) return Object.keys(rendered.data);
    const made = this.kind("Certificate").find(({spec}) => spec.secretName === name);
    return made ? ["tls.crt", "tls.key", "ca.crt"] : this.secrets[name];
  }

  metadata() {
    for (const document of this.documents.filter(own)) {
      const {labels = {}, namespace, name} = document.metadata;
      if (!namespace) this.blame(document, "no namespace");
      if (name.length > 63) this.blame(document, "a name of more than 63 letters");
      for (const label of STANDARD_LABELS) {
        if (!labels[label]) this.blame(document, `no label ${label}`);
      }
    }
  }

  workload(document) {
    const {selector, template} = document.spec;
    if (!selects(template.metadata.labels, selector.matchLabels)) {
      this.blame(document, "its selector does not match its pods");
    }
    for (const other of this.workloads) {
      if (other !== document && selects(other.spec.template.metadata.labels, selector.matchLabels)) {
        this.blame(document, `its selector matches pods of ${nameOf(other)}`);
      }
    }
    if (!template.metadata.annotations?.["checksum/config"]) {
      this.blame(document, "a new configuration would not restart its pods");
    }
    for (const spread of template.spec.topologySpreadConstraints ?? []) {
      if (!selects(template.metadata.labels, spread.labelSelector?.matchLabels)
          || !spread.labelSelector) {
        this.blame(document, "a topology spread of other pods");
      }
    }
  }

  // Restricted, by Kubernetes' Pod Security Standards, and a bit more.
  security(owner, {spec}) {
    const {securityContext: pod = {}} = spec;
    if (spec.automountServiceAccountToken !== false) this.blame(owner, "mounts a token");
    if (spec.hostNetwork || spec.hostPID || spec.hostIPC) this.blame(owner, "shares the host");
    for (const {name, securityContext: context = {}} of spec.containers) {
      const all = {...pod, ...context};
      const bad = [
        [all.runAsNonRoot !== true, "may run as root"],
        [!(all.runAsUser > 0), "has no user"],
        [all.seccompProfile?.type !== "RuntimeDefault", "has no seccomp profile"],
        [context.allowPrivilegeEscalation !== false, "may gain privileges"],
        [context.privileged, "is privileged"],
        [!context.capabilities?.drop?.includes("ALL") || context.capabilities.add, "has capabilities"],
        [context.readOnlyRootFilesystem !== true, "may write to its root"],
      ];
      for (const [is, what] of bad) if (is) this.blame(owner, `${name} ${what}`);
    }
    for (const volume of spec.volumes ?? []) {
      if (volume.hostPath) this.blame(owner, `volume ${volume.name} is the host's`);
    }
  }

  files(owner, {spec}) {
    const volumes = new Map((spec.volumes ?? []).map((one) => [one.name, one]));
    if (volumes.size !== (spec.volumes ?? []).length) this.blame(owner, "two volumes of one name");
    const used = new Set();
    for (const {volumeMounts = []} of spec.containers) {
      const paths = new Set();
      for (const {name, mountPath} of volumeMounts) {
        used.add(name);
        if (!volumes.has(name)) this.blame(owner, `mounts ${name}, which is no volume`);
        if (paths.has(mountPath)) this.blame(owner, `mounts two volumes at ${mountPath}`);
        paths.add(mountPath);
      }
    }
    for (const [name, volume] of volumes) {
      if (!used.has(name)) this.blame(owner, `volume ${name} is mounted nowhere`);
      this.volume(owner, volume);
    }
  }

  volume(owner, {name, configMap, secret, projected}) {
    if (configMap && !configMap.optional
        && !this.kind("ConfigMap").some(({metadata}) => metadata.name === configMap.name)) {
      this.blame(owner, `volume ${name} needs ConfigMap ${configMap.name}`);
    }
    const sources = [...(secret ? [{name: secret.secretName, items: secret.items}] : []),
      ...(projected?.sources ?? []).map(({secret: source}) => source)];
    for (const source of sources) this.secret(owner, source);
    const mode = (secret ?? projected)?.defaultMode;
    if ((secret || projected) && mode !== 0o440) {
      this.blame(owner, `volume ${name} has the mode ${mode?.toString(8)}`);
    }
  }

  secret(owner, {name, items = []}) {
    const keys = this.secretKeys(name);
    if (!keys) return this.blame(owner, `needs Secret ${name}, which nobody makes`);
    for (const {key} of items) {
      if (!keys.includes(key)) this.blame(owner, `Secret ${name} has no ${key}`);
    }
  }

  container(owner, container) {
    const ports = container.ports ?? [];
    for (const kind of ["startupProbe", "livenessProbe", "readinessProbe"]) {
      const probe = container[kind];
      if (!probe) this.blame(owner, `${container.name} has no ${kind}`);
      else if (!ports.some(({name}) => name === probe.httpGet.port)) {
        this.blame(owner, `${kind} asks port ${probe.httpGet.port}, which there is not`);
      }
    }
    if (container.livenessProbe?.httpGet.path !== "/livez") {
      this.blame(owner, "its liveness is more than that of the process");
    }
    const {requests = {}, limits = {}} = container.resources ?? {};
    if (!requests.cpu || limits.cpu) this.blame(owner, "processor time: a request and no limit");
    if (!requests.memory || quantity(requests.memory) !== quantity(limits.memory)) {
      this.blame(owner, "memory: its limit is not its request");
    }
    const names = (container.env ?? []).map(({name}) => name);
    if (new Set(names).size !== names.length) this.blame(owner, "a variable twice");
  }

  // The configuration that a container reads.
  config(pod) {
    const [component] = pod.spec.containers.map(({name}) => name);
    const volume = pod.spec.volumes.find(({name}) => name === "config");
    const map = this.kind("ConfigMap")
      .find(({metadata}) => metadata.name === volume?.configMap.name);
    return map && YAML.parse(map.data[`${component}.yaml`]);
  }

  ending(owner, pod) {
    const [{lifecycle}] = pod.spec.containers;
    const sleep = lifecycle?.preStop?.sleep?.seconds ?? 0;
    if (lifecycle && this.minor < 30) this.blame(owner, "sleeps before the cluster can");
    const window = Number(this.config(pod)?.drain.window.replace(/s$/, ""));
    const least = sleep + window + ENDING_SECONDS;
    if (!(pod.spec.terminationGracePeriodSeconds > least)) {
      this.blame(owner, `ends after ${pod.spec.terminationGracePeriodSeconds} s and needs more than ${least}`);
    }
  }

  service(document) {
    const {selector, ports, type = "ClusterIP", clusterIP} = document.spec;
    const pods = this.selected(selector);
    if (pods.length !== 1) this.blame(document, `selects ${pods.length} kinds of pods`);
    const containers = pods.flatMap(([, pod]) => pod.spec.containers);
    for (const {name, port, targetPort} of ports) {
      const target = containers.flatMap(({ports: open = []}) => open)
        .find((open) => open.name === targetPort);
      if (!target) this.blame(document, `port ${name} leads nowhere`);
      if (clusterIP === "None" && target && target.containerPort !== port) {
        this.blame(document, `is headless, so port ${name} must be the pod's`);
      }
      if (name !== "client" && type !== "ClusterIP") {
        this.blame(document, `shows port ${name} to the outside`);
      }
    }
  }

  // Only clients' Services are behind gateways.
  roads() {
    const backends = [
      ...this.kind("HTTPRoute").flatMap((route) => route.spec.rules
        .flatMap(({backendRefs}) => backendRefs.map(({name, port}) => [route, name, port]))),
      ...this.kind("Ingress").flatMap((ingress) => ingress.spec.rules
        .flatMap(({http}) => http.paths.map(({backend: {service}}) =>
          [ingress, service.name, service.port.name]))),
    ];
    for (const [from, name, wanted] of backends) {
      const service = this.kind("Service").find(({metadata}) => metadata.name === name);
      const port = service?.spec.ports.find((one) => [one.name, one.port].includes(wanted));
      if (port?.name !== "client") this.blame(from, `leads to ${name}:${wanted}, which is not the clients' port`);
    }
  }

  // Edges find the broker by the headless Service's whole name.
  link() {
    const edge = this.pods.find(([, pod]) => pod.spec.containers[0].name === "edge");
    const address = this.config(edge[1])?.broker.address ?? "";
    const [, name, namespace, port] =
      address.match(/^dns:\/\/\/([^.]+)\.([^.]+)\.svc\.[^:]+\.:(\d+)$/) ?? [];
    const service = this.kind("Service").find(({metadata}) => metadata.name === name);
    if (service?.spec.clusterIP !== "None" || service.metadata.namespace !== namespace
        || service.spec.ports[0].port !== Number(port)) {
      this.blame(edge[0], `looks for the broker at ${address}`);
    }
  }

  scaling() {
    const scalers = this.kind("HorizontalPodAutoscaler", "ScaledObject");
    if (scalers.length > 1) this.blame(scalers[1], "is a second autoscaler");
    for (const scaler of scalers) {
      const {name} = scaler.spec.scaleTargetRef;
      const target = this.workloads.find(({metadata}) => metadata.name === name);
      if (!target) this.blame(scaler, `scales ${name}, which there is not`);
      else if (target.spec.replicas !== undefined) this.blame(target, "has replicas and an autoscaler");
    }
    if (!scalers.length) {
      for (const one of this.workloads) {
        if (one.spec.replicas === undefined) this.blame(one, "has no replicas");
      }
    }
  }

  selectors() {
    for (const document of this.kind("PodDisruptionBudget", "NetworkPolicy")) {
      const selector = document.spec.selector ?? document.spec.podSelector;
      if (this.selected(selector.matchLabels).length !== 1) {
        this.blame(document, "selects not one kind of pods");
      }
    }
    for (const document of this.kind("PodDisruptionBudget")) {
      const {minAvailable, maxUnavailable} = document.spec;
      if ((minAvailable === undefined) === (maxUnavailable === undefined)) {
        this.blame(document, "needs one of minAvailable and maxUnavailable");
      }
    }
    for (const policy of this.kind("NetworkPolicy")) {
      const [[, pod]] = this.selected(policy.spec.podSelector.matchLabels);
      const open = pod.spec.containers.flatMap(({ports}) => ports.map(({name}) => name));
      for (const {port} of policy.spec.ingress.flatMap(({ports}) => ports)) {
        if (!open.includes(port)) this.blame(policy, `lets in to port ${port}, which there is not`);
      }
    }
    for (const monitor of this.kind("ServiceMonitor")) {
      const services = this.kind("Service").filter(({metadata}) =>
        selects(metadata.labels, monitor.spec.selector.matchLabels));
      const scraped = services.flatMap(({spec}) => spec.ports)
        .filter(({name}) => name === monitor.spec.endpoints[0].port);
      if (scraped.length !== 2) this.blame(monitor, `scrapes ${scraped.length} Services`);
    }
  }

  all() {
    this.metadata();
    this.workloads.forEach((one) => this.workload(one));
    for (const [owner, pod] of this.pods) {
      this.security(owner, pod);
      this.files(owner, pod);
      if (pod.metadata.annotations?.[HOOK]) continue;
      this.container(owner, pod.spec.containers[0]);
      this.ending(owner, pod);
    }
    this.kind("Service").forEach((one) => this.service(one));
    this.roads();
    this.link();
    this.scaling();
    this.selectors();
    return this.found;
  }
}

// What does not fit, a sentence each.
export function findings(documents, {secrets, kubeVersion}) {
  return new Review(documents, {secrets, kubeVersion}).all();
}
