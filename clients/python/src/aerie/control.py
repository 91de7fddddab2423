"""What a service asks of a broker."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timezone
from types import TracebackType
from typing import Any, Literal, Union, cast

from aerie.answers import ExitReason
from aerie.calls import Calls
from aerie.channel import Socket
from aerie.channel_process import exit_reason
from aerie.connection import Connection, Tls, Token
from aerie.errors import AerieError
from aerie.payload import Sendable, from_payload, to_payload
from aerie.publisher import Publisher
from aerie.v1 import control_pb2 as pb


@dataclass(frozen=True)
class Broadcast:
    """One broadcast."""

    topic: str
    event: str
    # A JSON object, or bytes.
    payload: Sendable = None
    # Sockets of these ids do not get it; at most 100.
    except_socket_ids: Sequence[str] = ()
    # Sent once, however often it is asked for within 5 minutes.
    idempotency_key: str = ""


@dataclass(frozen=True)
class BroadcastResult:
    """What became of a broadcast."""

    # Whether the idempotency key was known.
    duplicate: bool
    # How many edges it was sent to.
    edges: int


@dataclass(frozen=True)
class OneChannel:
    """A channel by its id."""

    channel: int


@dataclass(frozen=True)
class SocketTopic:
    """The channels of a socket id on a topic."""

    socket_id: str
    topic: str


@dataclass(frozen=True)
class WholeTopic:
    """Every channel of a topic. Not for push: that is broadcast."""

    topic: str


Channels = Union[OneChannel, SocketTopic, WholeTopic]


@dataclass(frozen=True)
class WatchEvent:
    """One thing that has happened; `kind` decides which fields are set."""

    kind: Literal["watching", "joined", "left", "connected", "disconnected",
                  "occupied", "vacated", "broadcast", "lost"]
    time: datetime
    # joined, left, occupied, vacated, broadcast.
    topic: str = ""
    # joined, left.
    channel: int = 0
    # joined, left, connected, disconnected.
    socket: Socket | None = None
    # left.
    reason: ExitReason | None = None
    # broadcast.
    event: str = ""
    # broadcast: a JSON value, or bytes.
    payload: Any = field(default=None, repr=False)
    # lost: so many events were dropped, as they were not read in time.
    lost: int = 0


class ControlClient:
    """Calls to a broker. Phoenix: an endpoint's `broadcast`, and what its
    console is used for. Failed calls raise AerieError. A `timeout` is in
    seconds, for a call with all its attempts; 5 unless it is given."""

    def __init__(self, brokers: str | Sequence[str] = "127.0.0.1:4010", *,
                 token: Token | None = None, token_file: str | None = None,
                 tls: Tls | None = None) -> None:
        self._calls = Calls(Connection(brokers, token, token_file, tls))

    async def __aenter__(self) -> "ControlClient":
        return self

    async def __aexit__(self, kind: type[BaseException] | None,
                        error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connections."""
        await self._calls.connection.close()

    async def broadcast(self, topic: str, event: str, payload: Sendable = None,
                        *, except_socket_ids: Sequence[str] = (),
                        idempotency_key: str = "",
                        timeout: float | None = None) -> BroadcastResult:
        """Sends an event to every channel of a topic. Scope `publish`."""
        broadcast = Broadcast(topic, event, payload, except_socket_ids,
                              idempotency_key)
        answer = await self._calls.unary(
            "Broadcast", _request(broadcast), pb.BroadcastResponse,
            repeatable=bool(idempotency_key), timeout=timeout)
        return BroadcastResult(answer.duplicate, answer.edges)

    async def broadcast_batch(self, broadcasts: Sequence[Broadcast], *,
                              timeout: float | None = None
                              ) -> list[BroadcastResult | AerieError]:
        """Up to 1,000 broadcasts, in order per topic; each succeeds or fails
        alone. Scope `publish`."""
        answer = await self._calls.unary(
            "BroadcastBatch",
            pb.BroadcastBatchRequest(broadcasts=map(_request, broadcasts)),
            pb.BroadcastBatchResponse,
            repeatable=all(each.idempotency_key for each in broadcasts),
            timeout=timeout)
        return [AerieError.from_status(each.status) if each.status.code
                else BroadcastResult(each.duplicate, each.edges)
                for each in answer.results]

    async def publisher(self) -> "BroadcastPublisher":
        """A stream of broadcasts. Scope `publish`."""
        return BroadcastPublisher(Publisher(await self._calls.duplex_stream(
            "BroadcastStream", pb.BroadcastStreamRequest,
            pb.BroadcastStreamResponse)))

    async def push(self, to: OneChannel | SocketTopic, event: str,
                   payload: Sendable = None, *,
                   timeout: float | None = None) -> int:
        """Sends an event to one channel's client, or to those of a socket id on
        a topic; gives their number. Scope `publish`."""
        answer = await self._calls.unary(
            "Push", pb.PushRequest(to=_selector(to), event=event,
                                   payload=to_payload(payload)),
            pb.PushResponse, repeatable=False, timeout=timeout)
        return answer.channels

    async def disconnect(self, socket_id: str, *, code: int = 0,
                         timeout: float | None = None) -> int:
        """Ends every connection of a socket id; gives their number. `code` is
        the WebSocket close code, 1001 unless it is given. Scope `admin`."""
        answer = await self._calls.unary(
            "Disconnect", pb.DisconnectRequest(socket_id=socket_id, code=code),
            pb.DisconnectResponse, repeatable=True, timeout=timeout)
        return answer.sockets

    async def close_channel(self, channels: Channels, *,
                            reason: Literal["restart", "shutdown"] = "restart",
                            timeout: float | None = None) -> int:
        """Ends channels; gives their number. `restart`: their clients join
        again; `shutdown`: they don't. Scope `admin`."""
        wire = (pb.CloseChannelRequest.REASON_SHUTDOWN if reason == "shutdown"
                else pb.CloseChannelRequest.REASON_RESTART)
        answer = await self._calls.unary(
            "CloseChannel", pb.CloseChannelRequest(channels=_selector(channels),
                                                   reason=wire),
            pb.CloseChannelResponse, repeatable=True, timeout=timeout)
        return answer.channels

    async def renew_token(self, socket_key: str, token: str, *, mount: str = "",
                          timeout: float | None = None) -> datetime | None:
        """Gives a socket, by its key, a newer token, as its client would show
        it to the mount, `/socket` unless it is given. Gives the time until
        which it is good; None: for ever. Scope `admin`."""
        answer = await self._calls.unary(
            "RenewToken", pb.RenewTokenRequest(socket_key=socket_key,
                                               token=token, mount=mount),
            pb.RenewTokenResponse, repeatable=True, timeout=timeout)
        if not answer.HasField("expires"):
            return None
        return answer.expires.ToDatetime(tzinfo=timezone.utc)

    async def list_topics(self, *, prefix: str = "", page_size: int = 0,
                          page_token: str = "", timeout: float | None = None
                          ) -> pb.ListTopicsResponse:
        """A page of topics that have channels. Scope `read`."""
        return await self._calls.unary(
            "ListTopics", pb.ListTopicsRequest(
                prefix=prefix, page_size=page_size, page_token=page_token),
            pb.ListTopicsResponse, repeatable=True, timeout=timeout)

    async def topics(self, *, prefix: str = "") -> AsyncIterator[pb.TopicInfo]:
        """All of them, page by page."""
        token = ""
        while True:
            page = await self.list_topics(prefix=prefix, page_token=token)
            for each in page.topics:
                yield each
            token = page.next_page_token
            if not token:
                return

    async def get_topic(self, topic: str, *, timeout: float | None = None
                        ) -> pb.GetTopicResponse:
        """One topic; NOT_FOUND when it has no channels. Scope `read`."""
        return await self._calls.unary(
            "GetTopic", pb.GetTopicRequest(topic=topic), pb.GetTopicResponse,
            repeatable=True, timeout=timeout)

    async def list_sockets(self, *, socket_id: str = "", edge: str = "",
                           page_size: int = 0, page_token: str = "",
                           timeout: float | None = None
                           ) -> pb.ListSocketsResponse:
        """A page of sockets, without their topics. Scope `read`."""
        return await self._calls.unary(
            "ListSockets", pb.ListSocketsRequest(
                socket_id=socket_id, edge=edge, page_size=page_size,
                page_token=page_token),
            pb.ListSocketsResponse, repeatable=True, timeout=timeout)

    async def sockets(self, *, socket_id: str = "", edge: str = ""
                      ) -> AsyncIterator[pb.SocketDetails]:
        """All of them, page by page."""
        token = ""
        while True:
            page = await self.list_sockets(socket_id=socket_id, edge=edge,
                                           page_token=token)
            for each in page.sockets:
                yield each
            token = page.next_page_token
            if not token:
                return

    async def get_socket(self, key: str, *, timeout: float | None = None
                         ) -> pb.SocketDetails:
        """One socket, by its key; NOT_FOUND when it is gone. Scope `read`."""
        answer = await self._calls.unary(
            "GetSocket", pb.GetSocketRequest(key=key), pb.GetSocketResponse,
            repeatable=True, timeout=timeout)
        return answer.socket

    async def cluster_info(self, *, timeout: float | None = None
                           ) -> pb.ClusterInfoResponse:
        """The broker, its edges and hosts. Scope `read`."""
        return await self._calls.unary(
            "ClusterInfo", pb.ClusterInfoRequest(), pb.ClusterInfoResponse,
            repeatable=True, timeout=timeout)

    async def watch(self, *, channels: bool = False, sockets: bool = False,
                    topics: bool = False, broadcasts: Sequence[str] = (),
                    prefix: str = "") -> AsyncGenerator[WatchEvent, None]:
        """What happens from now on, until the loop is left: channels joined and
        left, sockets connected and disconnected, topics occupied and vacated,
        broadcasts of given topics (a name may end in `*`). The first event has
        the kind `watching`. Scope `read`."""
        request = pb.WatchRequest(channels=channels, sockets=sockets,
                                  topics=topics, broadcasts=broadcasts,
                                  prefix=prefix)
        async with aclosing(self._calls.server_stream(
                "Watch", request, pb.WatchResponse)) as stream:
            async for response in stream:
                for event in response.events:
                    # Others are a later version's.
                    if event.kind in pb.WatchResponse.Event.Kind.values():
                        yield _event(event)


