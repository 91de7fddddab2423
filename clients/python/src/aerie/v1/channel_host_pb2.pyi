from aerie.v1 import payload_pb2 as _payload_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AttachRequest(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[HostFrame]
    def __init__(self, frames: _Optional[_Iterable[_Union[HostFrame, _Mapping]]] = ...) -> None: ...

class AttachResponse(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[ChannelFrame]
    def __init__(self, frames: _Optional[_Iterable[_Union[ChannelFrame, _Mapping]]] = ...) -> None: ...

class ChannelFrame(_message.Message):
    __slots__ = ("channel", "attached", "join", "handle_in", "handle_out", "handle_info", "terminate", "connect", "draining", "drained")
    class Attached(_message.Message):
        __slots__ = ("major", "minor", "broker", "version", "capacity", "payload_bytes_max", "join_deadline_ms")
        MAJOR_FIELD_NUMBER: _ClassVar[int]
        MINOR_FIELD_NUMBER: _ClassVar[int]
        BROKER_FIELD_NUMBER: _ClassVar[int]
        VERSION_FIELD_NUMBER: _ClassVar[int]
        CAPACITY_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_BYTES_MAX_FIELD_NUMBER: _ClassVar[int]
        JOIN_DEADLINE_MS_FIELD_NUMBER: _ClassVar[int]
        major: int
        minor: int
        broker: str
        version: str
        capacity: int
        payload_bytes_max: int
        join_deadline_ms: int
        def __init__(self, major: _Optional[int] = ..., minor: _Optional[int] = ..., broker: _Optional[str] = ..., version: _Optional[str] = ..., capacity: _Optional[int] = ..., payload_bytes_max: _Optional[int] = ..., join_deadline_ms: _Optional[int] = ...) -> None: ...
    class Join(_message.Message):
        __slots__ = ("topic", "payload", "socket", "pattern")
        TOPIC_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        SOCKET_FIELD_NUMBER: _ClassVar[int]
        PATTERN_FIELD_NUMBER: _ClassVar[int]
        topic: str
        payload: _payload_pb2.Payload
        socket: _payload_pb2.SocketInfo
        pattern: str
        def __init__(self, topic: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., socket: _Optional[_Union[_payload_pb2.SocketInfo, _Mapping]] = ..., pattern: _Optional[str] = ...) -> None: ...
    class HandleIn(_message.Message):
        __slots__ = ("event", "payload", "ref")
        EVENT_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        REF_FIELD_NUMBER: _ClassVar[int]
        event: str
        payload: _payload_pb2.Payload
        ref: bytes
        def __init__(self, event: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., ref: _Optional[bytes] = ...) -> None: ...
    class HandleOut(_message.Message):
        __slots__ = ("event", "payload")
        EVENT_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        event: str
        payload: _payload_pb2.Payload
        def __init__(self, event: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ...) -> None: ...
    class HandleInfo(_message.Message):
        __slots__ = ("event", "payload")
        EVENT_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        event: str
        payload: _payload_pb2.Payload
        def __init__(self, event: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ...) -> None: ...
    class Terminate(_message.Message):
        __slots__ = ("reason", "event_id", "topic", "assigns", "socket", "pattern", "redelivered")
        REASON_FIELD_NUMBER: _ClassVar[int]
        EVENT_ID_FIELD_NUMBER: _ClassVar[int]
        TOPIC_FIELD_NUMBER: _ClassVar[int]
        ASSIGNS_FIELD_NUMBER: _ClassVar[int]
        SOCKET_FIELD_NUMBER: _ClassVar[int]
        PATTERN_FIELD_NUMBER: _ClassVar[int]
        REDELIVERED_FIELD_NUMBER: _ClassVar[int]
        reason: _payload_pb2.ExitReason
        event_id: str
        topic: str
        assigns: str
        socket: _payload_pb2.SocketInfo
        pattern: str
        redelivered: bool
        def __init__(self, reason: _Optional[_Union[_payload_pb2.ExitReason, str]] = ..., event_id: _Optional[str] = ..., topic: _Optional[str] = ..., assigns: _Optional[str] = ..., socket: _Optional[_Union[_payload_pb2.SocketInfo, _Mapping]] = ..., pattern: _Optional[str] = ..., redelivered: bool = ...) -> None: ...
    class Connect(_message.Message):
        __slots__ = ("id", "mount", "params", "headers", "peer", "uri", "token")
        ID_FIELD_NUMBER: _ClassVar[int]
        MOUNT_FIELD_NUMBER: _ClassVar[int]
        PARAMS_FIELD_NUMBER: _ClassVar[int]
        HEADERS_FIELD_NUMBER: _ClassVar[int]
        PEER_FIELD_NUMBER: _ClassVar[int]
        URI_FIELD_NUMBER: _ClassVar[int]
        TOKEN_FIELD_NUMBER: _ClassVar[int]
        id: int
        mount: str
        params: _containers.RepeatedCompositeFieldContainer[NameValue]
        headers: _containers.RepeatedCompositeFieldContainer[NameValue]
        peer: str
        uri: str
        token: bytes
        def __init__(self, id: _Optional[int] = ..., mount: _Optional[str] = ..., params: _Optional[_Iterable[_Union[NameValue, _Mapping]]] = ..., headers: _Optional[_Iterable[_Union[NameValue, _Mapping]]] = ..., peer: _Optional[str] = ..., uri: _Optional[str] = ..., token: _Optional[bytes] = ...) -> None: ...
    class Draining(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    class Drained(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ATTACHED_FIELD_NUMBER: _ClassVar[int]
    JOIN_FIELD_NUMBER: _ClassVar[int]
    HANDLE_IN_FIELD_NUMBER: _ClassVar[int]
    HANDLE_OUT_FIELD_NUMBER: _ClassVar[int]
    HANDLE_INFO_FIELD_NUMBER: _ClassVar[int]
    TERMINATE_FIELD_NUMBER: _ClassVar[int]
    CONNECT_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    DRAINED_FIELD_NUMBER: _ClassVar[int]
    channel: int
    attached: ChannelFrame.Attached
    join: ChannelFrame.Join
    handle_in: ChannelFrame.HandleIn
    handle_out: ChannelFrame.HandleOut
    handle_info: ChannelFrame.HandleInfo
    terminate: ChannelFrame.Terminate
    connect: ChannelFrame.Connect
    draining: ChannelFrame.Draining
    drained: ChannelFrame.Drained
    def __init__(self, channel: _Optional[int] = ..., attached: _Optional[_Union[ChannelFrame.Attached, _Mapping]] = ..., join: _Optional[_Union[ChannelFrame.Join, _Mapping]] = ..., handle_in: _Optional[_Union[ChannelFrame.HandleIn, _Mapping]] = ..., handle_out: _Optional[_Union[ChannelFrame.HandleOut, _Mapping]] = ..., handle_info: _Optional[_Union[ChannelFrame.HandleInfo, _Mapping]] = ..., terminate: _Optional[_Union[ChannelFrame.Terminate, _Mapping]] = ..., connect: _Optional[_Union[ChannelFrame.Connect, _Mapping]] = ..., draining: _Optional[_Union[ChannelFrame.Draining, _Mapping]] = ..., drained: _Optional[_Union[ChannelFrame.Drained, _Mapping]] = ...) -> None: ...

class NameValue(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class HostFrame(_message.Message):
    __slots__ = ("channel", "registration", "join_reply", "reply", "push", "broadcast", "stop", "left", "terminated", "set_assigns", "done", "send", "disconnect", "connect_reply", "drain")
    class Registration(_message.Message):
        __slots__ = ("major", "minor", "name", "instance", "version", "patterns", "capacity", "connect")
        MAJOR_FIELD_NUMBER: _ClassVar[int]
        MINOR_FIELD_NUMBER: _ClassVar[int]
        NAME_FIELD_NUMBER: _ClassVar[int]
        INSTANCE_FIELD_NUMBER: _ClassVar[int]
        VERSION_FIELD_NUMBER: _ClassVar[int]
        PATTERNS_FIELD_NUMBER: _ClassVar[int]
        CAPACITY_FIELD_NUMBER: _ClassVar[int]
        CONNECT_FIELD_NUMBER: _ClassVar[int]
        major: int
        minor: int
        name: str
        instance: str
        version: str
        patterns: _containers.RepeatedCompositeFieldContainer[HostFrame.Pattern]
        capacity: int
        connect: bool
        def __init__(self, major: _Optional[int] = ..., minor: _Optional[int] = ..., name: _Optional[str] = ..., instance: _Optional[str] = ..., version: _Optional[str] = ..., patterns: _Optional[_Iterable[_Union[HostFrame.Pattern, _Mapping]]] = ..., capacity: _Optional[int] = ..., connect: bool = ...) -> None: ...
    class Pattern(_message.Message):
        __slots__ = ("pattern", "intercepts", "spread")
        class Spread(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            SPREAD_UNSPECIFIED: _ClassVar[HostFrame.Pattern.Spread]
            SPREAD_TOPIC: _ClassVar[HostFrame.Pattern.Spread]
            SPREAD_SOCKET: _ClassVar[HostFrame.Pattern.Spread]
            SPREAD_LEAST_LOADED: _ClassVar[HostFrame.Pattern.Spread]
        SPREAD_UNSPECIFIED: HostFrame.Pattern.Spread
        SPREAD_TOPIC: HostFrame.Pattern.Spread
        SPREAD_SOCKET: HostFrame.Pattern.Spread
        SPREAD_LEAST_LOADED: HostFrame.Pattern.Spread
        PATTERN_FIELD_NUMBER: _ClassVar[int]
        INTERCEPTS_FIELD_NUMBER: _ClassVar[int]
        SPREAD_FIELD_NUMBER: _ClassVar[int]
        pattern: str
        intercepts: _containers.RepeatedScalarFieldContainer[str]
        spread: HostFrame.Pattern.Spread
        def __init__(self, pattern: _Optional[str] = ..., intercepts: _Optional[_Iterable[str]] = ..., spread: _Optional[_Union[HostFrame.Pattern.Spread, str]] = ...) -> None: ...
    class JoinReply(_message.Message):
        __slots__ = ("ok", "payload", "assigns", "intercepts", "crashed")
        OK_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        ASSIGNS_FIELD_NUMBER: _ClassVar[int]
        INTERCEPTS_FIELD_NUMBER: _ClassVar[int]
        CRASHED_FIELD_NUMBER: _ClassVar[int]
        ok: bool
        payload: _payload_pb2.Payload
        assigns: str
        intercepts: _containers.RepeatedScalarFieldContainer[str]
        crashed: bool
        def __init__(self, ok: bool = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., assigns: _Optional[str] = ..., intercepts: _Optional[_Iterable[str]] = ..., crashed: bool = ...) -> None: ...
    class Reply(_message.Message):
        __slots__ = ("ref", "status", "payload")
        REF_FIELD_NUMBER: _ClassVar[int]
        STATUS_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        ref: bytes
        status: str
        payload: _payload_pb2.Payload
        def __init__(self, ref: _Optional[bytes] = ..., status: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ...) -> None: ...
    class Push(_message.Message):
        __slots__ = ("event", "payload")
        EVENT_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        event: str
        payload: _payload_pb2.Payload
        def __init__(self, event: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ...) -> None: ...
    class Broadcast(_message.Message):
        __slots__ = ("event", "payload", "except_self", "topic")
        EVENT_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        EXCEPT_SELF_FIELD_NUMBER: _ClassVar[int]
        TOPIC_FIELD_NUMBER: _ClassVar[int]
        event: str
        payload: _payload_pb2.Payload
        except_self: bool
        topic: str
        def __init__(self, event: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., except_self: bool = ..., topic: _Optional[str] = ...) -> None: ...
    class Stop(_message.Message):
        __slots__ = ("reason", "reply")
        REASON_FIELD_NUMBER: _ClassVar[int]
        REPLY_FIELD_NUMBER: _ClassVar[int]
        reason: _payload_pb2.ExitReason
        reply: HostFrame.Reply
        def __init__(self, reason: _Optional[_Union[_payload_pb2.ExitReason, str]] = ..., reply: _Optional[_Union[HostFrame.Reply, _Mapping]] = ...) -> None: ...
    class Left(_message.Message):
        __slots__ = ()
        def __init__(self) -> None: ...
    class Terminated(_message.Message):
        __slots__ = ("event_id",)
        EVENT_ID_FIELD_NUMBER: _ClassVar[int]
        event_id: str
        def __init__(self, event_id: _Optional[str] = ...) -> None: ...
    class SetAssigns(_message.Message):
        __slots__ = ("assigns",)
        ASSIGNS_FIELD_NUMBER: _ClassVar[int]
        assigns: str
        def __init__(self, assigns: _Optional[str] = ...) -> None: ...
    class Done(_message.Message):
        __slots__ = ("callbacks",)
        CALLBACKS_FIELD_NUMBER: _ClassVar[int]
        callbacks: int
        def __init__(self, callbacks: _Optional[int] = ...) -> None: ...
    class Send(_message.Message):
        __slots__ = ("to", "event", "payload")
        TO_FIELD_NUMBER: _ClassVar[int]
        EVENT_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        to: int
        event: str
        payload: _payload_pb2.Payload
        def __init__(self, to: _Optional[int] = ..., event: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ...) -> None: ...
    class Disconnect(_message.Message):
        __slots__ = ("socket_id",)
        SOCKET_ID_FIELD_NUMBER: _ClassVar[int]
        socket_id: str
        def __init__(self, socket_id: _Optional[str] = ...) -> None: ...
    class ConnectReply(_message.Message):
        __slots__ = ("id", "ok", "socket_id", "assigns", "status", "reason")
        ID_FIELD_NUMBER: _ClassVar[int]
        OK_FIELD_NUMBER: _ClassVar[int]
        SOCKET_ID_FIELD_NUMBER: _ClassVar[int]
        ASSIGNS_FIELD_NUMBER: _ClassVar[int]
        STATUS_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        id: int
        ok: bool
        socket_id: str
        assigns: str
        status: int
        reason: str
        def __init__(self, id: _Optional[int] = ..., ok: bool = ..., socket_id: _Optional[str] = ..., assigns: _Optional[str] = ..., status: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...
    class Drain(_message.Message):
        __slots__ = ("window_ms",)
        WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
        window_ms: int
        def __init__(self, window_ms: _Optional[int] = ...) -> None: ...
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REGISTRATION_FIELD_NUMBER: _ClassVar[int]
    JOIN_REPLY_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    PUSH_FIELD_NUMBER: _ClassVar[int]
    BROADCAST_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    TERMINATED_FIELD_NUMBER: _ClassVar[int]
    SET_ASSIGNS_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    SEND_FIELD_NUMBER: _ClassVar[int]
    DISCONNECT_FIELD_NUMBER: _ClassVar[int]
    CONNECT_REPLY_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    channel: int
    registration: HostFrame.Registration
    join_reply: HostFrame.JoinReply
    reply: HostFrame.Reply
    push: HostFrame.Push
    broadcast: HostFrame.Broadcast
    stop: HostFrame.Stop
    left: HostFrame.Left
    terminated: HostFrame.Terminated
    set_assigns: HostFrame.SetAssigns
    done: HostFrame.Done
    send: HostFrame.Send
    disconnect: HostFrame.Disconnect
    connect_reply: HostFrame.ConnectReply
    drain: HostFrame.Drain
    def __init__(self, channel: _Optional[int] = ..., registration: _Optional[_Union[HostFrame.Registration, _Mapping]] = ..., join_reply: _Optional[_Union[HostFrame.JoinReply, _Mapping]] = ..., reply: _Optional[_Union[HostFrame.Reply, _Mapping]] = ..., push: _Optional[_Union[HostFrame.Push, _Mapping]] = ..., broadcast: _Optional[_Union[HostFrame.Broadcast, _Mapping]] = ..., stop: _Optional[_Union[HostFrame.Stop, _Mapping]] = ..., left: _Optional[_Union[HostFrame.Left, _Mapping]] = ..., terminated: _Optional[_Union[HostFrame.Terminated, _Mapping]] = ..., set_assigns: _Optional[_Union[HostFrame.SetAssigns, _Mapping]] = ..., done: _Optional[_Union[HostFrame.Done, _Mapping]] = ..., send: _Optional[_Union[HostFrame.Send, _Mapping]] = ..., disconnect: _Optional[_Union[HostFrame.Disconnect, _Mapping]] = ..., connect_reply: _Optional[_Union[HostFrame.ConnectReply, _Mapping]] = ..., drain: _Optional[_Union[HostFrame.Drain, _Mapping]] = ...) -> None: ...
