"""A service's channels, attached to a broker."""

import asyncio
import contextlib
import logging
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, TypeVar

import grpc

from aerie.attachment import Attachment, Keeper
from aerie.backoff import pause_s
from aerie.channel import Channel
from aerie.connect import ConnectCallback, answer_connect
from aerie.connection import Connection, Tls, Token
from aerie.errors import AerieError, UsageError
from aerie.payload import Sendable, to_event_payload, to_payload
from aerie.v1 import channel_host_pb2 as pb

Spread = Literal["topic", "socket", "least_loaded"]

_C = TypeVar("_C", bound=type[Channel])
_log = logging.getLogger("aerie")

_MAJOR = 1
_MINOR = 0
# A stream that has lasted so long was a good one.
_LASTING_S = 10.0
_DRAIN_GRACE_S = 10.0
_CALLBACKS_END_WITHIN_S = 5.0
_REMEMBERED_FOR_S = 600.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# They mean that the configuration is wrong, unless it was right before.
_FATAL = (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.INVALID_ARGUMENT,
          grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.UNAUTHENTICATED,
          grpc.StatusCode.PERMISSION_DENIED)
_SPREADS: dict[str, pb.HostFrame.Pattern.Spread] = {
    "topic": pb.HostFrame.Pattern.SPREAD_TOPIC,
    "socket": pb.HostFrame.Pattern.SPREAD_SOCKET,
    "least_loaded": pb.HostFrame.Pattern.SPREAD_LEAST_LOADED,
}


