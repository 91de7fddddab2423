"""How brokers are reached, and that the generated messages are those of the
protos."""

import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest
from aerie import AerieError, ControlClient, Tls
from aerie.backoff import pause_s
from aerie.v1 import control_pb2 as pb
from fake_broker import FakeBroker

PACKAGE = Path(__file__).parent.parent


async def cluster_info(request: Any, context: Any) -> Any:
    return pb.ClusterInfoResponse()


async def ask(broker: FakeBroker, **options: Any) -> None:
    async with ControlClient(broker.address, **options) as control:
        await control.cluster_info(timeout=2)


async def test_tls_checks_the_brokers_name_and_shows_a_certificate(
        tmp_path: Path) -> None:
    cert, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
         "-subj", "/CN=broker.test", "-addext",
         "subjectAltName=DNS:broker.test", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    pem = Path(cert).read_bytes()
    broker = await FakeBroker(ClusterInfo=cluster_info).start(
        grpc.ssl_server_credentials([(Path(key).read_bytes(), pem)], pem, True))
    await ask(broker, tls=Tls(cert, cert, key, "broker.test"))
    for tls in (Tls(cert, cert, key), Tls(cert, server_name="broker.test"),
                None):
        with pytest.raises(AerieError):
            await ask(broker, tls=tls)
    await broker.stop()


async def test_a_token_file_is_read_at_each_attempt(tmp_path: Path) -> None:
    seen: list[Any] = []

    async def answer(request: Any, context: Any) -> Any:
        seen.append(dict(context.invocation_metadata())["authorization"])
        return pb.ClusterInfoResponse()

    broker = await FakeBroker(ClusterInfo=answer).start()
    file = tmp_path / "token"
    for token in ("first", "second\n"):
        file.write_text(token)
        await ask(broker, token_file=str(file))
    assert seen == ["Bearer first", "Bearer second"]
    await broker.stop()


def test_pauses_double_up_to_ten_seconds_half_of_each_is_random() -> None:
    attempts = (1, 2, 3, 20, 5_000)
    assert [pause_s(n, lambda: 0) for n in attempts] == [0.05, 0.1, 0.2, 5, 5]
    assert [pause_s(n, lambda: 1) for n in attempts] == [0.1, 0.2, 0.4, 10, 10]


def test_the_generated_messages_are_those_of_the_protos(tmp_path: Path) -> None:
    subprocess.run([PACKAGE / "generate", tmp_path], check=True)
    for fresh in (tmp_path / "aerie/v1").iterdir():
        committed = PACKAGE / "src/aerie/v1" / fresh.name
        assert committed.read_text() == fresh.read_text(), \
            f"{fresh.name} is old: run clients/python/generate"
