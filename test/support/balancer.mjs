// HAProxy in front of edges: each request goes to the next one that is ready.
//
// Its configuration and log go to .out/servers/NAME.
import {spawn} from "node:child_process";
import {once} from "node:events";
import {closeSync, mkdirSync, openSync, writeFileSync} from "node:fs";
import {connect} from "node:net";
import {join} from "node:path";
import {fileURLToPath} from "node:url";

import {eventually, freePort} from "./servers.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => { socket.destroy(); resolve(true); });
    socket.once("error", () => resolve(false));
  });
}

export class Balancer {
  // `breaksWebSockets`: upgrades are answered as if they were pages, as proxies
  // do that know no WebSockets.
  constructor(name, {breaksWebSockets = false} = {}) {
    this.directory = join(ROOT, ".out", "servers", name);
    this.breaksWebSockets = breaksWebSockets;
  }

  // `edges`: {port, adminPort} each.
  async start(edges) {
    mkdirSync(this.directory, {recursive: true});
    this.port = await freePort();
    const file = join(this.directory, "haproxy.cfg");
    writeFileSync(file, `
defaults
  mode http
  timeout connect 1s
  timeout client 1m
  timeout server 1m
  timeout http-request 10s
  option redispatch
  retries 3
  # An edge that exits closes connections that the balancer is about to use.
  retry-on conn-failure empty-response

frontend clients
  bind 127.0.0.1:${this.port}
  ${this.breaksWebSockets
    ? "http-request return status 200 if { hdr(upgrade) -i websocket }" : ""}
  default_backend edges

backend edges
  balance roundrobin
  option http-keep-alive
  # One that listens may yet have no broker.
  option httpchk GET /readyz
  default-server check inter 200ms fall 1 rise 1
${edges.map(({port, adminPort}, n) =>
    `  server edge${n} 127.0.0.1:${port} port ${adminPort}`).join("\n")}
`);
    const log = openSync(join(this.directory, "haproxy.log"), "a");
    this.child = spawn("haproxy", ["-f", file],
      {stdio: ["ignore", log, log]});
    closeSync(log);
    this.exited = once(this.child, "exit");
    await eventually("haproxy to listen", () => listens(this.port));
  }

  async stop() {
    if (!this.child) return;
    this.child.kill("SIGKILL");
    await this.exited;
  }
}
