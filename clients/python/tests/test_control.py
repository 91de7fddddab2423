"""Calls, against a broker that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest
from aerie import (AerieError, Broadcast, BroadcastResult, ControlClient,
                   OneChannel, SocketTopic, WatchEvent, WholeTopic)
from aerie.v1 import control_pb2 as pb
from aerie.v1 import payload_pb2
from fake_broker import FakeBroker, payload
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

Serve = Callable[..., Awaitable[str]]
Status = grpc.StatusCode


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a broker with methods of Control; gives its address."""
    async with AsyncExitStack() as stack:
        async def serve(**control: Any) -> str:
            broker = await FakeBroker(**control).start()
            stack.push_async_callback(broker.stop)
            return broker.address

        yield serve


def raises(code: grpc.StatusCode, details: str, attempts: list[int]
           ) -> Callable[..., Awaitable[None]]:
    async def answer(request: Any, context: Any) -> None:
        attempts[0] += 1
        await context.abort(code, details)

    return answer


async def test_a_broadcast_carries_all_that_it_was_given_and_a_token(
        serve: Serve) -> None:
    seen: list[Any] = []

    async def broadcast(request: Any, context: Any) -> Any:
        seen.extend([request, dict(context.invocation_metadata())])
        return pb.BroadcastResponse(duplicate=True, edges=3)

    async with ControlClient(await serve(Broadcast=broadcast),
                             token="secret") as control:
        result = await control.broadcast(
            "room:1", "news", {"n": 1}, except_socket_ids=["users:1"],
            idempotency_key="k")
    assert result == BroadcastResult(duplicate=True, edges=3)
    assert seen[0] == pb.BroadcastRequest(
        topic="room:1", event="news", payload=payload({"n": 1}),
        except_socket_ids=["users:1"], idempotency_key="k")
    assert seen[1]["authorization"] == "Bearer secret"


async def test_what_fails_tells_code_message_and_details(serve: Serve) -> None:
    async def broadcast(request: Any, context: Any) -> None:
        details = [any_pb2.Any() for _ in range(3)]
        details[0].Pack(error_details_pb2.ErrorInfo(reason="TOPIC_TOO_LONG"))
        details[1].Pack(error_details_pb2.BadRequest(field_violations=[
            error_details_pb2.BadRequest.FieldViolation(
                field="topic", description="at most 1,024 bytes")]))
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(1_500)
        details[2].Pack(retry)
        status = status_pb2.Status(code=3, message="too long", details=details)
        await context.abort(
            Status.INVALID_ARGUMENT, "too long",
            (("grpc-status-details-bin", status.SerializeToString()),))

    async with ControlClient(await serve(Broadcast=broadcast)) as control:
        with pytest.raises(AerieError, match="INVALID_ARGUMENT: too long"
                           ) as caught:
            await control.broadcast("x", "y")
    assert caught.value.code is Status.INVALID_ARGUMENT
    assert caught.value.reason == "TOPIC_TOO_LONG"
    assert caught.value.fields[0].field == "topic"
    assert caught.value.retry_after == 1.5


async def test_an_unavailable_broker_is_left_for_another_if_that_is_safe(
        serve: Serve) -> None:
    attempts = [0]
    away = raises(Status.UNAVAILABLE, "draining", attempts)

    async def broadcast(request: Any, context: Any) -> Any:
        return pb.BroadcastResponse(edges=1)

    async def push(request: Any, context: Any) -> Any:
        return pb.PushResponse(channels=1)

    brokers = [await serve(Broadcast=away, Push=away),
               await serve(Broadcast=broadcast, Push=push)]
    async with ControlClient(brokers) as control:
        result = await control.broadcast("x", "y", idempotency_key="k")
        assert (result.edges, attempts) == (1, [1])
    async with ControlClient(brokers) as control:
        with pytest.raises(AerieError, match="UNAVAILABLE"):
            await control.broadcast("x", "y")
    async with ControlClient(brokers) as control:
        to = SocketTopic("u", "x")
        with pytest.raises(AerieError, match="UNAVAILABLE"):
            await control.push(to, "y")
        assert await control.push(to, "y") == 1


