"""Tasks that run one after the other. Phoenix: a process' mailbox."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

_Task = Callable[[], Awaitable[None]]


class Mailbox:
    """Lives on one event loop. Its tasks must not raise."""

    def __init__(self) -> None:
        self._tasks: deque[_Task] = deque()
        self._running: asyncio.Task[None] | None = None

    def post(self, task: _Task) -> None:
        self._tasks.append(task)
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    async def idle(self) -> None:
        """Returns when nothing is left."""
        while self._running is not None:
            await asyncio.shield(self._running)

    async def _run(self) -> None:
        try:
            while self._tasks:
                await self._tasks.popleft()()
        finally:
            self._running = None
