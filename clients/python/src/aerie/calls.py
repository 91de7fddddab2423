"""Calls with deadlines, tried again where that is safe."""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from aerie.backoff import pause_s
from aerie.connection import Connection
from aerie.errors import AerieError

_SERVICE = "/aerie.v1.Control/"
_TIMEOUT_S = 5.0
_ATTEMPTS_MAX = 3

_Response = TypeVar("_Response", bound=Message)


class Calls:
    """Makes calls of Control over a connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def unary(self, method: str, request: Message,
                    response: type[_Response], *, repeatable: bool,
                    timeout: float | None) -> _Response:
        """One answer. If `repeatable`, UNAVAILABLE is tried again elsewhere."""
        timeout = _TIMEOUT_S if timeout is None else timeout
        deadline = time.monotonic() + timeout
        attempt = 1
        while True:
            address = self.connection.address
            try:
                return await self._once(method, request, response, deadline)
            except grpc.aio.AioRpcError as failed:
                if failed.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise AerieError.from_grpc(failed) from None
                self.connection.turn(address)
                wait = pause_s(attempt)
                if (not repeatable or attempt == _ATTEMPTS_MAX
                        or time.monotonic() + wait >= deadline):
                    raise AerieError.from_grpc(failed) from None
            await asyncio.sleep(wait)
            attempt += 1

    async def server_stream(self, method: str, request: Message,
                            response: type[_Response]
                            ) -> AsyncGenerator[_Response, None]:
        call = self.connection.channel.unary_stream(
            _SERVICE + method,
            request_serializer=type(request).SerializeToString,
            response_deserializer=response.FromString)(
                request, metadata=await self.connection.metadata())
        try:
            async for each in call:
                yield each
        except grpc.aio.AioRpcError as failed:
            raise AerieError.from_grpc(failed) from None
        finally:
            call.cancel()

    async def duplex_stream(self, method: str, request: type[Message],
                            response: type[Message]) -> Any:
        return self.connection.channel.stream_stream(
            _SERVICE + method,
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString)(
                metadata=await self.connection.metadata())

    async def _once(self, method: str, request: Message,
                    response: type[_Response], deadline: float) -> _Response:
        call: Any = self.connection.channel.unary_unary(
            _SERVICE + method,
            request_serializer=type(request).SerializeToString,
            response_deserializer=response.FromString)
        answer: _Response = await call(
            request, metadata=await self.connection.metadata(),
            timeout=max(0.0, deadline - time.monotonic()))
        return answer
