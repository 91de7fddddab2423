// A client of the 2.0.0 dialect that sees every frame and never reconnects.
import assert from "node:assert/strict";
import {once} from "node:events";
import {get} from "node:http";

import WebSocket from "ws";

const PATIENCE_MS = 20_000;

export class Peer {
  static async open(port, query = "") {
    const peer = new Peer(port, query);
    await once(peer.socket, "open");
    return peer;
  }

  constructor(port, query) {
    this.socket =
      new WebSocket(`ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0${query}`);
    this.refs = 0;
    this.heard = [];
    this.waiting = [];
    this.socket.on("message", (data) => {
      this.heard.push(JSON.parse(data));
      this.waiting.splice(0).forEach((wake) => wake());
    });
    this.socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code) => resolve({code, at: Date.now()}));
    });
  }

  say(topic, event, payload = {}, joinRef = null) {
    const ref = `${this.refs += 1}`;
    this.socket.send(JSON.stringify(
      [event === "phx_join" ? ref : joinRef, ref, topic, event, payload]));
    return ref;
  }

  // The first frame that `matches`; those before it are dropped.
  async hear(what, matches) {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      while (this.heard.length > 0) {
        const frame = this.heard.shift();
        if (matches(frame)) return frame;
      }
      const left = deadline - Date.now();
      assert.ok(left > 0, `waited in vain for ${what}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async ask(topic, event, payload = {}) {
    const ref = this.say(topic, event, payload);
    const frame = await this.hear(`the answer to ${event}`,
      (each) => each[1] === ref);
    return frame[4];
  }

  async join(topic) {
    const {status, response} = await this.ask(topic, "phx_join");
    assert.equal(status, "ok", JSON.stringify(response));
  }

  // Joins as a patient client does.
  async rejoin(topic) {
    for (let tries = 0; tries < 100; tries += 1) {
      const {status, response} = await this.ask(topic, "phx_join");
      if (status === "ok") return;
      assert.equal(response.reason, "unavailable");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`${topic} stays unavailable`);
  }
}

// The answer to an upgrade that is refused, or to any other request.
export async function httpGet(port, path, headers = {}) {
  const request = get({port, host: "127.0.0.1", path, headers});
  const [response] = await once(request, "response");
  response.resume();
  return {status: response.statusCode, headers: response.headers};
}

export const upgrade = (port) =>
  httpGet(port, "/socket/websocket?vsn=2.0.0", {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
  });
