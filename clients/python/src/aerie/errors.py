"""Errors of calls and streams, with the details of gRPC's rich error model."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

_CODES = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True)
class FieldViolation:
    """One field of a request that is wrong."""

    field: str
    description: str


class AerieError(Exception):
    """A call failed, or a stream ended."""

    def __init__(self, code: grpc.StatusCode, message: str,
                 details: status_pb2.Status | None = None) -> None:
        super().__init__(f"{code.name}: {message}")
        self.code = code
        self.message = message
        # The kind of error, of the domain `aerie` (`TOPIC_TOO_LONG`).
        self.reason: str | None = None
        # Which fields of the request are wrong, and how.
        self.fields: list[FieldViolation] = []
        # Seconds to wait before another attempt, when the broker said so.
        self.retry_after: float | None = None
        for packed in details.details if details else ():
            self._unpack(packed)

    def _unpack(self, packed: Any) -> None:
        info = error_details_pb2.ErrorInfo()
        request = error_details_pb2.BadRequest()
        retry = error_details_pb2.RetryInfo()
        if packed.Unpack(info):
            self.reason = info.reason
        elif packed.Unpack(request):
            self.fields += [FieldViolation(each.field, each.description)
                            for each in request.field_violations]
        elif packed.Unpack(retry):
            self.retry_after = retry.retry_delay.ToNanoseconds() / 1e9

    @classmethod
    def from_status(cls, status: status_pb2.Status) -> "AerieError":
        code = _CODES.get(status.code, grpc.StatusCode.UNKNOWN)
        return cls(code, status.message, status)

    @classmethod
    def from_grpc(cls, failed: grpc.aio.AioRpcError) -> "AerieError":
        return cls(failed.code(), failed.details() or "",
                   _details(failed.trailing_metadata()))


class UsageError(Exception):
    """What a caller did against the rules of a channel."""


def _details(metadata: Iterable[Any] | None) -> status_pb2.Status | None:
    for name, value in metadata or ():
        if name == "grpc-status-details-bin":
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                return None  # Not ours; code and message are enough.
    return None