async def test_a_newer_token_tells_until_when_it_is_good(serve: Serve) -> None:
    seen = []

    async def renew(request: Any, context: Any) -> Any:
        seen.append((request.socket_key, request.token, request.mount))
        answer = pb.RenewTokenResponse()
        if request.mount:
            answer.expires.FromSeconds(1)
        return answer

    async with ControlClient(await serve(RenewToken=renew)) as control:
        assert await control.renew_token("e/1", "t") is None
        expires = await control.renew_token("e/1", "t", mount="/admin")
        assert expires is not None and expires.timestamp() == 1
    assert seen == [("e/1", "t", ""), ("e/1", "t", "/admin")]


async def test_after_three_attempts_a_call_has_failed(serve: Serve) -> None:
    attempts = [0]
    address = await serve(
        ClusterInfo=raises(Status.UNAVAILABLE, "draining", attempts))
    async with ControlClient(address) as control:
        with pytest.raises(AerieError):
            await control.cluster_info()
    assert attempts == [3]


async def test_a_call_ends_at_its_deadline(serve: Serve) -> None:
    async def hang(request: Any, context: Any) -> None:
        await asyncio.Event().wait()

    async with ControlClient(await serve(ClusterInfo=hang)) as control:
        with pytest.raises(AerieError, match="DEADLINE_EXCEEDED"):
            await control.cluster_info(timeout=0.05)


async def test_a_batch_tells_of_each_broadcast(serve: Serve) -> None:
    async def batch(request: Any, context: Any) -> Any:
        return pb.BroadcastBatchResponse(results=[
            pb.BroadcastBatchResponse.Result(edges=2),
            pb.BroadcastBatchResponse.Result(
                status=status_pb2.Status(code=3, message="empty topic"))])

    async with ControlClient(await serve(BroadcastBatch=batch)) as control:
        sent, refused = await control.broadcast_batch(
            [Broadcast("x", "y"), Broadcast("", "y")])
    assert sent == BroadcastResult(duplicate=False, edges=2)
    assert str(refused) == "INVALID_ARGUMENT: empty topic"


async def test_channels_are_named_in_three_ways_with_all_64_bits(serve: Serve
                                                                 ) -> None:
    seen: list[Any] = []

    async def push(request: Any, context: Any) -> Any:
        seen.append(request)
        return pb.PushResponse(channels=1)

    async def close(request: Any, context: Any) -> Any:
        seen.append(request)
        return pb.CloseChannelResponse(channels=2)

    async def disconnect(request: Any, context: Any) -> Any:
        seen.append(request)
        return pb.DisconnectResponse(sockets=3)

    address = await serve(Push=push, CloseChannel=close, Disconnect=disconnect)
    async with ControlClient(address) as control:
        assert await control.push(OneChannel(2**64 - 1), "x") == 1
        assert await control.close_channel(SocketTopic("u", "t")) == 2
        assert await control.close_channel(WholeTopic("t"),
                                           reason="shutdown") == 2
        assert await control.disconnect("u", code=4000) == 3
    assert seen[0].to.channel == 2**64 - 1
    assert seen[1].channels.socket_topic.socket_id == "u"
    assert seen[1].reason == pb.CloseChannelRequest.REASON_RESTART
    assert seen[2].channels.topic == "t"
    assert seen[2].reason == pb.CloseChannelRequest.REASON_SHUTDOWN
    assert (seen[3].socket_id, seen[3].code) == ("u", 4000)


async def test_a_list_is_walked_over_all_its_pages(serve: Serve) -> None:
    following = {"": "1", "1": "2", "2": ""}

    async def list_topics(request: Any, context: Any) -> Any:
        token = request.page_token
        return pb.ListTopicsResponse(
            topics=[pb.TopicInfo(topic=request.prefix + (token or "0"))],
            next_page_token=following[token])

    async with ControlClient(await serve(ListTopics=list_topics)) as control:
        topics = [each.topic async for each in control.topics(prefix="room:")]
    assert topics == ["room:0", "room:1", "room:2"]


