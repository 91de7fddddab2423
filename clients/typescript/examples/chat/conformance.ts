// Events that only the conformance program sends.
import { setTimeout as sleep } from "node:timers/promises";

import { error, ok, stop } from "@aerie/client";
import type { Answer, Channel, JsonObject, Received, Stop, StopReason }
  from "@aerie/client";

export async function handleTestEvent(channel: Channel<{ user: string }>,
  { event, payload, ref }: Received): Promise<Answer | Stop | void> {
  switch (event) {
    case "echo":
      return ok(payload);
    case "who":
      return ok({ pid: process.pid });
    case "later":
      setTimeout(() => channel.reply(ref, ok({ late: true })), 200);
      return;
    case "push_me":
      channel.push("pushed", payload);
      return ok();
    case "after":
      channel.sendSelf("after");
      return ok();
    case "stop_normal":
    case "stop_shutdown":
    case "stop_crash":
      return stop(event.slice("stop_".length) as StopReason, ok());
    case "raise":
      throw new Error("asked to fail");
    case "slow": {
      const { ms } = payload as JsonObject;
      await sleep(Number(ms));
      return ok({ slept: ms });
    }
    case "secret":
      channel.broadcast("secret", { by: channel.assigns.user });
      return ok();
    default:
      return error({ reason: "unknown event" });
  }
}
