// Clients of the edge, with the official client, for a page to show.
import {Socket} from "phoenix";
import WebSocket from "ws";

function joined(channel) {
  return new Promise((resolve, reject) => {
    channel.join().receive("ok", () => resolve(channel))
      .receive("error", ({reason}) => reject(new Error(reason)));
  });
}

export class Crowd {
  #port;
  #clients = [];
  #chatter = null;

  constructor(port) {
    this.#port = port;
  }

  get size() {
    return this.#clients.length;
  }

  // One that has joined the topics.
  async add(id, ...topics) {
    const socket = new Socket(`ws://127.0.0.1:${this.#port}/socket`,
      {transport: WebSocket, params: {id}});
    socket.connect();
    const channels = await Promise.all(
      topics.map((topic) => joined(socket.channel(topic))));
    const client = {socket, channels};
    this.#clients.push(client);
    return client;
  }

  // Everybody speaks on its first topic, again and again.
  chat(periodMs) {
    let turn = 0;
    this.#chatter = setInterval(() => {
      turn += 1;
      // Louder and quieter, for plots to have a shape.
      const loud = 0.5 + 0.5 * Math.sin(turn * periodMs / 3_000);
      for (const {channels: [first]} of this.#clients) {
        if (Math.random() < loud) first?.push("new_msg", {body: "hello"});
      }
    }, periodMs);
  }

  hush() {
    clearInterval(this.#chatter);
  }

  leave(client) {
    this.#clients.splice(this.#clients.indexOf(client), 1);
    return new Promise((resolve) => client.socket.disconnect(resolve));
  }

  async stop() {
    this.hush();
    for (const client of [...this.#clients]) await this.leave(client);
  }
}
