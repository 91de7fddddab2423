"""Who may open a socket, when a host decides."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from aerie.errors import UsageError
from aerie.payload import to_json
from aerie.v1 import channel_host_pb2 as pb

_log = logging.getLogger("aerie")

_ASSIGNS_BYTES_MAX = 3 << 10
_SOCKET_ID_BYTES_MAX = 512


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
    """Raises for what would have the broker end the stream."""
    if isinstance(answer, Refuse):
        if not 400 <= answer.status <= 599:
            raise UsageError(
                f"status {answer.status} is not between 400 and 599")
        return pb.HostFrame.ConnectReply(id=id_, status=answer.status,
                                         reason=answer.reason)
    assigns = to_json(dict(answer.assigns)) if answer.assigns else ""
    if len(assigns.encode()) > _ASSIGNS_BYTES_MAX \
            or len(answer.socket_id.encode()) > _SOCKET_ID_BYTES_MAX:
        raise UsageError(
            f"assigns of more than {_ASSIGNS_BYTES_MAX} bytes, or a socket id "
            f"of more than {_SOCKET_ID_BYTES_MAX}")
    return pb.HostFrame.ConnectReply(id=id_, ok=True, assigns=assigns,
                                     socket_id=answer.socket_id)
