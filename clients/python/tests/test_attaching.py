"""How a host comes to a broker, stays, and goes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from aerie import AerieError, Channel, ChannelHost, End, Message
from aerie.v1 import channel_host_pb2 as pb
from aerie.v1 import payload_pb2
from fake_broker import FakeBroker

Status = grpc.StatusCode


class World:
    """Two brokers, and a host that knows both."""

    def __init__(self) -> None:
        self.first = FakeBroker("broker-1")
        self.second = FakeBroker("broker-2")
        self.ended: list[Any] = []
        self.host: ChannelHost
        self.run: asyncio.Task[None]
        self.gate = asyncio.Event()
        self.under_way = asyncio.Event()

    def start(self, *, signals: bool = False, **options: Any) -> None:
        world = self
        options.setdefault("brokers", [self.first.address, self.second.address])
        self.host = ChannelHost("test", **options)

        @self.host.channel("room:*")
        class Room(Channel):
            async def handle_in(self, message: Message) -> None:
                world.under_way.set()
                await world.gate.wait()
                world.ended.append("handled")

            async def terminate(self, end: End) -> None:
                world.ended.append((self.id, end.reason, end.event_id))

        self.run = asyncio.create_task(self.host.run(signals=signals))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    await world.first.start()
    await world.second.start()
    yield world
    world.host.stop()
    await asyncio.gather(world.run, return_exceptions=True)
    await world.first.stop()
    await world.second.stop()


async def eventually(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def test_a_lost_host_comes_to_another_broker_its_channels_end_here(
        world: World) -> None:
    world.start()
    before = await world.first.host()
    await before.joined(1)
    before.end()
    after = await world.second.host()
    assert after.registration.instance == before.registration.instance
    assert world.ended == [(1, "host_lost", "")]


async def test_an_end_that_was_seen_here_is_not_run_again_for_its_broker(
        world: World) -> None:
    world.start(brokers=world.first.address)
    before = await world.first.host()
    await before.joined(1)
    before.end()
    after = await world.first.host()
    lost = payload_pb2.EXIT_REASON_HOST_LOST
    after.terminate(1, lost, redelivered=True)
    assert (await after.next("terminated")).event_id == "e-1"
    after.terminate(2, lost, redelivered=True)
    await after.next("terminated")
    assert world.ended == [(1, "host_lost", ""), (2, "host_lost", "e-1")]


async def test_a_callback_that_is_under_way_ends_before_its_channel_does(
        world: World) -> None:
    world.start()
    before = await world.first.host()
    await before.joined(1)
    before.event(1, "slow")
    await world.under_way.wait()
    before.end()
    await world.second.host()
    assert world.ended == []
    world.gate.set()
    await eventually(lambda: len(world.ended) == 2)
    assert world.ended == ["handled", (1, "host_lost", "")]


@pytest.mark.parametrize("code", [
    Status.FAILED_PRECONDITION, Status.INVALID_ARGUMENT, Status.UNIMPLEMENTED,
    Status.UNAUTHENTICATED, Status.PERMISSION_DENIED])
async def test_a_broker_that_refuses_a_new_host_ends_run(
        world: World, code: grpc.StatusCode) -> None:
    # Both do: grpc.aio may tell a stream that is refused while it is written to
    # of an internal error instead, and then the other one is tried.
    world.first.refusal = (code, "no")
    world.second.refusal = (code, "no")
    world.start()
    with pytest.raises(AerieError, match=f"{code.name}: no"):
        await world.run


async def test_one_that_was_attached_before_tries_on(world: World) -> None:
    world.start()
    before = await world.first.host()
    world.second.refusal = (Status.PERMISSION_DENIED, "no")
    before.end()
    await world.first.host()
    assert world.second.attempts == 1


async def test_unavailable_brokers_are_tried_again(world: World) -> None:
    world.first.refusal = (Status.UNAVAILABLE, "draining")
    world.second.refusal = (Status.UNAVAILABLE, "draining")
    world.start()
    await eventually(lambda: world.first.attempts == 2)
    world.first.refusal = None
    await world.first.host()


async def test_tokens_are_asked_for_at_each_attempt(world: World) -> None:
    tokens = iter(["t-1", "t-2"])

    async def token() -> str:
        return next(tokens)

    world.start(token=token)
    (await world.first.host()).end()
    await world.second.host()
    assert world.first.tokens == ["Bearer t-1"]
    assert world.second.tokens == ["Bearer t-2"]


async def test_drain_asks_the_broker_serves_on_and_ends_run(world: World
                                                            ) -> None:
    world.start(drain_window=1.5)
    stream = await world.first.host()
    await stream.joined(1)
    draining = asyncio.create_task(world.host.drain())
    assert (await stream.next("drain")).window_ms == 1_500
    stream.terminate(1, payload_pb2.EXIT_REASON_DRAINING)
    await stream.next("terminated")
    stream.send(0, drained=pb.ChannelFrame.Drained())
    await stream.ended.wait()
    await world.run
    await draining
    assert world.ended == [(1, "draining", "e-1")]


async def test_sigterm_drains_and_its_handler_is_gone_afterwards(world: World
                                                                 ) -> None:
    before = signal.getsignal(signal.SIGTERM)
    world.start(signals=True)
    stream = await world.first.host()
    await eventually(lambda: world.host.attached)
    os.kill(os.getpid(), signal.SIGTERM)
    await stream.next("drain")
    assert signal.getsignal(signal.SIGTERM) == before
    stream.send(0, drained=pb.ChannelFrame.Drained())
    await world.run


async def test_a_stream_that_is_lost_while_it_drains_ends_run(world: World
                                                              ) -> None:
    world.start()
    stream = await world.first.host()
    await stream.joined(1)
    draining = asyncio.create_task(world.host.drain())
    await stream.next("drain")
    stream.end()
    await world.run
    await draining
    assert world.ended == [(1, "host_lost", "")]


async def test_drain_without_a_stream_ends_run_at_once(world: World) -> None:
    world.first.answers = False
    world.start()
    await eventually(lambda: world.first.attempts == 1)
    await world.host.drain()
    await world.run


async def test_a_draining_broker_is_served_until_it_ends_the_stream(
        world: World) -> None:
    world.start()
    stream = await world.first.host()
    stream.send(0, draining=pb.ChannelFrame.Draining())
    await stream.joined(1)
    stream.end()
    await world.second.host()


async def test_a_broker_that_breaks_the_contract_is_left(world: World) -> None:
    world.start()
    stream = await world.first.host()
    stream.send(1, join=pb.ChannelFrame.Join(topic="x", pattern="nobody:*"))
    await world.second.host()
