from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Dialect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DIALECT_UNSPECIFIED: _ClassVar[Dialect]
    DIALECT_FOUNDING: _ClassVar[Dialect]
    DIALECT_V1: _ClassVar[Dialect]
    DIALECT_V2: _ClassVar[Dialect]
    DIALECT_BRIDGE: _ClassVar[Dialect]

class Transport(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSPORT_UNSPECIFIED: _ClassVar[Transport]
    TRANSPORT_WEBSOCKET: _ClassVar[Transport]
    TRANSPORT_LONG_POLL: _ClassVar[Transport]
DIALECT_UNSPECIFIED: Dialect
DIALECT_FOUNDING: Dialect
DIALECT_V1: Dialect
DIALECT_V2: Dialect
DIALECT_BRIDGE: Dialect
TRANSPORT_UNSPECIFIED: Transport
TRANSPORT_WEBSOCKET: Transport
TRANSPORT_LONG_POLL: Transport

class Message(_message.Message):
    __slots__ = ("kind", "topic", "event", "json", "binary", "ref", "join_ref", "status", "exit", "announced", "topic_is_json", "event_is_json")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_CLIENT: _ClassVar[Message.Kind]
        KIND_JOIN_REPLY: _ClassVar[Message.Kind]
        KIND_JOIN_CRASHED: _ClassVar[Message.Kind]
        KIND_TOPIC_LIMIT: _ClassVar[Message.Kind]
        KIND_UNAVAILABLE: _ClassVar[Message.Kind]
        KIND_UNMATCHED: _ClassVar[Message.Kind]
        KIND_REPLY: _ClassVar[Message.Kind]
        KIND_LEAVE_REPLY: _ClassVar[Message.Kind]
        KIND_LEAVE_UNJOINED: _ClassVar[Message.Kind]
        KIND_PUSH: _ClassVar[Message.Kind]
        KIND_BROADCAST: _ClassVar[Message.Kind]
        KIND_EXIT: _ClassVar[Message.Kind]
        KIND_HEARTBEAT: _ClassVar[Message.Kind]
    KIND_CLIENT: Message.Kind
    KIND_JOIN_REPLY: Message.Kind
    KIND_JOIN_CRASHED: Message.Kind
    KIND_TOPIC_LIMIT: Message.Kind
    KIND_UNAVAILABLE: Message.Kind
    KIND_UNMATCHED: Message.Kind
    KIND_REPLY: Message.Kind
    KIND_LEAVE_REPLY: Message.Kind
    KIND_LEAVE_UNJOINED: Message.Kind
    KIND_PUSH: Message.Kind
    KIND_BROADCAST: Message.Kind
    KIND_EXIT: Message.Kind
    KIND_HEARTBEAT: Message.Kind
    class ExitClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        EXIT_CLASS_GRACEFUL: _ClassVar[Message.ExitClass]
        EXIT_CLASS_CRASH: _ClassVar[Message.ExitClass]
    EXIT_CLASS_GRACEFUL: Message.ExitClass
    EXIT_CLASS_CRASH: Message.ExitClass
    KIND_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    BINARY_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    JOIN_REF_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    EXIT_FIELD_NUMBER: _ClassVar[int]
    ANNOUNCED_FIELD_NUMBER: _ClassVar[int]
    TOPIC_IS_JSON_FIELD_NUMBER: _ClassVar[int]
    EVENT_IS_JSON_FIELD_NUMBER: _ClassVar[int]
    kind: Message.Kind
    topic: str
    event: str
    json: bytes
    binary: bytes
    ref: bytes
    join_ref: bytes
    status: str
    exit: Message.ExitClass
    announced: bool
    topic_is_json: bool
    event_is_json: bool
    def __init__(self, kind: _Optional[_Union[Message.Kind, str]] = ..., topic: _Optional[str] = ..., event: _Optional[str] = ..., json: _Optional[bytes] = ..., binary: _Optional[bytes] = ..., ref: _Optional[bytes] = ..., join_ref: _Optional[bytes] = ..., status: _Optional[str] = ..., exit: _Optional[_Union[Message.ExitClass, str]] = ..., announced: bool = ..., topic_is_json: bool = ..., event_is_json: bool = ...) -> None: ...
