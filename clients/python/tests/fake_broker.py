"""A broker that says what a test tells it to, and shows what a host says."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import grpc
from aerie.v1 import channel_host_pb2 as pb
from aerie.v1 import control_pb2, payload_pb2

SOCKET = payload_pb2.SocketInfo(key="edge-1/1", socket_id="users:1",
                                assigns='{"role":"guest"}')

_CONTROL: dict[str, Any] = {
    "Broadcast": control_pb2.BroadcastRequest,
    "BroadcastBatch": control_pb2.BroadcastBatchRequest,
    "Push": control_pb2.PushRequest,
    "Disconnect": control_pb2.DisconnectRequest,
    "CloseChannel": control_pb2.CloseChannelRequest,
    "RenewToken": control_pb2.RenewTokenRequest,
    "ListTopics": control_pb2.ListTopicsRequest,
    "ClusterInfo": control_pb2.ClusterInfoRequest,
}


def payload(value: Any) -> payload_pb2.Payload:
    return payload_pb2.Payload(json=json.dumps(value, separators=(",", ":")))


class FakeBroker:
    """`control` maps methods to `async def answer(request, context)`."""

    def __init__(self, name: str = "broker-1", **control: Callable[..., Any]
                 ) -> None:
        self.name = name
        self.address = ""
        # Streams are refused with it.
        self.refusal: tuple[grpc.StatusCode, str] | None = None
        # Whether a registration is answered.
        self.answers = True
        self.attempts = 0
        self.tokens: list[Any] = []
        self._hosts: asyncio.Queue[AttachedHost] = asyncio.Queue()
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers((
            grpc.method_handlers_generic_handler("aerie.v1.ChannelHost", {
                "Attach": grpc.stream_stream_rpc_method_handler(
                    self._attach, pb.AttachRequest.FromString,
                    pb.AttachResponse.SerializeToString)}),
            grpc.method_handlers_generic_handler("aerie.v1.Control", {
                name: _method(name, answer)
                for name, answer in control.items()}),
        ))

    async def start(self, credentials: grpc.ServerCredentials | None = None
                    ) -> "FakeBroker":
        listen = "127.0.0.1:0"
        port = (self._server.add_secure_port(listen, credentials)
                if credentials else self._server.add_insecure_port(listen))
        self.address = f"127.0.0.1:{port}"
        await self._server.start()
        return self

    async def stop(self) -> None:
        await self._server.stop(None)

    async def host(self) -> "AttachedHost":
        """The next host that has attached."""
        return await asyncio.wait_for(self._hosts.get(), 10)

    async def _attach(self, requests: Any, context: Any) -> None:
        self.attempts += 1
        self.tokens += [value for name, value in context.invocation_metadata()
                        if name == "authorization"]
        if self.refusal:
            await context.abort(*self.refusal)
        host = AttachedHost(context)
        reader = asyncio.create_task(host.read(requests))
        host.registration = await host.next("registration")
        if self.answers:
            host.send(0, attached=pb.ChannelFrame.Attached(
                major=1, broker=self.name, version="test", capacity=1024,
                payload_bytes_max=10_000, join_deadline_ms=9_000))
            self._hosts.put_nowait(host)
        try:
            while (response := await host.outgoing.get()) is not None:
                await context.write(response)
            if host.failure:
                await context.abort(*host.failure)
        finally:
            reader.cancel()
            host.ended.set()


def _method(name: str, answer: Callable[..., Any]) -> Any:
    if name == "BroadcastStream":
        return grpc.stream_stream_rpc_method_handler(
            answer, control_pb2.BroadcastStreamRequest.FromString, _bytes)
    if name == "Watch":
        return grpc.unary_stream_rpc_method_handler(
            answer, control_pb2.WatchRequest.FromString, _bytes)
    return grpc.unary_unary_rpc_method_handler(
        answer, _CONTROL[name].FromString, _bytes)


def _bytes(message: Any) -> Any:
    return message.SerializeToString()


class AttachedHost:
    """A host's stream, seen from the broker."""

    registration: pb.HostFrame.Registration
    # The host itself, where a test needs it.
    test_host: Any = None

    def __init__(self, context: Any) -> None:
        self.context = context
        self.messages = 0
        self.outgoing: asyncio.Queue[pb.AttachResponse | None] = asyncio.Queue()
        self.failure: tuple[grpc.StatusCode, str] | None = None
        self.ended = asyncio.Event()
        self._frames: asyncio.Queue[pb.HostFrame] = asyncio.Queue()

    async def read(self, requests: Any) -> None:
        async for request in requests:
            self.messages += 1
            for frame in request.frames:
                self._frames.put_nowait(frame)
        self.outgoing.put_nowait(None)

    def send(self, channel: int, **frame: Any) -> None:
        self.outgoing.put_nowait(pb.AttachResponse(
            frames=[pb.ChannelFrame(channel=channel, **frame)]))

    def end(self, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE,
            details: str = "gone") -> None:
        self.failure = (code, details)
        self.outgoing.put_nowait(None)

    async def next_frame(self) -> pb.HostFrame:
        return await asyncio.wait_for(self._frames.get(), 10)

    async def next(self, kind: str) -> Any:
        """The next frame, which must be of a kind."""
        frame = await self.next_frame()
        assert frame.WhichOneof("frame") == kind, frame
        return getattr(frame, kind)

    async def kinds(self, count: int) -> list[str | None]:
        """The kinds of the next frames, in order."""
        return [(await self.next_frame()).WhichOneof("frame")
                for _ in range(count)]

    def join(self, channel: int, params: Any = None) -> None:
        self.send(channel, join=pb.ChannelFrame.Join(
            topic="room:1", pattern="room:*", socket=SOCKET,
            payload=payload(params)))

    async def joined(self, channel: int, params: Any = None) -> None:
        """Joins, and expects that it succeeds."""
        self.join(channel, params)
        assert (await self.next("join_reply")).ok

    def event(self, channel: int, event: str, value: Any = None,
              ref: bytes = b'"7"') -> None:
        self.send(channel, handle_in=pb.ChannelFrame.HandleIn(
            event=event, payload=payload(value), ref=ref))

    def terminate(self, channel: int, reason: Any, event_id: str = "e-1",
                  redelivered: bool = False, assigns: str = "{}") -> None:
        self.send(channel, terminate=pb.ChannelFrame.Terminate(
            reason=reason, event_id=event_id, topic="room:1", assigns=assigns,
            socket=SOCKET, pattern="room:*", redelivered=redelivered))
