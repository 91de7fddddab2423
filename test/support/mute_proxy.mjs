// In front of a balancer: lets WebSockets be opened and then nothing through,
// either way, as some proxies do. All else passes.
import {once} from "node:events";
import {connect, createServer} from "node:net";

const HEAD_END = "\r\n\r\n";

export class MuteProxy {
  async start(port) {
    this.sockets = new Set();
    this.upgrades = 0;
    this.server = createServer((client) => this.#pass(client, port))
      .listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.port = this.server.address().port;
  }

  async stop() {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, "close");
  }

  #pass(client, port) {
    const server = connect(port, "127.0.0.1");
    let upgraded = false;
    for (const [from, to] of [[client, server], [server, client]]) {
      this.sockets.add(from);
      from.on("data", (bytes) => {
        if (upgraded) return;
        upgraded = from === server && bytes.includes("HTTP/1.1 101 ");
        if (!upgraded) return to.write(bytes);
        this.upgrades += 1;
        to.write(bytes.subarray(0, bytes.indexOf(HEAD_END) + HEAD_END.length));
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}
