// A chat room: who joins must have a name; the last 50 messages are shown to
// them; others see who is typing. clients/SPEC.md says it in full.
import { appendFileSync } from "node:fs";

import { ChannelHost, defineChannel, error, ok } from "@aerie/client";
import type { Channel, JsonObject, Received } from "@aerie/client";

import { handleTestEvent } from "./conformance.js";

interface Assigns {
  user: string;
  bye?: boolean;
}

const { env } = process;
const CONFORMANCE = env["AERIE_CONFORMANCE"] === "1";
const HISTORY_MAX = 50;
const BANNED = new Set(["banned"]);

// Topic → its last messages. A topic's channels share a host.
const histories = new Map<string, { body: string; user: string }[]>();

const room = defineChannel<Assigns>("room:*", {
  spread: "topic",
  intercepts: CONFORMANCE ? ["secret"] : [],

  async join(channel, params) {
    const { user, fail, bye } = params.payload as JsonObject;
    if (typeof user !== "string" || user === "") {
      return error({ reason: "name required" });
    }
    if (BANNED.has(user)) return error({ reason: "banned" });
    if (CONFORMANCE && fail === true) throw new Error("asked to fail");
    channel.assign(CONFORMANCE && bye === true ? { user, bye } : { user });
    return ok({ history: histories.get(channel.topic) ?? [] });
  },

  async handleIn(channel, message) {
    switch (message.event) {
      case "new_msg":
        return newMessage(channel, message);
      case "typing":
        return channel.broadcastFrom("typing", { user: channel.assigns.user });
      default:
        return CONFORMANCE ? handleTestEvent(channel, message)
          : error({ reason: "unknown event" });
    }
  },

  // Only `secret` is intercepted: everybody sees it with their own name.
  async handleOut(channel) {
    channel.push("secret", { seen_by: channel.assigns.user });
  },

  async handleInfo(channel, { event }) {
    if (event === "after") channel.push("after");
  },

  async terminate(channel, reason, { eventId }) {
    if (channel.assigns.bye) channel.push("bye");
    const log = env["AERIE_TERMINATE_LOG"];
    if (!log) return;
    const { topic, assigns } = channel;
    const line = { topic, reason, event_id: eventId, assigns };
    appendFileSync(log, `${JSON.stringify(line)}\n`);
  },
});

function newMessage(channel: Channel<Assigns>, { payload }: Received) {
  const { body } = payload as JsonObject;
  if (typeof body !== "string") return error({ reason: "body required" });
  const message = { body, user: channel.assigns.user };
  const history = histories.get(channel.topic) ?? [];
  histories.set(channel.topic, [...history, message].slice(-HISTORY_MAX));
  channel.broadcast("new_msg", message);
  return ok();
}

const host = new ChannelHost({
  name: "chat",
  brokers: (env["AERIE_BROKER"] ?? "127.0.0.1:4010").split(","),
  channels: [room],
  drainWindowMs: Number(env["AERIE_DRAIN_MS"] ?? 10_000),
  ...env["AERIE_TOKEN_FILE"] && { tokenFile: env["AERIE_TOKEN_FILE"] },
  ...env["AERIE_CA_FILE"] && {
    tls: {
      caFile: env["AERIE_CA_FILE"],
      ...env["AERIE_CERT_FILE"] && { certFile: env["AERIE_CERT_FILE"] },
      ...env["AERIE_KEY_FILE"] && { keyFile: env["AERIE_KEY_FILE"] },
    },
  },
});

try {
  await host.run();
} catch (cause) {
  console.error(`chat: ${(cause as Error).message}`);
  process.exitCode = 1;
}
