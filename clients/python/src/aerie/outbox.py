"""What a host has to say, on its way into the stream."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from aerie.v1 import channel_host_pb2 as pb

_BATCH_BYTES_MAX = 1 << 20
_OUTBOX_BYTES_MAX = 64 << 20


class Outbox:
    """Frames in order. What queues during a turn, or while a write is in
    flight, travels as one message."""

    def __init__(self, overflow: Callable[[], None]) -> None:
        self._overflow = overflow
        self._queue: deque[tuple[pb.HostFrame, int]] = deque()
        self._bytes = 0
        self._done = 0
        self._closed = False
        self._filled = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def push(self, frame: pb.HostFrame) -> None:
        """Calls `overflow` when the broker does not read."""
        if self._closed:
            return
        size = frame.ByteSize()
        self._queue.append((frame, size))
        self._bytes += size
        if self._bytes > _OUTBOX_BYTES_MAX:
            self.close()
            self._overflow()
        else:
            self._fill()

    def done(self) -> None:
        """A callback has been handled: counted, and told behind what is queued.
        """
        self._done += 1
        self._fill()

    def close(self) -> None:
        """Drops what has not been written."""
        self._closed = True
        self._queue.clear()
        self._bytes = 0
        self._empty.set()

    async def written(self) -> None:
        """Returns when all has been written, or dropped."""
        await self._empty.wait()

    async def write_all(
            self, write: Callable[[pb.AttachRequest], Awaitable[None]]) -> None:
        """Writes until the outbox is cancelled or `write` raises."""
        while True:
            await self._filled.wait()
            # What other callbacks of this turn have to say comes with it.
            await asyncio.sleep(0)
            while self._queue or self._done:
                await write(self._take())
            self._filled.clear()
            self._empty.set()

    def _fill(self) -> None:
        if not self._closed:
            self._filled.set()
            self._empty.clear()

    def _take(self) -> pb.AttachRequest:
        """At least one frame, and as many as fit."""
        request = pb.AttachRequest()
        taken = 0
        while self._queue and (
                taken == 0 or taken + self._queue[0][1] <= _BATCH_BYTES_MAX):
            frame, size = self._queue.popleft()
            request.frames.append(frame)
            taken += size
        self._bytes -= taken
        if self._done and not self._queue:
            request.frames.add(done=pb.HostFrame.Done(callbacks=self._done))
            self._done = 0
        return request
