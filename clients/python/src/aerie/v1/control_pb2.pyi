import datetime

from aerie.v1 import message_pb2 as _message_pb2
from aerie.v1 import payload_pb2 as _payload_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BroadcastRequest(_message.Message):
    __slots__ = ("topic", "event", "payload", "except_socket_ids", "idempotency_key")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    EXCEPT_SOCKET_IDS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    topic: str
    event: str
    payload: _payload_pb2.Payload
    except_socket_ids: _containers.RepeatedScalarFieldContainer[str]
    idempotency_key: str
    def __init__(self, topic: _Optional[str] = ..., event: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., except_socket_ids: _Optional[_Iterable[str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class BroadcastResponse(_message.Message):
    __slots__ = ("duplicate", "edges")
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    duplicate: bool
    edges: int
    def __init__(self, duplicate: bool = ..., edges: _Optional[int] = ...) -> None: ...

class BroadcastBatchRequest(_message.Message):
    __slots__ = ("broadcasts",)
    BROADCASTS_FIELD_NUMBER: _ClassVar[int]
    broadcasts: _containers.RepeatedCompositeFieldContainer[BroadcastRequest]
    def __init__(self, broadcasts: _Optional[_Iterable[_Union[BroadcastRequest, _Mapping]]] = ...) -> None: ...

class BroadcastBatchResponse(_message.Message):
    __slots__ = ("results",)
    class Result(_message.Message):
        __slots__ = ("status", "duplicate", "edges")
        STATUS_FIELD_NUMBER: _ClassVar[int]
        DUPLICATE_FIELD_NUMBER: _ClassVar[int]
        EDGES_FIELD_NUMBER: _ClassVar[int]
        status: _status_pb2.Status
        duplicate: bool
        edges: int
        def __init__(self, status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ..., duplicate: bool = ..., edges: _Optional[int] = ...) -> None: ...
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[BroadcastBatchResponse.Result]
    def __init__(self, results: _Optional[_Iterable[_Union[BroadcastBatchResponse.Result, _Mapping]]] = ...) -> None: ...

class BroadcastStreamRequest(_message.Message):
    __slots__ = ("first_sequence", "broadcasts")
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    BROADCASTS_FIELD_NUMBER: _ClassVar[int]
    first_sequence: int
    broadcasts: _containers.RepeatedCompositeFieldContainer[BroadcastRequest]
    def __init__(self, first_sequence: _Optional[int] = ..., broadcasts: _Optional[_Iterable[_Union[BroadcastRequest, _Mapping]]] = ...) -> None: ...

class BroadcastStreamResponse(_message.Message):
    __slots__ = ("acknowledged", "failures", "credit", "duplicates")
    class Failure(_message.Message):
        __slots__ = ("sequence", "status")
        SEQUENCE_FIELD_NUMBER: _ClassVar[int]
        STATUS_FIELD_NUMBER: _ClassVar[int]
        sequence: int
        status: _status_pb2.Status
        def __init__(self, sequence: _Optional[int] = ..., status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...
    ACKNOWLEDGED_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    acknowledged: int
    failures: _containers.RepeatedCompositeFieldContainer[BroadcastStreamResponse.Failure]
    credit: int
    duplicates: int
    def __init__(self, acknowledged: _Optional[int] = ..., failures: _Optional[_Iterable[_Union[BroadcastStreamResponse.Failure, _Mapping]]] = ..., credit: _Optional[int] = ..., duplicates: _Optional[int] = ...) -> None: ...

class ChannelSelector(_message.Message):
    __slots__ = ("channel", "socket_topic", "topic")
    class SocketTopic(_message.Message):
        __slots__ = ("socket_id", "topic")
        SOCKET_ID_FIELD_NUMBER: _ClassVar[int]
        TOPIC_FIELD_NUMBER: _ClassVar[int]
        socket_id: str
        topic: str
        def __init__(self, socket_id: _Optional[str] = ..., topic: _Optional[str] = ...) -> None: ...
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SOCKET_TOPIC_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    channel: int
    socket_topic: ChannelSelector.SocketTopic
    topic: str
    def __init__(self, channel: _Optional[int] = ..., socket_topic: _Optional[_Union[ChannelSelector.SocketTopic, _Mapping]] = ..., topic: _Optional[str] = ...) -> None: ...

class PushRequest(_message.Message):
    __slots__ = ("to", "event", "payload")
    TO_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    to: ChannelSelector
    event: str
    payload: _payload_pb2.Payload
    def __init__(self, to: _Optional[_Union[ChannelSelector, _Mapping]] = ..., event: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ...) -> None: ...

class PushResponse(_message.Message):
    __slots__ = ("channels",)
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    channels: int
    def __init__(self, channels: _Optional[int] = ...) -> None: ...

class DisconnectRequest(_message.Message):
    __slots__ = ("socket_id", "code")
    SOCKET_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    socket_id: str
    code: int
    def __init__(self, socket_id: _Optional[str] = ..., code: _Optional[int] = ...) -> None: ...

class DisconnectResponse(_message.Message):
    __slots__ = ("sockets",)
    SOCKETS_FIELD_NUMBER: _ClassVar[int]
    sockets: int
    def __init__(self, sockets: _Optional[int] = ...) -> None: ...

class CloseChannelRequest(_message.Message):
    __slots__ = ("channels", "reason")
    class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REASON_UNSPECIFIED: _ClassVar[CloseChannelRequest.Reason]
        REASON_RESTART: _ClassVar[CloseChannelRequest.Reason]
        REASON_SHUTDOWN: _ClassVar[CloseChannelRequest.Reason]
    REASON_UNSPECIFIED: CloseChannelRequest.Reason
    REASON_RESTART: CloseChannelRequest.Reason
    REASON_SHUTDOWN: CloseChannelRequest.Reason
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    channels: ChannelSelector
    reason: CloseChannelRequest.Reason
    def __init__(self, channels: _Optional[_Union[ChannelSelector, _Mapping]] = ..., reason: _Optional[_Union[CloseChannelRequest.Reason, str]] = ...) -> None: ...

class CloseChannelResponse(_message.Message):
    __slots__ = ("channels",)
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    channels: int
    def __init__(self, channels: _Optional[int] = ...) -> None: ...

class RenewTokenRequest(_message.Message):
    __slots__ = ("socket_key", "token", "mount")
    SOCKET_KEY_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    MOUNT_FIELD_NUMBER: _ClassVar[int]
    socket_key: str
    token: str
    mount: str
    def __init__(self, socket_key: _Optional[str] = ..., token: _Optional[str] = ..., mount: _Optional[str] = ...) -> None: ...

class RenewTokenResponse(_message.Message):
    __slots__ = ("expires",)
    EXPIRES_FIELD_NUMBER: _ClassVar[int]
    expires: _timestamp_pb2.Timestamp
    def __init__(self, expires: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListTopicsRequest(_message.Message):
    __slots__ = ("prefix", "page_size", "page_token")
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    prefix: str
    page_size: int
    page_token: str
    def __init__(self, prefix: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class TopicInfo(_message.Message):
    __slots__ = ("topic", "channels")
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    topic: str
    channels: int
    def __init__(self, topic: _Optional[str] = ..., channels: _Optional[int] = ...) -> None: ...

class ListTopicsResponse(_message.Message):
    __slots__ = ("topics", "next_page_token")
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    topics: _containers.RepeatedCompositeFieldContainer[TopicInfo]
    next_page_token: str
    def __init__(self, topics: _Optional[_Iterable[_Union[TopicInfo, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetTopicRequest(_message.Message):
    __slots__ = ("topic",)
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    topic: str
    def __init__(self, topic: _Optional[str] = ...) -> None: ...

class ChannelInfo(_message.Message):
    __slots__ = ("channel", "socket_key", "socket_id", "edge", "host")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SOCKET_KEY_FIELD_NUMBER: _ClassVar[int]
    SOCKET_ID_FIELD_NUMBER: _ClassVar[int]
    EDGE_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    channel: int
    socket_key: str
    socket_id: str
    edge: str
    host: str
    def __init__(self, channel: _Optional[int] = ..., socket_key: _Optional[str] = ..., socket_id: _Optional[str] = ..., edge: _Optional[str] = ..., host: _Optional[str] = ...) -> None: ...

class GetTopicResponse(_message.Message):
    __slots__ = ("topic", "channels", "edges", "hosts", "sample")
    class Share(_message.Message):
        __slots__ = ("name", "channels")
        NAME_FIELD_NUMBER: _ClassVar[int]
        CHANNELS_FIELD_NUMBER: _ClassVar[int]
        name: str
        channels: int
        def __init__(self, name: _Optional[str] = ..., channels: _Optional[int] = ...) -> None: ...
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    HOSTS_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    topic: str
    channels: int
    edges: _containers.RepeatedCompositeFieldContainer[GetTopicResponse.Share]
    hosts: _containers.RepeatedCompositeFieldContainer[GetTopicResponse.Share]
    sample: _containers.RepeatedCompositeFieldContainer[ChannelInfo]
    def __init__(self, topic: _Optional[str] = ..., channels: _Optional[int] = ..., edges: _Optional[_Iterable[_Union[GetTopicResponse.Share, _Mapping]]] = ..., hosts: _Optional[_Iterable[_Union[GetTopicResponse.Share, _Mapping]]] = ..., sample: _Optional[_Iterable[_Union[ChannelInfo, _Mapping]]] = ...) -> None: ...

class ListSocketsRequest(_message.Message):
    __slots__ = ("socket_id", "edge", "page_size", "page_token")
    SOCKET_ID_FIELD_NUMBER: _ClassVar[int]
    EDGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    socket_id: str
    edge: str
    page_size: int
    page_token: str
    def __init__(self, socket_id: _Optional[str] = ..., edge: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSocketsResponse(_message.Message):
    __slots__ = ("sockets", "next_page_token")
    SOCKETS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sockets: _containers.RepeatedCompositeFieldContainer[SocketDetails]
    next_page_token: str
    def __init__(self, sockets: _Optional[_Iterable[_Union[SocketDetails, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SocketDetails(_message.Message):
    __slots__ = ("socket", "edge", "transport", "dialect", "peer", "since", "topics_count", "topics", "edge_queued_bytes")
    SOCKET_FIELD_NUMBER: _ClassVar[int]
    EDGE_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_FIELD_NUMBER: _ClassVar[int]
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    TOPICS_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    EDGE_QUEUED_BYTES_FIELD_NUMBER: _ClassVar[int]
    socket: _payload_pb2.SocketInfo
    edge: str
    transport: _message_pb2.Transport
    dialect: _message_pb2.Dialect
    peer: str
    since: _timestamp_pb2.Timestamp
    topics_count: int
    topics: _containers.RepeatedScalarFieldContainer[str]
    edge_queued_bytes: int
    def __init__(self, socket: _Optional[_Union[_payload_pb2.SocketInfo, _Mapping]] = ..., edge: _Optional[str] = ..., transport: _Optional[_Union[_message_pb2.Transport, str]] = ..., dialect: _Optional[_Union[_message_pb2.Dialect, str]] = ..., peer: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., topics_count: _Optional[int] = ..., topics: _Optional[_Iterable[str]] = ..., edge_queued_bytes: _Optional[int] = ...) -> None: ...

class GetSocketRequest(_message.Message):
    __slots__ = ("key",)
    KEY_FIELD_NUMBER: _ClassVar[int]
    key: str
    def __init__(self, key: _Optional[str] = ...) -> None: ...

class GetSocketResponse(_message.Message):
    __slots__ = ("socket",)
    SOCKET_FIELD_NUMBER: _ClassVar[int]
    socket: SocketDetails
    def __init__(self, socket: _Optional[_Union[SocketDetails, _Mapping]] = ...) -> None: ...

class ClusterInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ClusterInfoResponse(_message.Message):
    __slots__ = ("brokers", "edges", "hosts")
    class Broker(_message.Message):
        __slots__ = ("name", "version", "uptime", "sockets", "channels", "topics")
        NAME_FIELD_NUMBER: _ClassVar[int]
        VERSION_FIELD_NUMBER: _ClassVar[int]
        UPTIME_FIELD_NUMBER: _ClassVar[int]
        SOCKETS_FIELD_NUMBER: _ClassVar[int]
        CHANNELS_FIELD_NUMBER: _ClassVar[int]
        TOPICS_FIELD_NUMBER: _ClassVar[int]
        name: str
        version: str
        uptime: _duration_pb2.Duration
        sockets: int
        channels: int
        topics: int
        def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., uptime: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., sockets: _Optional[int] = ..., channels: _Optional[int] = ..., topics: _Optional[int] = ...) -> None: ...
    class Edge(_message.Message):
        __slots__ = ("name", "version", "linked_for", "sockets", "queued_bytes")
        NAME_FIELD_NUMBER: _ClassVar[int]
        VERSION_FIELD_NUMBER: _ClassVar[int]
        LINKED_FOR_FIELD_NUMBER: _ClassVar[int]
        SOCKETS_FIELD_NUMBER: _ClassVar[int]
        QUEUED_BYTES_FIELD_NUMBER: _ClassVar[int]
        name: str
        version: str
        linked_for: _duration_pb2.Duration
        sockets: int
        queued_bytes: int
        def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., linked_for: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., sockets: _Optional[int] = ..., queued_bytes: _Optional[int] = ...) -> None: ...
    class Host(_message.Message):
        __slots__ = ("name", "instance", "version", "attached_for", "patterns", "channels", "in_flight", "draining")
        NAME_FIELD_NUMBER: _ClassVar[int]
        INSTANCE_FIELD_NUMBER: _ClassVar[int]
        VERSION_FIELD_NUMBER: _ClassVar[int]
        ATTACHED_FOR_FIELD_NUMBER: _ClassVar[int]
        PATTERNS_FIELD_NUMBER: _ClassVar[int]
        CHANNELS_FIELD_NUMBER: _ClassVar[int]
        IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
        DRAINING_FIELD_NUMBER: _ClassVar[int]
        name: str
        instance: str
        version: str
        attached_for: _duration_pb2.Duration
        patterns: _containers.RepeatedScalarFieldContainer[str]
        channels: int
        in_flight: int
        draining: bool
        def __init__(self, name: _Optional[str] = ..., instance: _Optional[str] = ..., version: _Optional[str] = ..., attached_for: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., patterns: _Optional[_Iterable[str]] = ..., channels: _Optional[int] = ..., in_flight: _Optional[int] = ..., draining: bool = ...) -> None: ...
    BROKERS_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    HOSTS_FIELD_NUMBER: _ClassVar[int]
    brokers: _containers.RepeatedCompositeFieldContainer[ClusterInfoResponse.Broker]
    edges: _containers.RepeatedCompositeFieldContainer[ClusterInfoResponse.Edge]
    hosts: _containers.RepeatedCompositeFieldContainer[ClusterInfoResponse.Host]
    def __init__(self, brokers: _Optional[_Iterable[_Union[ClusterInfoResponse.Broker, _Mapping]]] = ..., edges: _Optional[_Iterable[_Union[ClusterInfoResponse.Edge, _Mapping]]] = ..., hosts: _Optional[_Iterable[_Union[ClusterInfoResponse.Host, _Mapping]]] = ...) -> None: ...

class WatchRequest(_message.Message):
    __slots__ = ("channels", "sockets", "topics", "broadcasts", "prefix")
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    SOCKETS_FIELD_NUMBER: _ClassVar[int]
    TOPICS_FIELD_NUMBER: _ClassVar[int]
    BROADCASTS_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    channels: bool
    sockets: bool
    topics: bool
    broadcasts: _containers.RepeatedScalarFieldContainer[str]
    prefix: str
    def __init__(self, channels: bool = ..., sockets: bool = ..., topics: bool = ..., broadcasts: _Optional[_Iterable[str]] = ..., prefix: _Optional[str] = ...) -> None: ...

class WatchResponse(_message.Message):
    __slots__ = ("events",)
    class Event(_message.Message):
        __slots__ = ("kind", "time", "topic", "channel", "socket", "reason", "event", "payload", "lost")
        class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            KIND_UNSPECIFIED: _ClassVar[WatchResponse.Event.Kind]
            KIND_WATCHING: _ClassVar[WatchResponse.Event.Kind]
            KIND_JOINED: _ClassVar[WatchResponse.Event.Kind]
            KIND_LEFT: _ClassVar[WatchResponse.Event.Kind]
            KIND_CONNECTED: _ClassVar[WatchResponse.Event.Kind]
            KIND_DISCONNECTED: _ClassVar[WatchResponse.Event.Kind]
            KIND_OCCUPIED: _ClassVar[WatchResponse.Event.Kind]
            KIND_VACATED: _ClassVar[WatchResponse.Event.Kind]
            KIND_BROADCAST: _ClassVar[WatchResponse.Event.Kind]
            KIND_LOST: _ClassVar[WatchResponse.Event.Kind]
        KIND_UNSPECIFIED: WatchResponse.Event.Kind
        KIND_WATCHING: WatchResponse.Event.Kind
        KIND_JOINED: WatchResponse.Event.Kind
        KIND_LEFT: WatchResponse.Event.Kind
        KIND_CONNECTED: WatchResponse.Event.Kind
        KIND_DISCONNECTED: WatchResponse.Event.Kind
        KIND_OCCUPIED: WatchResponse.Event.Kind
        KIND_VACATED: WatchResponse.Event.Kind
        KIND_BROADCAST: WatchResponse.Event.Kind
        KIND_LOST: WatchResponse.Event.Kind
        KIND_FIELD_NUMBER: _ClassVar[int]
        TIME_FIELD_NUMBER: _ClassVar[int]
        TOPIC_FIELD_NUMBER: _ClassVar[int]
        CHANNEL_FIELD_NUMBER: _ClassVar[int]
        SOCKET_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        EVENT_FIELD_NUMBER: _ClassVar[int]
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        LOST_FIELD_NUMBER: _ClassVar[int]
        kind: WatchResponse.Event.Kind
        time: _timestamp_pb2.Timestamp
        topic: str
        channel: int
        socket: _payload_pb2.SocketInfo
        reason: _payload_pb2.ExitReason
        event: str
        payload: _payload_pb2.Payload
        lost: int
        def __init__(self, kind: _Optional[_Union[WatchResponse.Event.Kind, str]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., topic: _Optional[str] = ..., channel: _Optional[int] = ..., socket: _Optional[_Union[_payload_pb2.SocketInfo, _Mapping]] = ..., reason: _Optional[_Union[_payload_pb2.ExitReason, str]] = ..., event: _Optional[str] = ..., payload: _Optional[_Union[_payload_pb2.Payload, _Mapping]] = ..., lost: _Optional[int] = ...) -> None: ...
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[WatchResponse.Event]
    def __init__(self, events: _Optional[_Iterable[_Union[WatchResponse.Event, _Mapping]]] = ...) -> None: ...
