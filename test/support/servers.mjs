// An edge and a test broker as processes, for tests that speak to them as
// clients do, and that kill them.
//
// AERIE_EDGE and AERIE_TEST_BROKER name the binaries; test/support/build prints
// both. Logs and configurations go to .out/servers/NAME.
import {spawn} from "node:child_process";
import {randomBytes} from "node:crypto";
import {once} from "node:events";
import {closeSync, mkdirSync, openSync, writeFileSync} from "node:fs";
import {createServer} from "node:net";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {fileURLToPath} from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PATIENCE_MS = 20_000;

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const {port} = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export async function eventually(what, condition) {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    if (await condition()) return;
    await sleep(20);
  }
  throw new Error(`waited in vain for ${what}`);
}

// One of the two: started, killed, started again on the same ports.
class Server {
  constructor(binary, directory, name, {port, adminPort}, config, flags) {
    if (!binary) throw new Error("AERIE_EDGE, AERIE_TEST_BROKER not set");
    this.binary = binary;
    this.name = name;
    this.port = port;
    this.adminPort = adminPort;
    this.configFile = join(directory, `${name}.yaml`);
    this.logFile = join(directory, `${name}.log`);
    // JSON is YAML.
    writeFileSync(this.configFile, JSON.stringify(config, null, 2));
    this.flags = flags;
    this.child = null;
  }

  async start() {
    const log = openSync(this.logFile, "a");
    this.child = spawn(this.binary,
      [`--config=${this.configFile}`, ...this.flags],
      {stdio: ["ignore", log, log]});
    closeSync(log);
    this.exited = once(this.child, "exit")
      .then(([code, signal]) => ({code, signal}));
    await eventually(`${this.name} to listen, see ${this.logFile}`,
      async () => {
        const {exitCode, signalCode} = this.child;
        if (exitCode !== null || signalCode !== null) {
          throw new Error(`${this.name} has ended, see ${this.logFile}`);
        }
        return await this.get("/livez") === 200;
      });
  }

  // The status of an admin page; 0 when nobody answers.
  async get(page) {
    try {
      return (await fetch(`http://127.0.0.1:${this.adminPort}${page}`)).status;
    } catch {
      return 0;
    }
  }

  async ready() {
    await eventually(`${this.name} to be ready`,
      async () => await this.get("/readyz") === 200);
  }

  // The value of a metric, its series summed; 0 when there is none.
  async metric(name) {
    const page = await fetch(`http://127.0.0.1:${this.adminPort}/metrics`);
    let sum = 0;
    for (const line of (await page.text()).split("\n")) {
      // Labels may hold spaces.
      const [, series, value] = line.match(/^([^{ ]+).* (\S+)$/) ?? [];
      if (series === name) sum += Number(value);
    }
    return sum;
  }

  signal(signal) {
    this.child.kill(signal);
  }

  // Ends it as a lost machine would.
  async kill() {
    if (!this.child) return {};
    this.child.kill("SIGKILL");
    return this.exited;
  }
}

export class Servers {
  // What `broker` and `edge` hold replaces keys of the configurations; `flags`
  // are given to both.
  constructor(name, {broker = {}, edge = {}, flags = []} = {}) {
    this.flags = flags;
    this.directory = join(ROOT, ".out", "servers", name);
    this.overrides = {broker, edge};
    this.second = null;
  }

  async start() {
    mkdirSync(this.directory, {recursive: true});
    const keys = join(this.directory, "resume.keys");
    writeFileSync(keys, `${randomBytes(32).toString("base64")}\n`);
    this.brokerPort = await freePort();
    const admin = await freePort();
    this.broker = new Server(process.env.AERIE_TEST_BROKER, this.directory,
      "broker", {port: this.brokerPort, adminPort: admin}, {
        listen: `127.0.0.1:${this.brokerPort}`,
        admin: {listen: `127.0.0.1:${admin}`},
        routes: [
          {pattern: "relay:*", host: "relay"},
          {pattern: "echo:*", host: "echo"},
          {pattern: "room:*", host: "test"},
          {pattern: "rooms:*", host: "test"},
        ],
        connect: {rule: "allow", socket_id_param: "id"},
        resume: {key_file: keys},
        ...this.overrides.broker,
      }, this.flags);
    this.edgePort = await freePort();
    this.edge = await this.#makeEdge("edge", this.edgePort);
    await this.startBroker();
    await this.startEdge();
  }

  async #makeEdge(name, port) {
    const admin = await freePort();
    const ports = {port, adminPort: admin};
    return new Server(process.env.AERIE_EDGE, this.directory, name, ports, {
      name,
      listen: `127.0.0.1:${port}`,
      broker: {address: `127.0.0.1:${this.brokerPort}`},
      admin: {listen: `127.0.0.1:${admin}`},
      ...this.overrides.edge,
    }, this.flags);
  }

  async startBroker() {
    await this.broker.start();
    await this.broker.ready();
  }

  async startEdge() {
    await this.edge.start();
    await this.edge.ready();
  }

  // Gives its port.
  async startSecondEdge() {
    const port = await freePort();
    this.second = await this.#makeEdge("second-edge", port);
    await this.second.start();
    await this.second.ready();
    return port;
  }

  async stopSecondEdge() {
    await this.second.kill();
    this.second = null;
  }

  async stop() {
    for (const server of [this.second, this.edge, this.broker]) {
      await server?.kill();
    }
  }
}
