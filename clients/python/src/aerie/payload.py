"""Payloads: JSON values, or bytes, and the proto's oneof of both."""

import json
from dataclasses import dataclass
from typing import Any, Union

from aerie.errors import UsageError
from aerie.v1 import payload_pb2

Json = Union[None, bool, int, float, str, list["Json"], dict[str, "Json"]]


@dataclass(frozen=True)
class RawJson:
    """JSON text that is sent as it is."""

    text: str


# What may be sent: a JSON value, JSON text, or bytes. None stands for `{}`;
# RawJson("null") is null. Any value that the json module takes will do.
Sendable = Any


def to_json(value: Any) -> str:
    """The shortest JSON text of a value; raises TypeError or ValueError."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False,
                      allow_nan=False)


def to_payload(value: Sendable) -> payload_pb2.Payload | None:
    """Of a reply: any JSON value, or bytes."""
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return payload_pb2.Payload(binary=bytes(value))
    if isinstance(value, RawJson):
        json.loads(value.text)  # Raises, rather than have the broker do it.
        return payload_pb2.Payload(json=value.text)
    return payload_pb2.Payload(json=to_json(value))


def to_event_payload(event: str, value: Sendable
                     ) -> payload_pb2.Payload | None:
    """Of an event: an object, or bytes. A broker ends hosts that send others.
    """
    if event.startswith("phx_"):
        raise UsageError(f"{event} is reserved")
    payload = to_payload(value)
    if payload is not None and payload.HasField("json") \
            and not payload.json.lstrip().startswith("{"):
        raise UsageError(f"the payload of {event!r} is no object")
    return payload


def payload_bytes(payload: payload_pb2.Payload) -> int:
    """Bytes of a payload, as brokers count them."""
    if payload.WhichOneof("kind") == "binary":
        return len(payload.binary)
    return len(payload.json.encode())


def from_payload(payload: payload_pb2.Payload | None) -> Any:
    """A JSON value, or bytes."""
    kind = payload.WhichOneof("kind") if payload is not None else None
    if payload is None or kind is None:
        return {}
    return payload.binary if kind == "binary" else json.loads(payload.json)


def from_assigns(text: str) -> dict[str, Any]:
    """Assigns from the wire: the text of an object, empty for `{}`."""
    assigns: dict[str, Any] = json.loads(text) if text else {}
    return assigns


class Message:
    """What was received."""

    __slots__ = ("event", "ref", "_payload", "_value", "_parsed")

    def __init__(self, event: str, payload: payload_pb2.Payload | None,
                 ref: bytes = b"") -> None:
        # The event; `phx_join` for a join.
        self.event = event
        # What a reply names; None when the client wants none.
        self.ref = ref or None
        self._payload = payload
        self._value: Any = None
        self._parsed = False

    @property
    def payload(self) -> Any:
        """The JSON value; bytes of a binary payload."""
        if not self._parsed:
            self._value = from_payload(self._payload)
            self._parsed = True
        return self._value

    @property
    def json(self) -> str | None:
        """The JSON text, as its author wrote it; None for bytes."""
        kind = self._payload.WhichOneof("kind") if self._payload else None
        if self._payload is None or kind is None:
            return "{}"
        return self._payload.json if kind == "json" else None
