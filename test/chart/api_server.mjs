// As much of an API server as `helm install` asks for: versions, kinds, and the
// Secrets that there are before. What it is told to make it says that it has made.
import {once} from "node:events";
import {createServer} from "node:http";
import {json} from "node:stream/consumers";

import {NAMESPACE, RELEASE} from "./helm.mjs";

// Path → [kind, its plural], for those that a plain rendering has.
const KINDS = {
  "/api/v1": [["ConfigMap", "configmaps"], ["Pod", "pods"], ["Secret", "secrets"],
    ["Service", "services"], ["ServiceAccount", "serviceaccounts"]],
  "/apis/apps/v1": [["Deployment", "deployments"]],
  "/apis/networking.k8s.io/v1": [["Ingress", "ingresses"]],
  "/apis/policy/v1": [["PodDisruptionBudget", "poddisruptionbudgets"]],
};

const VERBS = ["create", "delete", "get", "list", "patch", "update"];

const resources = (path) => ({
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: path.split("/").slice(2).join("/"),
  resources: KINDS[path].map(([kind, name]) =>
    ({name, kind, singularName: "", namespaced: true, verbs: VERBS})),
});

const groups = () => Object.keys(KINDS).filter((path) => path.startsWith("/apis/"))
  .map((path) => {
    const [, , name, version] = path.split("/");
    const one = {groupVersion: `${name}/${version}`, version};
    return {name, versions: [one], preferredVersion: one};
  });

// Helm touches what it has made, and nothing else.
const ownedBy = (release, namespace) => ({
  labels: {"app.kubernetes.io/managed-by": "Helm"},
  annotations: {
    "meta.helm.sh/release-name": release,
    "meta.helm.sh/release-namespace": namespace,
  },
});

const absent = {kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404};

export class ApiServer {
  // `secrets`: name → data.
  constructor(secrets = {}) {
    this.secrets = secrets;
    this.server = createServer(async (request, response) => {
      const {pathname} = new URL(request.url, "http://api");
      const answer = request.method === "POST" || request.method === "PUT"
        ? await json(request) : this.#answer(pathname);
      response.writeHead(answer ? 200 : 404, {"Content-Type": "application/json"});
      response.end(JSON.stringify(answer ?? absent));
    });
  }

  async start() {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  #answer(path) {
    if (path === "/version") return {major: "1", minor: "33", gitVersion: "v1.33.0"};
    if (path === "/api") return {kind: "APIVersions", versions: ["v1"]};
    if (path === "/apis") return {kind: "APIGroupList", apiVersion: "v1", groups: groups()};
    if (KINDS[path]) return resources(path);
    const [, namespace, name] = path.match(/^\/api\/v1\/namespaces\/([^/]+)\/secrets(?:\/(.+))?$/) ?? [];
    if (namespace && !name) return {kind: "SecretList", apiVersion: "v1", metadata: {}, items: []};
    const data = this.secrets[name];
    if (!data) return null;
    const metadata = {name, namespace, ...ownedBy(RELEASE, NAMESPACE)};
    return {kind: "Secret", apiVersion: "v1", type: "Opaque", metadata, data};
  }
}
