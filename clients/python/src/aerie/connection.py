"""Where brokers are, and how to speak to them: addresses, TLS, tokens."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Union

import grpc

# A bearer token, or what gives one; asked at each attempt.
Token = Union[str, Callable[[], Union[str, Awaitable[str]]]]

_MESSAGE_BYTES_MAX = 17 << 20

_CHANNEL_OPTIONS: list[tuple[str, Union[int, str]]] = [
    ("grpc.max_receive_message_length", _MESSAGE_BYTES_MAX),
    ("grpc.max_send_message_length", _MESSAGE_BYTES_MAX),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    # Attempts are ours to pace.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_retries", 0),
]


@dataclass(frozen=True)
class Tls:
    """Files in PEM format."""

    # Authorities that sign brokers' certificates; None: the system's.
    ca_file: str | None = None
    # The certificate to show, for mutual TLS; with `key_file`.
    cert_file: str | None = None
    key_file: str | None = None
    # The name that the broker's certificate must carry; None: the host.
    server_name: str | None = None


class Connection:
    """gRPC channels to the addresses, one of which is the present one."""

    def __init__(self, brokers: str | Sequence[str], token: Token | None,
                 token_file: str | None, tls: Tls | None) -> None:
        self.addresses = [brokers] if isinstance(brokers, str) else [*brokers]
        if not self.addresses:
            raise ValueError("no brokers")
        if token is not None and token_file is not None:
            raise ValueError("token and token_file exclude each other")
        self._token = token
        self._token_file = token_file
        self._tls = tls
        self._present = 0
        self._channels: dict[str, grpc.aio.Channel] = {}

    @property
    def address(self) -> str:
        return self.addresses[self._present]

    @property
    def channel(self) -> grpc.aio.Channel:
        """That of the present address, made on first use."""
        channel = self._channels.get(self.address)
        if channel is None:
            channel = self._channels[self.address] = self._make()
        return channel

    def turn(self, failed: str) -> None:
        """Makes the next address the present one, if `failed` still is."""
        if failed == self.address:
            self._present = (self._present + 1) % len(self.addresses)

    async def close(self) -> None:
        channels = [*self._channels.values()]
        self._channels.clear()
        for channel in channels:
            await channel.close()

    async def metadata(self) -> grpc.aio.Metadata:
        token = await self._ask_token()
        metadata = grpc.aio.Metadata()
        if token:
            metadata.add("authorization", f"Bearer {token}")
        return metadata

    async def _ask_token(self) -> str | None:
        if self._token_file is not None:
            return Path(self._token_file).read_text(encoding="utf-8").strip()
        if self._token is None or isinstance(self._token, str):
            return self._token
        token = self._token()
        return await token if inspect.isawaitable(token) else token

    def _make(self) -> grpc.aio.Channel:
        if self._tls is None:
            return grpc.aio.insecure_channel(self.address, _CHANNEL_OPTIONS)
        options = [*_CHANNEL_OPTIONS]
        if self._tls.server_name is not None:
            options += [
                ("grpc.ssl_target_name_override", self._tls.server_name),
                ("grpc.default_authority", self._tls.server_name)]
        credentials = grpc.ssl_channel_credentials(
            _read(self._tls.ca_file), _read(self._tls.key_file),
            _read(self._tls.cert_file))
        return grpc.aio.secure_channel(self.address, credentials, options)


def _read(file: str | None) -> bytes | None:
    return None if file is None else Path(file).read_bytes()
