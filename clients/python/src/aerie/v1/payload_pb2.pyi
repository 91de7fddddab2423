from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class ExitReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXIT_REASON_UNSPECIFIED: _ClassVar[ExitReason]
    EXIT_REASON_LEFT: _ClassVar[ExitReason]
    EXIT_REASON_CLOSED: _ClassVar[ExitReason]
    EXIT_REASON_EDGE_LOST: _ClassVar[ExitReason]
    EXIT_REASON_DUPLICATE_JOIN: _ClassVar[ExitReason]
    EXIT_REASON_STOP_NORMAL: _ClassVar[ExitReason]
    EXIT_REASON_STOP_SHUTDOWN: _ClassVar[ExitReason]
    EXIT_REASON_EXIT_NORMAL: _ClassVar[ExitReason]
    EXIT_REASON_HOST_LOST: _ClassVar[ExitReason]
    EXIT_REASON_KILLED: _ClassVar[ExitReason]
    EXIT_REASON_DRAINING: _ClassVar[ExitReason]
    EXIT_REASON_CRASH: _ClassVar[ExitReason]
EXIT_REASON_UNSPECIFIED: ExitReason
EXIT_REASON_LEFT: ExitReason
EXIT_REASON_CLOSED: ExitReason
EXIT_REASON_EDGE_LOST: ExitReason
EXIT_REASON_DUPLICATE_JOIN: ExitReason
EXIT_REASON_STOP_NORMAL: ExitReason
EXIT_REASON_STOP_SHUTDOWN: ExitReason
EXIT_REASON_EXIT_NORMAL: ExitReason
EXIT_REASON_HOST_LOST: ExitReason
EXIT_REASON_KILLED: ExitReason
EXIT_REASON_DRAINING: ExitReason
EXIT_REASON_CRASH: ExitReason

class Payload(_message.Message):
    __slots__ = ("json", "binary")
    JSON_FIELD_NUMBER: _ClassVar[int]
    BINARY_FIELD_NUMBER: _ClassVar[int]
    json: str
    binary: bytes
    def __init__(self, json: _Optional[str] = ..., binary: _Optional[bytes] = ...) -> None: ...

class SocketInfo(_message.Message):
    __slots__ = ("key", "socket_id", "assigns")
    KEY_FIELD_NUMBER: _ClassVar[int]
    SOCKET_ID_FIELD_NUMBER: _ClassVar[int]
    ASSIGNS_FIELD_NUMBER: _ClassVar[int]
    key: str
    socket_id: str
    assigns: str
    def __init__(self, key: _Optional[str] = ..., socket_id: _Optional[str] = ..., assigns: _Optional[str] = ...) -> None: ...
