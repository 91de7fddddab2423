"""Events that only the conformance program sends."""

import asyncio
import os
from typing import cast

from aerie import Answer, Channel, Message, Stop, StopReason, error, ok, stop

STOPS = {"stop_normal": "normal", "stop_shutdown": "shutdown",
         "stop_crash": "crash"}


async def handle(channel: Channel, message: Message) -> Answer | Stop | None:
    match message.event:
        case "echo":
            return ok(message.payload)
        case "who":
            return ok({"pid": os.getpid()})
        case "later":
            asyncio.get_running_loop().call_later(
                0.2, channel.reply, message.ref, ok({"late": True}))
            return None
        case "push_me":
            channel.push("pushed", message.payload)
            return ok()
        case "after":
            channel.send_self("after")
            return ok()
        case "stop_normal" | "stop_shutdown" | "stop_crash" as event:
            return stop(cast(StopReason, STOPS[event]), ok())
        case "raise":
            raise RuntimeError("asked to fail")
        case "slow":
            ms = message.payload["ms"]
            await asyncio.sleep(ms / 1000)
            return ok({"slept": ms})
        case "secret":
            channel.broadcast("secret", {"by": channel.assigns["user"]})
            return ok()
        case _:
            return error({"reason": "unknown event"})
