"""One stream to a broker, and the channels on it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import grpc

from aerie.channel import Channel, Place
from aerie.channel_process import ChannelProcess
from aerie.errors import AerieError, UsageError
from aerie.outbox import Outbox
from aerie.payload import payload_bytes
from aerie.v1 import channel_host_pb2 as pb
from aerie.v1 import payload_pb2

_PATH = "/aerie.v1.ChannelHost/Attach"
_ATTACHED_WITHIN_S = 10.0
_END_WITHIN_S = 2.0


@dataclass(frozen=True)
class Keeper:
    """What an attachment needs of the host."""

    registration: pb.HostFrame.Registration
    module: Callable[[str], type[Channel] | None]
    connect: Callable[[pb.ChannelFrame.Connect],
                      Awaitable[pb.HostFrame.ConnectReply]]
    attached: Callable[[pb.ChannelFrame.Attached], None]
    draining: Callable[[], None]
    # Topic, callback: logs the exception that is being handled.
    failed: Callable[[str, str], None]
    # Broker, channel: whether it was ended by the loss of an earlier stream.
    has_ended: Callable[[str, int], bool]


class Attachment:
    """Lives as long as its stream does, on the host's event loop."""

    def __init__(self, channel: grpc.aio.Channel, metadata: grpc.aio.Metadata,
                 keeper: Keeper) -> None:
        # None until the broker has answered.
        self.attached: pb.ChannelFrame.Attached | None = None
        self.drained = asyncio.Event()
        self._keeper = keeper
        self._processes: dict[int, ChannelProcess] = {}
        self._connects: set[asyncio.Task[None]] = set()
        self._cause: AerieError | None = None
        self._outbox = Outbox(lambda: self.abort(AerieError(
            grpc.StatusCode.RESOURCE_EXHAUSTED, "the broker does not read")))
        self._call: Any = channel.stream_stream(
            _PATH, request_serializer=pb.AttachRequest.SerializeToString,
            response_deserializer=pb.AttachResponse.FromString)(
                metadata=metadata)

    @property
    def channels(self) -> Iterable[int]:
        return self._processes.keys()

    async def run(self) -> AerieError | None:
        """Returns when the stream has ended; None when it ended with OK."""
        self._write(0, registration=self._keeper.registration)
        writer = asyncio.create_task(self._outbox.write_all(self._call.write))
        writer.add_done_callback(lambda _: self._call.cancel())
        late = asyncio.get_running_loop().call_later(
            _ATTACHED_WITHIN_S, self._late)
        try:
            while (response := await self._call.read()) is not grpc.aio.EOF:
                for frame in response.frames:
                    self._handle(frame)
        except grpc.aio.AioRpcError:
            pass  # The status tells.
        except asyncio.CancelledError:
            # The stream was, or this task.
            if self._cause is None and not writer.done():
                raise
        except Exception as failure:  # Not what the contract says.
            self.abort(AerieError(grpc.StatusCode.INTERNAL, str(failure)))
        finally:
            late.cancel()
            writer.cancel()
            self._outbox.close()
            self._call.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return self._cause or await self._status()

    async def lost(self) -> None:
        """Ends every channel; returns when their callbacks have ended."""
        processes = [*self._processes.values()]
        for process in processes:
            process.lost()
        await asyncio.gather(*(each.mailbox.idle() for each in processes))

    def drain(self, window_s: float) -> None:
        self._write(0, drain=pb.HostFrame.Drain(
            window_ms=round(window_s * 1000)))

    async def close(self, ended: asyncio.Future[Any]) -> None:
        """Half-closes behind what is queued, and waits for the end."""
        await asyncio.wait([ended, asyncio.ensure_future(self._finish())],
                           timeout=_END_WITHIN_S,
                           return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([ended], timeout=_END_WITHIN_S)
        self.abort(AerieError(grpc.StatusCode.CANCELLED, "drained"))

    def abort(self, cause: AerieError) -> None:
        self._cause = self._cause or cause
        self._call.cancel()

    # Wire.

    def send(self, channel: int, **frame: Any) -> None:
        size = payload_bytes(_payload_of(frame))
        most = self.attached.payload_bytes_max if self.attached else 0
        if size > most:
            raise UsageError(f"a payload of {size} bytes; at most {most}")
        self._write(channel, **frame)

    def done(self) -> None:
        self._outbox.done()

    def failed(self, topic: str, callback: str) -> None:
        self._keeper.failed(topic, callback)

    def forget(self, process: ChannelProcess) -> None:
        if self._processes.get(process.id) is process:
            del self._processes[process.id]

    def _write(self, channel: int, **frame: Any) -> None:
        self._outbox.push(pb.HostFrame(channel=channel, **frame))

    async def _finish(self) -> None:
        await self._outbox.written()
        await self._call.done_writing()

    def _late(self) -> None:
        if self.attached is None:
            self.abort(AerieError(grpc.StatusCode.DEADLINE_EXCEEDED,
                                  "no answer to the registration"))

    async def _status(self) -> AerieError | None:
        code = await self._call.code()
        if code is grpc.StatusCode.OK:
            return None
        return AerieError(code, await self._call.details() or "")

    def _handle(self, frame: pb.ChannelFrame) -> None:
        kind = frame.WhichOneof("frame")
        if self.attached is None and kind != "attached":
            raise UsageError("the broker did not begin with Attached")
        if kind == "attached":
            self.attached = frame.attached
            self._keeper.attached(frame.attached)
        elif kind == "connect":
            task = asyncio.create_task(self._connect(frame.connect))
            self._connects.add(task)
            task.add_done_callback(self._connects.discard)
        elif kind == "draining":
            self._keeper.draining()
        elif kind == "drained":
            self.drained.set()
        elif kind is not None:  # Else a later version's.
            self._handle_channel(frame, kind)

    def _handle_channel(self, frame: pb.ChannelFrame, kind: str) -> None:
        process = self._processes.get(frame.channel)
        if kind == "join":
            join = frame.join
            self._start(Place(frame.channel, join.topic, join.pattern,
                              join.socket)).join(join.payload)
        elif kind == "terminate":
            if process is None:
                self._terminate_unknown(frame.channel, frame.terminate)
            else:
                process.terminate(frame.terminate)
        elif process is None:
            self.done()
        elif kind == "handle_in":
            process.handle_in(frame.handle_in)
        elif kind == "handle_out":
            process.handle_out(frame.handle_out)
        elif kind == "handle_info":
            process.handle_info(frame.handle_info.event,
                                frame.handle_info.payload)

    def _terminate_unknown(self, channel: int,
                           frame: pb.ChannelFrame.Terminate) -> None:
        broker = self.attached.broker if self.attached else ""
        if not frame.redelivered or self._keeper.has_ended(broker, channel):
            self._write(channel, terminated=pb.HostFrame.Terminated(
                event_id=frame.event_id))
            return
        place = Place(channel, frame.topic, frame.pattern, frame.socket,
                      frame.assigns)
        self._start(place).terminate_orphan(frame)

    async def _connect(self, request: pb.ChannelFrame.Connect) -> None:
        self._write(0, connect_reply=await self._keeper.connect(request))

    def _start(self, place: Place) -> ChannelProcess:
        module = self._keeper.module(place.pattern)
        if module is None:
            raise UsageError(f"unknown pattern {place.pattern}")
        process = ChannelProcess(module, place, self)
        self._processes[place.id] = process
        return process


_NO_PAYLOAD = payload_pb2.Payload()


def _payload_of(frame: dict[str, Any]) -> payload_pb2.Payload:
    (kind, value), = frame.items()
    if kind == "stop":
        value = value.reply
    payload: payload_pb2.Payload = getattr(value, "payload", _NO_PAYLOAD)
    return payload