class BroadcastPublisher:
    """Broadcasts over one stream, many at a time."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def __aenter__(self) -> "BroadcastPublisher":
        return self

    async def __aexit__(self, kind: type[BaseException] | None,
                        error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self.close()

    async def publish(self, broadcast: Broadcast) -> None:
        """Returns when the broker has acknowledged it. Raises when it was not
        sent, or the stream broke before that is known."""
        await self._publisher.publish(_request(broadcast))

    @property
    def duplicates(self) -> int:
        """How many broadcasts the broker knew by their idempotency keys."""
        return self._publisher.duplicates

    async def close(self) -> None:
        """Returns when everything is acknowledged."""
        await self._publisher.close()


def _request(broadcast: Broadcast) -> pb.BroadcastRequest:
    return pb.BroadcastRequest(
        topic=broadcast.topic, event=broadcast.event,
        payload=to_payload(broadcast.payload),
        except_socket_ids=broadcast.except_socket_ids,
        idempotency_key=broadcast.idempotency_key)


def _selector(channels: Channels) -> pb.ChannelSelector:
    if isinstance(channels, OneChannel):
        return pb.ChannelSelector(channel=channels.channel)
    if isinstance(channels, WholeTopic):
        return pb.ChannelSelector(topic=channels.topic)
    return pb.ChannelSelector(socket_topic=pb.ChannelSelector.SocketTopic(
        socket_id=channels.socket_id, topic=channels.topic))


def _event(event: pb.WatchResponse.Event) -> WatchEvent:
    name = pb.WatchResponse.Event.Kind.Name(event.kind)
    kind = cast(Any, name.removeprefix("KIND_").lower())
    return WatchEvent(
        kind=kind, time=event.time.ToDatetime(tzinfo=timezone.utc),
        topic=event.topic, channel=event.channel,
        socket=Socket.of(event.socket) if event.HasField("socket") else None,
        reason=exit_reason(event.reason) if kind == "left" else None,
        event=event.event,
        payload=from_payload(event.payload) if kind == "broadcast" else None,
        lost=event.lost)
