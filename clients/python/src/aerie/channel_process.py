"""Runs the callbacks of one channel, in order. Phoenix: Phoenix.Channel.Server.
"""

import asyncio
import enum
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

from aerie.answers import Answer, ExitReason, Stop, StopReason, ok
from aerie.channel import Channel, End, Place, to_reply
from aerie.errors import UsageError
from aerie.mailbox import Mailbox
from aerie.payload import Message, Sendable, to_payload
from aerie.v1 import channel_host_pb2 as pb
from aerie.v1 import payload_pb2

_WIRE_STOP = {
    "normal": payload_pb2.EXIT_REASON_STOP_NORMAL,
    "shutdown": payload_pb2.EXIT_REASON_STOP_SHUTDOWN,
    "crash": payload_pb2.EXIT_REASON_CRASH,
}

_INTERCEPTS_MAX = 256

_JOIN_CRASHED = pb.HostFrame.JoinReply(crashed=True)


class Wire(Protocol):
    """The stream, as a channel sees it."""

    def send(self, channel: int, **frame: Any) -> None:
        """Raises when a payload is too large; does nothing once the stream has
        ended."""

    def done(self) -> None:
        """Returns a credit, behind what has been sent."""

    def failed(self, topic: str, callback: str) -> None:
        """Logs the exception that is being handled."""

    def forget(self, process: "ChannelProcess") -> None: ...


class _State(enum.Enum):
    # Each leads to the next one, or to the last.
    JOINING = enum.auto()
    JOINED = enum.auto()
    STOPPING = enum.auto()
    CRASHED = enum.auto()
    TERMINATING = enum.auto()
    ENDED = enum.auto()


