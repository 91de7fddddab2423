// A rendered pod without a cluster: its files are laid out in a folder, and its
// container runs as a process on free ports of the loopback.
import {spawn, spawnSync} from "node:child_process";
import {randomBytes} from "node:crypto";
import {once} from "node:events";
import {mkdirSync, mkdtempSync, readFileSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";

import {NAMESPACE} from "./helm.mjs";

const SECRET = "/etc/aerie/";

function openssl(...args) {
  const {status, stderr} = spawnSync("openssl", args, {encoding: "utf8"});
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}

// Secrets of a namespace: those rendered, and made-up ones for those that users
// have or that cert-manager would make. One authority signs all certificates.
export class Secrets {
  constructor(documents) {
    this.documents = documents;
    this.directory = mkdtempSync(join(tmpdir(), "aerie-chart-"));
    this.known = new Map();
    this.ca = join(this.directory, "ca");
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
      "-nodes", "-days", "2", "-subj", "/CN=authority",
      "-keyout", `${this.ca}.key`, "-out", `${this.ca}.crt`);
  }

  get(name, key) {
    if (!this.known.has(name)) this.known.set(name, this.#rendered(name) ?? {});
    const secret = this.known.get(name);
    if (!(key in secret)) Object.assign(secret, this.#make(name, key));
    return secret[key];
  }

  keys(name, wanted) {
    return Object.keys(this.#rendered(name) ?? {}).concat(wanted?.[name] ?? TLS_KEYS);
  }

  #rendered(name) {
    const secret = this.documents.find(({kind, metadata}) =>
      kind === "Secret" && metadata.name === name);
    return secret && Object.fromEntries(Object.entries(secret.data)
      .map(([key, value]) => [key, Buffer.from(value, "base64")]));
  }

  #make(name, key) {
    if (TLS_KEYS.includes(key)) return this.#pair(name);
    if (key.endsWith(".pem")) return {[key]: this.#publicKey(name)};
    return {[key]: `${randomBytes(32).toString("base64")}\n`};
  }

  // For what its Certificate says, or for whatever the examples' comments say.
  #pair(name) {
    const certificate = this.documents.find(({kind, spec}) =>
      kind === "Certificate" && spec.secretName === name);
    const names = certificate?.spec.dnsNames
      ?? [`live-aerie-broker-headless.${NAMESPACE}.svc`, "edges.example.com"];
    const file = join(this.directory, name);
    writeFileSync(`${file}.ext`,
      `subjectAltName=${names.map((one) => `DNS:${one}`).join(",")}\n`);
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-subj", "/", "-keyout", `${file}.key`, "-out", `${file}.csr`);
    openssl("x509", "-req", "-in", `${file}.csr`, "-CA", `${this.ca}.crt`,
      "-CAkey", `${this.ca}.key`, "-CAcreateserial", "-days", "2",
      "-extfile", `${file}.ext`, "-out", `${file}.crt`);
    return {
      "tls.crt": readFileSync(`${file}.crt`),
      "tls.key": readFileSync(`${file}.key`),
      "ca.crt": readFileSync(`${this.ca}.crt`),
    };
  }

  #publicKey(name) {
    const file = join(this.directory, name);
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${file}.ec`);
    openssl("ec", "-in", `${file}.ec`, "-pubout", "-out", `${file}.pub`);
    return readFileSync(`${file}.pub`);
  }
}

const TLS_KEYS = ["tls.crt", "tls.key", "ca.crt"];

// Name and content of each file of a volume.
function volumeFiles({configMap, secret, projected}, documents, secrets, wanted) {
  if (configMap) {
    const map = documents.find(({kind, metadata}) =>
      kind === "ConfigMap" && metadata.name === configMap.name);
    return Object.entries(map?.data ?? {});
  }
  const sources = projected
    ? projected.sources.map((source) => source.secret)
    : [{name: secret.secretName, items: secret.items}];
  return sources.flatMap(({name, items}) =>
    (items ?? secrets.keys(name, wanted).map((key) => ({key, path: key})))
      .map(({key, path}) => [path, secrets.get(name, key)]));
}

// Lays out the files of a pod's container below a new folder, which it gives.
// `edit` may change what stands in the configuration, such as addresses. Files
// that it names are in that folder, or where the pod has them when `contained`.
export function layOut(spec, documents, secrets, wanted, edit = (text) => text,
  contained = false) {
  const root = mkdtempSync(join(secrets.directory, "pod-"));
  for (const {name, mountPath} of spec.containers[0].volumeMounts) {
    const volume = spec.volumes.find((one) => one.name === name);
    mkdirSync(join(root, mountPath), {recursive: true});
    for (const [path, content] of volumeFiles(volume, documents, secrets, wanted)) {
      const file = join(root, mountPath, path);
      mkdirSync(dirname(file), {recursive: true});
      const text = name === "config"
        ? edit(contained ? content : content.replaceAll(SECRET, `${root}${SECRET}`))
        : content;
      writeFileSync(file, text, {mode: 0o600});
    }
  }
  return root;
}

export function deployment(documents, component) {
  return documents.find(({kind, metadata}) =>
    kind === "Deployment" && metadata.name.endsWith(`-${component}`)).spec.template.spec;
}

export const binary = (component) => {
  const name = `AERIE_${component.toUpperCase()}`;
  if (!process.env[name]) throw new Error(`${name} is not set`);
  return process.env[name];
};

const argumentsOf = (spec, root) =>
  spec.containers[0].args.map((one) => one.replaceAll(SECRET, `${root}${SECRET}`));

function environment(spec, root) {
  const own = (spec.containers[0].env ?? []).filter(({value}) => value !== undefined)
    .map(({name, value}) => [name, value.replace(/^\/test/, `${root}/test`)]);
  return {PATH: process.env.PATH, ...Object.fromEntries(own)};
}

// Runs the container to its end; gives {status, output}.
export function runToEnd(spec, root, command, flags = [], variables = {}) {
  const {status, stdout, stderr, error} = spawnSync(command[0],
    [...command.slice(1), ...flags],
    {encoding: "utf8", timeout: 60_000, env: {...environment(spec, root), ...variables}});
  if (error) throw error;
  return {status, output: stdout + stderr};
}

export const checkConfig = (component, spec, root) =>
  runToEnd(spec, root, [binary(component), ...argumentsOf(spec, root)], ["--check-config"]);

// A container that goes on; `log` gives what it has written.
export class Running {
  constructor(component, spec, root) {
    this.child = spawn(binary(component), argumentsOf(spec, root),
      {env: environment(spec, root), stdio: ["ignore", "pipe", "pipe"]});
    this.text = "";
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on("data", (bytes) => { this.text += bytes; });
    }
    this.exited = once(this.child, "exit");
  }

  log() {
    return this.text;
  }

  get ended() {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async stop(signal = "SIGTERM") {
    if (!this.ended) this.child.kill(signal);
    return this.exited;
  }
}
