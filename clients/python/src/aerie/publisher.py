"""Many broadcasts over one stream."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import status_pb2

from aerie.errors import AerieError
from aerie.payload import payload_bytes
from aerie.v1 import control_pb2 as pb

_CREDIT = 4_096
_BATCH_BYTES_MAX = 1 << 20


@dataclass(frozen=True)
class _Pending:
    request: pb.BroadcastRequest
    result: "asyncio.Future[None]"


class Publisher:
    """Broadcasts, in order per topic, as fast as the broker takes them.

    When the stream breaks, what is unacknowledged fails: it may or may not have
    been sent.
    """

    def __init__(self, call: Any) -> None:
        self._call = call
        # Behind the window, and in it: _sent[0] is _acknowledged + 1.
        self._waiting: deque[_Pending] = deque()
        self._sent: deque[_Pending] = deque()
        self._acknowledged = 0
        self._credit = _CREDIT
        # Told, but not acknowledged yet.
        self._failures: dict[int, status_pb2.Status] = {}
        # How many broadcasts the broker knew by their idempotency keys.
        self.duplicates = 0
        self._closing = False
        self._error: AerieError | None = None
        self._wake = asyncio.Event()
        self._reader = asyncio.create_task(self._read())
        self._writer = asyncio.create_task(self._write())

    def publish(self, request: pb.BroadcastRequest) -> "asyncio.Future[None]":
        """Done when it is acknowledged; fails when it was not sent."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[None] = loop.create_future()
        if self._error or self._closing:
            result.set_exception(self._error or _closed())
        else:
            self._waiting.append(_Pending(request, result))
            self._wake.set()
        return result

    async def close(self) -> None:
        """Returns when everything is acknowledged and the stream has ended."""
        self._closing = True
        self._wake.set()
        await self._reader
        await asyncio.gather(self._writer, return_exceptions=True)

    async def _write(self) -> None:
        while not (self._closing and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            # What is published in one turn travels together.
            await asyncio.sleep(0)
            while self._waiting and len(self._sent) < self._credit:
                await self._call.write(self._batch())
        await self._call.done_writing()

    def _batch(self) -> pb.BroadcastStreamRequest:
        """At least one, and as many as fit into a message."""
        batch = pb.BroadcastStreamRequest(
            first_sequence=self._acknowledged + len(self._sent) + 1)
        taken = 0
        while self._waiting and len(self._sent) < self._credit:
            request = self._waiting[0].request
            taken += payload_bytes(request.payload) + len(request.topic)
            if batch.broadcasts and taken > _BATCH_BYTES_MAX:
                break
            batch.broadcasts.append(request)
            self._sent.append(self._waiting.popleft())
        return batch

    async def _read(self) -> None:
        failure = _closed()
        try:
            while (response := await self._call.read()) is not grpc.aio.EOF:
                self._acknowledge(response)
        except grpc.aio.AioRpcError:
            pass  # The status tells.
        try:
            code = await self._call.code()
            if code is not grpc.StatusCode.OK:
                failure = AerieError(code, await self._call.details() or "")
        finally:
            self._fail(failure)

    def _acknowledge(self, response: pb.BroadcastStreamResponse) -> None:
        for failed in response.failures:
            self._failures[failed.sequence] = failed.status
        while self._acknowledged < response.acknowledged and self._sent:
            self._acknowledged += 1
            result = self._sent.popleft().result
            status = self._failures.pop(self._acknowledged, None)
            if result.done():  # Its caller has gone.
                continue
            if status is None:
                result.set_result(None)
            else:
                result.set_exception(AerieError.from_status(status))
        self.duplicates += response.duplicates
        self._credit = response.credit
        self._wake.set()

    def _fail(self, error: AerieError) -> None:
        self._error = error
        self._writer.cancel()
        for pending in (*self._sent, *self._waiting):
            if not pending.result.done():
                pending.result.set_exception(error)
        self._sent.clear()
        self._waiting.clear()


def _closed() -> AerieError:
    return AerieError(grpc.StatusCode.CANCELLED, "the publisher is closed")
