"""Who may open a socket, when a host decides."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from aerie.payload import to_json
from aerie.v1 import channel_host_pb2 as pb

_log = logging.getLogger("aerie")


@dataclass(frozen=True)
class ConnectRequest:
    """A client that wants to open a socket."""

    # Path of the mount, as configured (`/socket`).
    mount: str
    # Query parameters and path variables; the last of equal names.
    params: Mapping[str, str]
    # Names in lower case; the last of equal names.
    headers: Mapping[str, str]
    # Address and port of the client.
    peer: str
    # Scheme, host, port, path and query of the request.
    uri: str
    # From the auth-token subprotocol or X-Phoenix-AuthToken.
    token: bytes | None


@dataclass(frozen=True)
class Accept:
    """The socket opens."""

    # The application's name for the socket (`users:42`); may be shared.
    socket_id: str = ""
    # JSON, at most 3 KiB.
    assigns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Refuse:
    """The socket does not open."""

    # The body that the client gets.
    reason: str = ""
    # HTTP status, 400 to 599.
    status: int = 403


ConnectAnswer = Union[Accept, Refuse]
ConnectCallback = Callable[[ConnectRequest], Awaitable[ConnectAnswer]]


async def answer_connect(request: pb.ChannelFrame.Connect,
                         callback: ConnectCallback | None
                         ) -> pb.HostFrame.ConnectReply:
    try:
        if callback is None:
            raise TypeError("no connect callback")
        answer = await callback(ConnectRequest(
            mount=request.mount,
            params={each.name: each.value for each in request.params},
            headers={each.name: each.value for each in request.headers},
            peer=request.peer, uri=request.uri,
            token=request.token if request.HasField("token") else None))
        return _reply(request.id, answer)
    except Exception:
        _log.exception("connect failed mount=%s", request.mount)
        return _reply(request.id, Refuse(status=500))


def _reply(id_: int, answer: ConnectAnswer) -> pb.HostFrame.ConnectReply:
    if isinstance(answer, Refuse):
        return pb.HostFrame.ConnectReply(id=id_, status=answer.status,
                                         reason=answer.reason)
    return pb.HostFrame.ConnectReply(
        id=id_, ok=True, socket_id=answer.socket_id,
        assigns=to_json(dict(answer.assigns)) if answer.assigns else "")