class ChannelHost:
    """Runs channels. Phoenix: an endpoint, as far as its channels see it. On
    one event loop, that of `run`."""

    def __init__(self, name: str, *,
                 brokers: str | Sequence[str] = "127.0.0.1:4010",
                 token: Token | None = None, token_file: str | None = None,
                 tls: Tls | None = None, instance: str | None = None,
                 version: str = "", capacity: int = 0,
                 drain_window: float = 10.0,
                 connect: ConnectCallback | None = None) -> None:
        """`name` is the service (`chat`), `instance` the process, `version`
        the build: for people and lists. `capacity`: callbacks that may be
        unanswered at once; 0 means 1,024. `drain_window`: seconds. `connect` decides who
        may open a socket, for all mounts."""
        self._connection = Connection(brokers, token, token_file, tls)
        self._connect = connect
        self._drain_window = drain_window
        self._modules: dict[str, type[Channel]] = {}
        self._registration = pb.HostFrame.Registration(
            major=_MAJOR, minor=_MINOR, name=name,
            instance=(instance
                      or f"{socket.gethostname()}-{secrets.token_hex(4)}"),
            version=version, capacity=capacity, connect=connect is not None)
        self._attachment: Attachment | None = None
        self._stream: asyncio.Task[AerieError | None] | None = None
        self._leaving: asyncio.Event | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._drain: asyncio.Task[None] | None = None
        self._ended: set[tuple[str, int]] = set()
        self._ever_attached = False
        self._draining = False

    def channel(self, pattern: str, *, intercepts: Sequence[str] = (),
                spread: Spread = "topic") -> Callable[[_C], _C]:
        """Names the topics of a class: a topic, or a prefix that ends in `*`.

        Broadcasts of `intercepts` go through handle_out. `spread` says how new
        channels are spread over several hosts: a topic's share a host, a
        socket's do, or to the least loaded one.
        """
        if not pattern or "*" in pattern[:-1]:
            raise ValueError(f"no pattern: {pattern!r}")
        if pattern in self._modules:
            raise ValueError(f"pattern {pattern} is given twice")

        def register(module: _C) -> _C:
            self._modules[pattern] = module
            self._registration.patterns.add(
                pattern=pattern, intercepts=intercepts, spread=_SPREADS[spread])
            return module

        return register

    @property
    def attached(self) -> bool:
        """Whether channels can come."""
        return self._attachment is not None and bool(self._attachment.attached)

    @property
    def instance(self) -> str:
        return self._registration.instance

    async def run(self, *, signals: bool = True) -> None:
        """Attaches, and stays attached, until the host has drained or stopped.

        SIGTERM and SIGINT drain it, unless `signals` is false. Raises
        AerieError when a broker refuses a host that has never been attached.
        """
        self._leaving = asyncio.Event()
        try:
            with (_handled(self._on_signal) if signals
                  else contextlib.nullcontext()):
                await self._stay_attached()
                if self._closing:
                    await asyncio.wait(self._closing,
                                       timeout=_CALLBACKS_END_WITHIN_S)
        finally:
            await self._connection.close()

    async def drain(self, window: float | None = None) -> None:
        """No new channels; the present ones end evenly over `window` seconds;
        then `run` returns."""
        if self._draining:
            return
        self._draining = True
        attachment, stream = self._attachment, self._stream
        if attachment is None or stream is None or not attachment.attached:
            self.stop()
            return
        _log.info("host draining instance=%s", self.instance)
        window = self._drain_window if window is None else window
        attachment.drain(window)
        drained = asyncio.create_task(attachment.drained.wait())
        await asyncio.wait([drained, stream], timeout=window + _DRAIN_GRACE_S,
                           return_when=asyncio.FIRST_COMPLETED)
        drained.cancel()
        await attachment.close(stream)
        _log.info("host drained instance=%s", self.instance)
        self.stop()

    def stop(self) -> None:
        """Ends the stream at once, and `run` with it."""
        self._draining = True
        if self._leaving is not None:
            self._leaving.set()
        if self._attachment is not None:
            self._attachment.abort(
                AerieError(grpc.StatusCode.CANCELLED, "stopped"))

    def broadcast(self, topic: str, event: str,
                  payload: Sendable = None) -> None:
        """An event to every channel of a topic."""
        if not topic:
            raise UsageError("a topic is missing")
        self._say(broadcast=pb.HostFrame.Broadcast(
            topic=topic, event=event,
            payload=to_event_payload(event, payload)))

    def send(self, channel: int, event: str, payload: Sendable = None) -> None:
        """`handle_info` of a channel of any host; ignored when it has ended."""
        if channel == 0:
            raise UsageError("a channel is missing")
        self._say(send=pb.HostFrame.Send(
            to=channel, event=event, payload=to_payload(payload)))

    def disconnect(self, socket_id: str) -> None:
        """Ends every connection of a socket id."""
        if not socket_id:
            raise UsageError("a socket id is missing")
        self._say(disconnect=pb.HostFrame.Disconnect(socket_id=socket_id))

    def _say(self, **frame: Any) -> None:
        if self._attachment is None or not self._attachment.attached:
            raise UsageError("not attached")
        self._attachment.send(0, **frame)

    def _on_signal(self) -> None:
        self._drain = asyncio.create_task(self.drain())

    async def _stay_attached(self) -> None:
        assert self._leaving is not None
        failures = 0
        while not self._leaving.is_set():
            began = time.monotonic()
            failure = await self._attach()
            if self._draining:
                break
            if failure and not self._ever_attached and failure.code in _FATAL:
                raise failure
            lasted = time.monotonic() - began >= _LASTING_S
            failures = 1 if lasted else failures + 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), pause_s(failures))
        if self._drain is not None:
            await self._drain

    async def _attach(self) -> AerieError | None:
        """One stream, from its start to its end."""
        address = self._connection.address
        attachment = None
        try:
            metadata = await self._connection.metadata()
            if self._draining:
                return None
            attachment = Attachment(self._connection.channel, metadata,
                                    self._keeper(address))
            self._attachment = attachment
            self._stream = asyncio.create_task(attachment.run())
            failure = await self._stream
        except (OSError, ValueError) as cause:  # No token, no certificate.
            failure = AerieError(grpc.StatusCode.UNAUTHENTICATED, str(cause))
        finally:
            self._attachment = None
            if attachment is not None:
                self._end(attachment)
        if self._draining:
            return None
        fatal = failure is not None and failure.code in _FATAL
        _log.log(logging.ERROR if fatal else logging.INFO,
                 "broker lost address=%s cause=%s", address, failure or "ended")
        self._connection.turn(address)
        return failure

    def _end(self, attachment: Attachment) -> None:
        """Ends its channels. Who redelivers that need not have it run again."""
        if attachment.attached is not None:
            broker = attachment.attached.broker
            keys = {(broker, channel) for channel in attachment.channels}
            self._ended |= keys
            asyncio.get_running_loop().call_later(
                _REMEMBERED_FOR_S, self._ended.difference_update, keys)
        ending = asyncio.create_task(attachment.lost())
        self._closing.add(ending)
        ending.add_done_callback(self._closing.discard)

    def _keeper(self, address: str) -> Keeper:
        def attached(attached: pb.ChannelFrame.Attached) -> None:
            self._ever_attached = True
            _log.info("host attached instance=%s address=%s broker=%s",
                      self.instance, address, attached.broker)

        return Keeper(
            registration=self._registration, module=self._modules.get,
            connect=lambda request: answer_connect(request, self._connect),
            attached=attached,
            draining=lambda: _log.info("broker draining address=%s", address),
            failed=lambda topic, callback: _log.exception(
                "channel failed topic=%r callback=%s", topic, callback),
            has_ended=lambda *key: key in self._ended)


@contextlib.contextmanager
def _handled(on_signal: Callable[[], None]) -> Iterator[None]:
    """Calls back for the first signal; a second one does what it would do."""
    loop = asyncio.get_running_loop()

    def first() -> None:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)
        on_signal()

    try:
        for each in _SIGNALS:
            loop.add_signal_handler(each, first)
    except (NotImplementedError, RuntimeError, ValueError):
        pass  # Not on this platform, or not in this thread.
    try:
        yield
    finally:
        for each in _SIGNALS:
            with contextlib.suppress(NotImplementedError, RuntimeError,
                                     ValueError):
                loop.remove_signal_handler(each)