async def test_a_publisher_keeps_to_the_credit_and_tells_of_each_broadcast(
        serve: Serve) -> None:
    windows: list[tuple[int, int]] = []

    async def stream(requests: Any, context: Any) -> Any:
        async for request in requests:
            first, count = request.first_sequence, len(request.broadcasts)
            windows.append((first, count))
            yield pb.BroadcastStreamResponse(
                acknowledged=first + count - 1, credit=2, duplicates=1,
                failures=[pb.BroadcastStreamResponse.Failure(
                    sequence=first + at,
                    status=status_pb2.Status(code=3, message="bad"))
                    for at, each in enumerate(request.broadcasts)
                    if each.event == "bad"])

    async with ControlClient(await serve(BroadcastStream=stream)) as control:
        publisher = await control.publisher()
        results = await asyncio.gather(
            *(publisher.publish(Broadcast("t", "bad" if n == 4_098 else "good"))
              for n in range(4_100)), return_exceptions=True)
        await publisher.close()
        with pytest.raises(AerieError, match="CANCELLED"):
            await publisher.publish(Broadcast("t", "e"))
    assert windows == [(1, 4_096), (4_097, 2), (4_099, 2)]
    assert [n for n, each in enumerate(results) if each] == [4_098]
    assert publisher.duplicates == 3


async def test_what_a_broken_stream_leaves_unacknowledged_fails(serve: Serve
                                                                ) -> None:
    async def stream(requests: Any, context: Any) -> Any:
        async for _ in requests:
            await context.abort(Status.RESOURCE_EXHAUSTED, "too many")
            yield None

    async with ControlClient(await serve(BroadcastStream=stream)) as control:
        publisher = await control.publisher()
        with pytest.raises(AerieError, match="RESOURCE_EXHAUSTED: too many"):
            await publisher.publish(Broadcast("t", "e"))
        await publisher.close()


async def test_a_watcher_hears_what_happens_until_it_stops_listening(
        serve: Serve) -> None:
    event, kind = pb.WatchResponse.Event, pb.WatchResponse.Event.Kind
    asked: list[Any] = []
    gone = asyncio.Event()

    async def watch(request: Any, context: Any) -> Any:
        asked.append(request)
        try:
            yield pb.WatchResponse(events=[
                event(kind=kind.KIND_WATCHING),
                event(kind=kind.KIND_LEFT, topic="t", channel=7,
                      reason=payload_pb2.EXIT_REASON_LEFT,
                      socket=payload_pb2.SocketInfo(key="e/1", socket_id="u")),
                event(kind=kind.KIND_BROADCAST, topic="t", event="e",
                      payload=payload([1])),
                event(kind=99),  # type: ignore[arg-type]
                event(kind=kind.KIND_LOST, lost=5)])
            await asyncio.Event().wait()
        finally:
            gone.set()

    heard: list[WatchEvent] = []
    async with ControlClient(await serve(Watch=watch)) as control:
        async for each in control.watch(channels=True):
            heard.append(each)
            if each.kind == "lost":
                break
        await asyncio.wait_for(gone.wait(), 10)
    assert asked[0].channels
    assert [each.kind for each in heard] == ["watching", "left", "broadcast",
                                             "lost"]
    left = heard[1]
    assert (left.topic, left.channel, left.reason) == ("t", 7, "left")
    assert left.socket and left.socket.id == "u"
    assert (heard[2].event, heard[2].payload, heard[3].lost) == ("e", [1], 5)


async def test_a_watcher_is_told_why_its_stream_has_ended(serve: Serve) -> None:
    async def watch(request: Any, context: Any) -> Any:
        await context.abort(Status.PERMISSION_DENIED, "no scope")
        yield None

    async with ControlClient(await serve(Watch=watch)) as control:
        with pytest.raises(AerieError, match="PERMISSION_DENIED: no scope"):
            async for _ in control.watch():
                raise AssertionError("an event")
