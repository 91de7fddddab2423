"""A chat room: who joins must have a name; the last 50 messages are shown to
them; others see who is typing. clients/SPEC.md says it in full.
"""

import asyncio
import json
import logging
import os
import sys
from collections import deque
from typing import Any

from aerie import (AerieError, Answer, Channel, ChannelHost, End, Message, Stop,
                   Tls, error, ok)

import conformance

ENV = os.environ
CONFORMANCE = ENV.get("AERIE_CONFORMANCE") == "1"
HISTORY_MAX = 50
BANNED = {"banned"}

# Topic → its last messages. A topic's channels share a host.
histories: dict[str, deque[dict[str, str]]] = {}


def make_host() -> ChannelHost:
    tls = Tls(ENV["AERIE_CA_FILE"], ENV.get("AERIE_CERT_FILE"),
              ENV.get("AERIE_KEY_FILE")) if "AERIE_CA_FILE" in ENV else None
    return ChannelHost(
        "chat", brokers=ENV.get("AERIE_BROKER", "127.0.0.1:4010").split(","),
        token_file=ENV.get("AERIE_TOKEN_FILE"), tls=tls,
        drain_window=int(ENV.get("AERIE_DRAIN_MS", "10000")) / 1000)


host = make_host()


@host.channel("room:*", spread="topic",
              intercepts=["secret"] if CONFORMANCE else [])
class Room(Channel):
    async def join(self, params: Message) -> Answer:
        wanted = params.payload if isinstance(params.payload, dict) else {}
        user = wanted.get("user")
        if not isinstance(user, str) or user == "":
            return error({"reason": "name required"})
        if user in BANNED:
            return error({"reason": "banned"})
        if CONFORMANCE and wanted.get("fail") is True:
            raise RuntimeError("asked to fail")
        self.assign(user=user)
        if CONFORMANCE and wanted.get("bye") is True:
            self.assign(bye=True)
        return ok({"history": [*histories.get(self.topic, [])]})

    async def handle_in(self, message: Message) -> Answer | Stop | None:
        if message.event == "new_msg":
            return self.new_message(message.payload)
        if message.event == "typing":
            self.broadcast_from("typing", {"user": self.assigns["user"]})
            return None
        if CONFORMANCE:
            return await conformance.handle(self, message)
        return error({"reason": "unknown event"})

    async def handle_out(self, message: Message) -> None:
        """Only `secret` is intercepted: everybody sees it with their own name.
        """
        self.push("secret", {"seen_by": self.assigns["user"]})

    async def handle_info(self, message: Message) -> None:
        if message.event == "after":
            self.push("after")

    async def terminate(self, end: End) -> None:
        if self.assigns.get("bye"):
            self.push("bye")
        log = ENV.get("AERIE_TERMINATE_LOG")
        if log:
            line = {"topic": self.topic, "reason": end.reason,
                    "event_id": end.event_id, "assigns": dict(self.assigns)}
            with open(log, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def new_message(self, payload: Any) -> Answer:
        body = payload.get("body") if isinstance(payload, dict) else None
        if not isinstance(body, str):
            return error({"reason": "body required"})
        message = {"body": body, "user": self.assigns["user"]}
        histories.setdefault(
            self.topic, deque(maxlen=HISTORY_MAX)).append(message)
        self.broadcast("new_msg", message)
        return ok()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO,
                        format="%(asctime)s %(levelname)s %(message)s")
    try:
        asyncio.run(host.run())
    except AerieError as refused:
        sys.exit(f"chat: {refused}")
