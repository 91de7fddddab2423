"""Aerie's SDK: channels that run in your service, and calls to the broker."""

from aerie.answers import (Answer, ExitReason, Stop, StopReason, error, ok,
                           reply, stop)
from aerie.channel import Channel, End, Socket
from aerie.connect import (Accept, ConnectAnswer, ConnectCallback,
                           ConnectRequest, Refuse)
from aerie.connection import Tls, Token
from aerie.control import (Broadcast, BroadcastPublisher, BroadcastResult,
                           Channels, ControlClient, OneChannel, SocketTopic,
                           WatchEvent, WholeTopic)
from aerie.errors import AerieError, FieldViolation, UsageError
from aerie.host import ChannelHost, Spread
from aerie.payload import Json, Message, RawJson, Sendable

__all__ = [
    "Accept", "AerieError", "Answer", "Broadcast", "BroadcastPublisher",
    "BroadcastResult", "Channel", "ChannelHost", "Channels", "ConnectAnswer",
    "ConnectCallback", "ConnectRequest", "ControlClient", "End", "ExitReason",
    "FieldViolation", "Json", "Message", "OneChannel", "RawJson", "Refuse",
    "Sendable", "Socket", "SocketTopic", "Spread", "Stop", "StopReason", "Tls",
    "Token", "UsageError", "WatchEvent", "WholeTopic", "error", "ok", "reply",
    "stop",
]