class ChannelProcess:
    """Of one join, on the host's event loop."""

    def __init__(self, module: type[Channel], place: Place, wire: Wire) -> None:
        self.id = place.id
        self.mailbox = Mailbox()
        self._module = module
        self._place = place
        self._wire = wire
        self._state = _State.JOINING
        self._assigns = ""
        self._intercepts: list[str] = []
        self._channel: Channel | None = None

    # What the broker, or the end of its stream, wants.

    def join(self, payload: payload_pb2.Payload) -> None:
        async def run() -> None:
            try:
                answer = await self._made().join(Message("phx_join", payload))
                reply = self._join_reply(ok() if answer is None else answer)
                # Before the reply: what is said from here on is behind it.
                self._wire.send(self.id, join_reply=reply)
            except _FAILURES as failure:
                _reraise_if_cancelled(failure)
                self._wire.failed(self._place.topic, "join")
                reply = _JOIN_CRASHED
                self._wire.send(self.id, join_reply=reply)
            if reply.ok:
                self._state = _State.JOINED
            else:
                self._end()

        self.mailbox.post(run)

    def handle_in(self, frame: pb.ChannelFrame.HandleIn) -> None:
        message = Message(frame.event, frame.payload, frame.ref)
        self._callback("handle_in", message,
                       lambda channel: channel.handle_in(message))

    def handle_out(self, frame: pb.ChannelFrame.HandleOut) -> None:
        message = Message(frame.event, frame.payload)
        self._callback("handle_out", message,
                       lambda channel: channel.handle_out(message))

    def handle_info(self, event: str, payload: payload_pb2.Payload | None,
                    credit: bool = True) -> None:
        message = Message(event, payload)
        self._callback("handle_info", message,
                       lambda channel: channel.handle_info(message), credit)

    def terminate(self, frame: pb.ChannelFrame.Terminate) -> None:
        async def run() -> None:
            if self._state in (_State.JOINED, _State.STOPPING):
                if frame.reason == payload_pb2.EXIT_REASON_LEFT:
                    self._wire.send(self.id, left=pb.HostFrame.Left())
                self._state = _State.TERMINATING
                await self._terminate(_end_of(frame))
            self._terminated(frame)

        self.mailbox.post(run)

    def terminate_orphan(self, frame: pb.ChannelFrame.Terminate) -> None:
        """Of a host that was lost: nothing but its terminate runs."""
        self._state = _State.TERMINATING

        async def run() -> None:
            await self._terminate(_end_of(frame))
            self._terminated(frame)

        self.mailbox.post(run)

    def lost(self) -> None:
        """The stream has ended."""

        async def run() -> None:
            joined = self._state in (_State.JOINED, _State.STOPPING)
            self._state = _State.ENDED
            if joined:
                await self._terminate(End("host_lost"))
            self._end()

        self.mailbox.post(run)

    # What the channel wants.

    def say(self, **frame: Any) -> None:
        if self._state is _State.JOINING:
            raise UsageError(f"{next(iter(frame))} before the join is answered")
        if self._state in (_State.JOINED, _State.TERMINATING):
            self._wire.send(self.id, **frame)

    def assigned(self, text: str) -> None:
        if self._state is _State.JOINING:
            self._assigns = text
        elif self._state is _State.JOINED:
            self._wire.send(self.id,
                            set_assigns=pb.HostFrame.SetAssigns(assigns=text))

    def intercept(self, events: tuple[str, ...]) -> None:
        if self._state is not _State.JOINING:
            raise UsageError("intercept outside of join")
        self._intercepts += events
        if len(self._intercepts) > _INTERCEPTS_MAX:
            raise UsageError(f"more than {_INTERCEPTS_MAX} intercepts")

    def send_self(self, event: str, payload: Sendable) -> None:
        self.handle_info(event, to_payload(payload), credit=False)

    def stop(self, reason: StopReason) -> None:
        async def stop(_: Channel) -> Stop:
            return Stop(reason)

        self._callback("stop", Message("", None), stop, credit=False)

    # How.

    def _made(self) -> Channel:
        if self._channel is None:
            channel = self._module()
            channel._aerie_bind(self._place, self)
            self._channel = channel
        return self._channel

    def _join_reply(self, answer: Answer) -> pb.HostFrame.JoinReply:
        if not isinstance(answer, Answer) \
                or answer.status not in ("ok", "error"):
            raise UsageError("join gives ok(), error() or None")
        return pb.HostFrame.JoinReply(
            ok=answer.status == "ok", payload=to_payload(answer.payload),
            assigns=self._assigns, intercepts=self._intercepts)

    def _callback(self, name: str, message: Message,
                  call: Callable[[Channel], Awaitable[Any]],
                  credit: bool = True) -> None:
        """One callback, with all that it does on the stream before its credit.
        """

        async def run() -> None:
            if self._state is _State.JOINED:
                try:
                    self._settle(await call(self._made()), message.ref)
                except _FAILURES as failure:
                    _reraise_if_cancelled(failure)
                    self._wire.failed(self._place.topic, name)
                    self._stop("crash")
            if credit:
                self._wire.done()
            if self._is(_State.CRASHED):
                # Its broadcasts go out; the broker drops the rest.
                self._state = _State.TERMINATING
                await self._terminate(End("crash"))
                self._end()

        self.mailbox.post(run)

    def _settle(self, result: Any, ref: bytes | None) -> None:
        if isinstance(result, Answer):
            self._made().reply(ref, result)
        elif isinstance(result, Stop):
            answered = result.answer is not None and ref is not None
            reply = to_reply(ref or b"", result.answer or ok())
            self._stop(result.reason, reply if answered else None)
        elif result is not None:
            raise UsageError("a callback gives ok(), error(), reply(), stop() "
                             f"or None, not {type(result).__name__}")

    def _stop(self, reason: StopReason,
              reply: pb.HostFrame.Reply | None = None) -> None:
        self._wire.send(self.id, stop=pb.HostFrame.Stop(
            reason=_WIRE_STOP[reason], reply=reply))
        crash = reason == "crash"
        self._state = _State.CRASHED if crash else _State.STOPPING

    async def _terminate(self, end: End) -> None:
        try:
            await self._made().terminate(end)
        except _FAILURES as failure:
            _reraise_if_cancelled(failure)
            self._wire.failed(self._place.topic, "terminate")

    def _terminated(self, frame: pb.ChannelFrame.Terminate) -> None:
        self._end()
        self._wire.send(self.id, terminated=pb.HostFrame.Terminated(
            event_id=frame.event_id))

    def _end(self) -> None:
        self._state = _State.ENDED
        self._wire.forget(self)

    # The state, whatever the type checker believes that it still is.
    def _is(self, state: _State) -> bool:
        return self._state is state


# A callback may also have been cancelled by itself.
_FAILURES = (Exception, asyncio.CancelledError)


def _reraise_if_cancelled(failure: BaseException) -> None:
    """Does so when it is this task that is cancelled: the program ends."""
    task = asyncio.current_task()
    if isinstance(failure, asyncio.CancelledError) and task is not None \
            and task.cancelling():
        raise failure


def _end_of(frame: pb.ChannelFrame.Terminate) -> End:
    return End(exit_reason(frame.reason), frame.event_id, frame.redelivered)


def exit_reason(reason: int) -> ExitReason:
    """The name of a reason; a later version's is a crash."""
    names = payload_pb2.ExitReason
    if reason not in names.values():
        return "crash"
    name = names.Name(cast(payload_pb2.ExitReason, reason))
    return cast(ExitReason, name.removeprefix("EXIT_REASON_").lower())
