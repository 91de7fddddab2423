"""A channel as its callbacks see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from aerie.answers import Answer, ExitReason, Stop, StopReason
from aerie.errors import UsageError
from aerie.payload import (Message, RawJson, Sendable, from_assigns,
                           to_event_payload, to_json, to_payload)
from aerie.v1 import channel_host_pb2 as pb
from aerie.v1 import payload_pb2

_ASSIGNS_BYTES_MAX = 64 << 10
_STATUS_BYTES_MAX = 128


@dataclass(frozen=True)
class Socket:
    """One client connection."""

    # Names the connection for as long as it lasts.
    key: str
    # The application's name for it (`users:42`); empty for none.
    id: str
    # What the connect rule has assigned.
    assigns: Mapping[str, Any]

    @classmethod
    def of(cls, info: payload_pb2.SocketInfo) -> "Socket":
        return cls(info.key, info.socket_id, from_assigns(info.assigns))


@dataclass(frozen=True)
class End:
    """What terminate is told."""

    reason: ExitReason
    # Equal for each delivery of the same end; empty when the SDK has seen the
    # end itself.
    event_id: str = ""
    # Whether the channel ran in a host that was lost.
    redelivered: bool = False


@dataclass(frozen=True)
class Place:
    """Where a channel is."""

    id: int
    topic: str
    pattern: str
    socket: payload_pb2.SocketInfo
    # Assigns as last set, JSON; empty for those of the socket.
    assigns: str = ""


class Owner(Protocol):
    """What a channel needs of what runs it."""

    def say(self, **frame: Any) -> None:
        """Raises before the join is answered; does nothing after the end."""

    def assigned(self, text: str) -> None: ...
    def intercept(self, events: tuple[str, ...]) -> None: ...
    def send_self(self, event: str, payload: Sendable) -> None: ...
    def stop(self, reason: StopReason) -> None: ...


class Channel:
    """One socket's membership of one topic: derive from it. Phoenix:
    a module that uses Phoenix.Channel, and the socket that its callbacks get.

    An instance per join, made without arguments. Its callbacks run one at a
    time; those of different channels run concurrently. One that raises ends its
    own channel as a crash. May be kept and used after a callback has ended:
    what is said after the channel's end is ignored.
    """

    _aerie_place: Place
    _aerie_owner: Owner
    _aerie_socket: Socket
    _aerie_assigns: dict[str, Any]

    # Callbacks.

    async def join(self, params: Message) -> Answer | None:
        """A client joins. None stands for `ok()`."""
        return None

    async def handle_in(self, message: Message) -> Answer | Stop | None:
        """An event of the client."""
        raise UsageError(f"nobody handles {message.event!r}")

    async def handle_out(self, message: Message) -> Stop | None:
        """A broadcast of an intercepted event."""
        text = message.json
        self.push(message.event,
                  message.payload if text is None else RawJson(text))
        return None

    async def handle_info(self, message: Message) -> Stop | None:
        """A message to the channel itself."""
        return None

    async def terminate(self, end: End) -> None:
        """The channel ends; at least once for each that has joined."""

    # What a channel is.

    @property
    def id(self) -> int:
        """Names the channel for the broker process' life: for `host.send`."""
        return self._aerie_place.id

    @property
    def topic(self) -> str:
        return self._aerie_place.topic

    @property
    def pattern(self) -> str:
        """The registered pattern that matched the topic."""
        return self._aerie_place.pattern

    @property
    def socket(self) -> Socket:
        return self._aerie_socket

    @property
    def assigns(self) -> Mapping[str, Any]:
        """What the channel keeps; its terminate gets it wherever it runs."""
        return MappingProxyType(self._aerie_assigns)

    # What it does.

    def assign(self, **changes: Any) -> None:
        """Merges keys into the assigns: JSON, at most 64 KiB in all."""
        assigns = {**self._aerie_assigns, **changes}
        text = to_json(assigns)
        if len(text.encode()) > _ASSIGNS_BYTES_MAX:
            raise UsageError(f"assigns of more than {_ASSIGNS_BYTES_MAX} bytes")
        self._aerie_assigns = assigns
        self._aerie_owner.assigned(text)

    def push(self, event: str, payload: Sendable = None) -> None:
        """An event to this channel's client."""
        self._aerie_owner.say(push=pb.HostFrame.Push(
            event=event, payload=to_event_payload(event, payload)))

    def broadcast(self, event: str, payload: Sendable = None,
                  topic: str | None = None) -> None:
        """An event to every channel of a topic; None: this channel's."""
        self._aerie_broadcast(event, payload, topic, except_self=False)

    def broadcast_from(self, event: str, payload: Sendable = None,
                       topic: str | None = None) -> None:
        """The same, but not to this channel's client."""
        self._aerie_broadcast(event, payload, topic, except_self=True)

    def reply(self, ref: bytes | None, answer: Answer) -> None:
        """Answers an event, now or later."""
        if ref is not None:  # Else the client wants none.
            self._aerie_owner.say(reply=to_reply(ref, answer))

    def stop(self, reason: StopReason) -> None:
        """Ends the channel, behind what its mailbox holds."""
        self._aerie_owner.stop(reason)

    def send_self(self, event: str, payload: Sendable = None) -> None:
        """`handle_info` of this channel, behind what its mailbox holds. From
        join: once it is answered, and not at all when it is refused."""
        self._aerie_owner.send_self(event, payload)

    def intercept(self, *events: str) -> None:
        """In join: events that this channel intercepts beside its pattern's."""
        self._aerie_owner.intercept(events)

    def _aerie_broadcast(self, event: str, payload: Sendable,
                         topic: str | None, except_self: bool) -> None:
        self._aerie_owner.say(broadcast=pb.HostFrame.Broadcast(
            event=event, payload=to_event_payload(event, payload),
            topic=self.topic if topic is None else topic,
            except_self=except_self))

    def _aerie_bind(self, place: Place, owner: Owner) -> None:
        self._aerie_place = place
        self._aerie_owner = owner
        self._aerie_socket = Socket.of(place.socket)
        self._aerie_assigns = (from_assigns(place.assigns) if place.assigns
                               else dict(self._aerie_socket.assigns))


def to_reply(ref: bytes, answer: Answer) -> pb.HostFrame.Reply:
    if len(answer.status.encode()) > _STATUS_BYTES_MAX:
        raise UsageError(f"a status of more than {_STATUS_BYTES_MAX} bytes")
    return pb.HostFrame.Reply(ref=ref, status=answer.status,
                              payload=to_payload(answer.payload))
