"""What a host says to a broker, and what it does with what it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aerie import (Accept, Channel, ChannelHost, End, Message, RawJson, Refuse,
                   UsageError, error, ok, reply, stop)
from aerie.v1 import channel_host_pb2 as pb
from aerie.v1 import payload_pb2
from fake_broker import AttachedHost, FakeBroker, payload

MAX_ID = 2**64 - 1

Attach = Callable[..., Awaitable[AttachedHost]]


@pytest.fixture
async def attach() -> AsyncIterator[Attach]:
    """Attaches a host of one class of channels."""
    async with AsyncExitStack() as stack:
        broker = await FakeBroker().start()
        stack.push_async_callback(broker.stop)

        async def attach(module: type[Channel], *, intercepts: Any = (),
                         spread: Any = "topic", **options: Any) -> AttachedHost:
            host = ChannelHost("test", brokers=broker.address, **options)
            host.channel("room:*", intercepts=intercepts, spread=spread)(module)
            run = asyncio.create_task(host.run(signals=False))

            async def end() -> None:
                host.stop()
                await run

            stack.push_async_callback(end)
            attached = await broker.host()
            while not host.attached:
                await asyncio.sleep(0)
            attached.test_host = host
            return attached

        yield attach


async def test_registration_tells_who_attaches_and_for_what(attach: Attach
                                                            ) -> None:
    host = await attach(Channel, intercepts=["secret"], spread="socket",
                        instance="test-1", version="2", capacity=5)
    assert host.registration == pb.HostFrame.Registration(
        major=1, name="test", instance="test-1", version="2", capacity=5,
        patterns=[pb.HostFrame.Pattern(
            pattern="room:*", intercepts=["secret"],
            spread=pb.HostFrame.Pattern.SPREAD_SOCKET)])


async def test_join_is_answered_with_response_assigns_and_intercepts(
        attach: Attach) -> None:
    class Room(Channel):
        async def join(self, params: Message) -> Any:
            self.assign(user="Ada")
            self.intercept("extra")
            return ok({"said": params.payload, "id": self.socket.id})

    host = await attach(Room)
    host.join(MAX_ID, {"n": 1})
    frame = await host.next_frame()
    assert frame == pb.HostFrame(channel=MAX_ID, join_reply=(
        pb.HostFrame.JoinReply(
            ok=True, intercepts=["extra"],
            assigns='{"role":"guest","user":"Ada"}',
            payload=payload({"said": {"n": 1}, "id": "users:1"}))))


async def test_a_join_is_refused_or_crashes_alone(
        attach: Attach, caplog: pytest.LogCaptureFixture) -> None:
    class Room(Channel):
        async def join(self, params: Message) -> Any:
            if params.payload == 1:
                raise RuntimeError("broken")
            return error({"reason": "no"}) if params.payload == 2 else None

    host = await attach(Room)
    host.join(1, 1)
    assert (await host.next("join_reply")).crashed
    assert "topic='room:1' callback=join" in caplog.text
    assert "broken" in caplog.text
    host.join(2, 2)
    refused = await host.next("join_reply")
    assert (refused.ok, refused.payload) == (False, payload({"reason": "no"}))
    host.join(3, 3)
    assert (await host.next("join_reply")).ok


async def test_what_a_callback_does_comes_in_order_and_done_behind_it(
        attach: Attach) -> None:
    class Room(Channel):
        async def handle_in(self, message: Message) -> Any:
            self.push("pushed", message.payload)
            self.broadcast("all")
            self.broadcast_from("others", topic="room:2")
            self.assign(seen=message.event)
            return ok(RawJson("12345678901234567890"))

    host = await attach(Room)
    await host.joined(1)
    host.event(1, "hello", {"a": 1})
    assert await host.next("push") == pb.HostFrame.Push(
        event="pushed", payload=payload({"a": 1}))
    assert await host.next("broadcast") == pb.HostFrame.Broadcast(
        event="all", topic="room:1")
    assert await host.next("broadcast") == pb.HostFrame.Broadcast(
        event="others", except_self=True, topic="room:2")
    assert await host.next("set_assigns") == pb.HostFrame.SetAssigns(
        assigns='{"role":"guest","seen":"hello"}')
    assert await host.next("reply") == pb.HostFrame.Reply(
        ref=b'"7"', status="ok", payload=payload(12345678901234567890))
    assert (await host.next("done")).callbacks == 1


async def test_a_reply_may_come_later_and_none_goes_to_who_wants_none(
        attach: Attach) -> None:
    late: list[Callable[[], None]] = []

    class Room(Channel):
        async def handle_in(self, message: Message) -> Any:
            if message.event == "now":
                return ok()
            text = message.json or ""
            late.append(lambda: self.reply(message.ref, error(text.encode())))
            return None

    host = await attach(Room)
    await host.joined(1)
    host.event(1, "later", {"x": 1})
    await host.next("done")
    late[0]()
    said = await host.next("reply")
    assert (said.status, said.payload.binary) == ("error", b'{"x":1}')
    host.event(1, "now", ref=b"")
    await host.next("done")


async def test_a_channels_callbacks_wait_for_each_other_channels_dont(
        attach: Attach) -> None:
    gate = asyncio.Event()

    class Room(Channel):
        async def handle_in(self, message: Message) -> Any:
            if message.event == "slow":
                await gate.wait()
            self.push(message.event)

    host = await attach(Room)
    await host.joined(1)
    await host.joined(2)
    host.event(1, "slow")
    host.event(1, "behind")
    host.event(2, "other")
    assert (await host.next("push")).event == "other"
    await host.next("done")
    gate.set()
    assert (await host.next("push")).event == "slow"
    assert (await host.kinds(1))[0] in ("done", "push")


async def test_an_intercepted_broadcast_is_pushed_unless_the_class_does(
        attach: Attach) -> None:
    host = await attach(Channel)
    await host.joined(1)
    out = pb.ChannelFrame.HandleOut(event="secret", payload=payload({"a": 1}))
    host.send(1, handle_out=out)
    assert await host.next("push") == pb.HostFrame.Push(
        event="secret", payload=payload({"a": 1}))
    await host.next("done")


async def test_send_self_from_join_is_handled_once_the_join_is_answered(
        attach: Attach) -> None:
    class Room(Channel):
        async def join(self, params: Message) -> Any:
            self.send_self("after_join")

        async def handle_info(self, message: Message) -> Any:
            self.push(message.event)

    host = await attach(Room)
    host.join(1)
    assert await host.kinds(2) == ["join_reply", "push"]
    host.send(1, handle_info=pb.ChannelFrame.HandleInfo(event="sent"))
    assert await host.kinds(2) == ["push", "done"]


async def test_a_stop_replies_and_drops_what_is_behind_it(attach: Attach
                                                          ) -> None:
    seen: list[Any] = []

    class Room(Channel):
        async def handle_in(self, message: Message) -> Any:
            seen.append(message.event)
            return stop("normal", ok({"bye": True}))

        async def terminate(self, end: End) -> None:
            seen.append(end)
            self.push("last")

    host = await attach(Room)
    await host.joined(1)
    host.event(1, "end")
    host.event(1, "dropped")
    stopped = await host.next("stop")
    assert stopped == pb.HostFrame.Stop(
        reason=payload_pb2.EXIT_REASON_STOP_NORMAL,
        reply=pb.HostFrame.Reply(ref=b'"7"', status="ok",
                                 payload=payload({"bye": True})))
    if (await host.next("done")).callbacks == 1:
        await host.next("done")
    host.terminate(1, payload_pb2.EXIT_REASON_STOP_NORMAL)
    assert (await host.next("push")).event == "last"
    assert (await host.next("terminated")).event_id == "e-1"
    assert seen == ["end", End("stop_normal", "e-1")]


async def test_an_exception_ends_its_own_channel_alone(
        attach: Attach, caplog: pytest.LogCaptureFixture) -> None:
    ended: list[Any] = []

    class Room(Channel):
        async def handle_in(self, message: Message) -> Any:
            if message.event == "cancel":
                raise asyncio.CancelledError
            if message.event == "raise":
                raise RuntimeError("broken")
            self.push("fine")

        async def terminate(self, end: End) -> None:
            ended.append((self.id, end.reason, end.event_id))
            self.broadcast("gone")

    host = await attach(Room)
    for channel in (1, 2, 3):
        await host.joined(channel)
    for channel, event in ((1, "raise"), (3, "cancel")):
        host.event(channel, event)
        crash = await host.next("stop")
        assert crash.reason == payload_pb2.EXIT_REASON_CRASH
        assert sorted(map(str, await host.kinds(2))) == ["broadcast", "done"]
    host.event(2, "hello")
    assert await host.kinds(2) == ["push", "done"]
    assert ended == [(1, "crash", ""), (3, "crash", "")]
    assert "callback=handle_in" in caplog.text
    # What is late for it is answered, and changes nothing.
    host.event(1, "late")
    await host.next("done")
    host.terminate(1, payload_pb2.EXIT_REASON_CRASH)
    await host.next("terminated")
    assert len(ended) == 2


async def test_without_handle_in_an_event_crashes_the_channel(attach: Attach
                                                              ) -> None:
    host = await attach(Channel)
    await host.joined(1)
    host.event(1, "hello")
    assert await host.kinds(2) == ["stop", "done"]


async def test_a_leave_is_answered_before_terminate_runs_which_may_push(
        attach: Attach, caplog: pytest.LogCaptureFixture) -> None:
    class Room(Channel):
        async def terminate(self, end: End) -> None:
            self.push(end.reason)
            raise RuntimeError("broken")

    host = await attach(Room)
    await host.joined(1)
    host.terminate(1, payload_pb2.EXIT_REASON_LEFT)
    await host.next("left")
    assert (await host.next("push")).event == "left"
    await host.next("terminated")
    assert "callback=terminate" in caplog.text


async def test_a_terminate_that_overtakes_the_joins_answer_waits_for_it(
        attach: Attach) -> None:
    ended: list[str] = []
    answers: asyncio.Queue[Any] = asyncio.Queue()

    class Room(Channel):
        async def join(self, params: Message) -> Any:
            return await answers.get()

        async def terminate(self, end: End) -> None:
            ended.append(end.reason)

    host = await attach(Room)
    for answer in (ok(), error()):
        host.join(1)
        host.terminate(1, payload_pb2.EXIT_REASON_CLOSED)
        answers.put_nowait(answer)
        assert await host.kinds(2) == ["join_reply", "terminated"]
    assert ended == ["closed"]


async def test_a_redelivered_terminate_of_an_unknown_channel_runs(
        attach: Attach) -> None:
    ended: list[Any] = []

    class Room(Channel):
        async def terminate(self, end: End) -> None:
            ended.append((self.topic, dict(self.assigns), self.socket.id, end))
            self.broadcast("gone")

    host = await attach(Room)
    host.terminate(9, payload_pb2.EXIT_REASON_HOST_LOST, "e-9", True,
                   '{"user":"Ada"}')
    assert (await host.next("broadcast")).topic == "room:1"
    assert (await host.next("terminated")).event_id == "e-9"
    assert ended == [("room:1", {"user": "Ada"}, "users:1",
                      End("host_lost", "e-9", True))]
    host.terminate(9, payload_pb2.EXIT_REASON_CLOSED)
    await host.next("terminated")
    assert len(ended) == 1


async def test_misuse_is_an_error_of_the_caller(attach: Attach) -> None:
    errors: list[Any] = []

    def attempt(act: Callable[..., None], *args: Any, **kwargs: Any) -> None:
        try:
            act(*args, **kwargs)
            errors.append(None)
        except UsageError as caught:
            errors.append(caught)

    class Room(Channel):
        async def join(self, params: Message) -> Any:
            attempt(self.push, "early")

        async def handle_in(self, message: Message) -> Any:
            attempt(self.assign, much="x" * 65_536)
            attempt(self.push, "big", {"much": "x" * 10_001})
            attempt(self.intercept, "late")
            attempt(self.push, "phx_reply")
            attempt(self.broadcast, "list", [1])
            attempt(self.push, "text", RawJson('"text"'))
            attempt(self.reply, message.ref, reply("x" * 129))

    host = await attach(Room)
    await host.joined(1)
    host.event(1, "go")
    await host.next("done")
    assert len(errors) == 8 and all(errors), errors


async def test_what_is_said_after_the_end_is_ignored(attach: Attach) -> None:
    kept: list[Channel] = []

    class Room(Channel):
        async def join(self, params: Message) -> Any:
            kept.append(self)

    host = await attach(Room)
    await host.joined(1)
    host.terminate(1, payload_pb2.EXIT_REASON_CLOSED)
    await host.next("terminated")
    kept[0].push("late")
    kept[0].stop("normal")
    kept[0].assign(late=True)
    await host.joined(2)
    kept[1].stop("shutdown")
    stopped = await host.next("stop")
    assert stopped.reason == payload_pb2.EXIT_REASON_STOP_SHUTDOWN


async def test_a_host_speaks_for_itself_too(attach: Attach) -> None:
    host = await attach(Channel)
    self: ChannelHost = host.test_host
    self.broadcast("room:1", "news", {"n": 1})
    assert await host.next_frame() == pb.HostFrame(
        broadcast=pb.HostFrame.Broadcast(topic="room:1", event="news",
                                         payload=payload({"n": 1})))
    self.send(MAX_ID, "hello")
    assert (await host.next("send")).to == MAX_ID
    self.disconnect("users:1")
    assert (await host.next("disconnect")).socket_id == "users:1"


async def test_payloads_beyond_a_mebibyte_travel_in_several_messages(
        attach: Attach) -> None:
    class Room(Channel):
        async def handle_in(self, message: Message) -> Any:
            for _ in range(300):
                self.push("big", {"x": "x" * 9_000})

    host = await attach(Room)
    await host.joined(1)
    before = host.messages
    host.event(1, "go")
    assert set(await host.kinds(300)) == {"push"}
    await host.next("done")
    assert host.messages - before == 3


async def test_a_connect_callback_opens_refuses_and_fails_with_500(
        attach: Attach) -> None:
    async def connect(request: Any) -> Any:
        if request.params["id"] == "broken":
            raise RuntimeError("broken")
        if request.params["id"] == "odd":
            return Refuse(status=200)
        if request.params["id"] == "much":
            return Accept(assigns={"much": "x" * 3_072})
        if request.params["id"] != "1":
            return Refuse("who?")
        return Accept("users:1", {"agent": request.headers["user-agent"],
                                  "token": request.token.decode()})

    host = await attach(Channel, connect=connect)
    assert host.registration.connect

    def ask(id_: int, name: str) -> None:
        host.send(0, connect=pb.ChannelFrame.Connect(
            id=id_, mount="/socket", token=b"t",
            params=[pb.NameValue(name="id", value="0"),
                    pb.NameValue(name="id", value=name)],
            headers=[pb.NameValue(name="user-agent", value="test")]))

    ask(MAX_ID, "1")
    said = await host.next("connect_reply")
    assert (said.id, said.ok, said.socket_id) == (MAX_ID, True, "users:1")
    assert json.loads(said.assigns) == {"agent": "test", "token": "t"}
    ask(2, "2")
    said = await host.next("connect_reply")
    assert (said.ok, said.status, said.reason) == (False, 403, "who?")
    for name in ("broken", "odd", "much"):
        ask(3, name)
        assert (await host.next("connect_reply")).status == 500


async def test_payloads_and_assigns_are_never_logged(
        attach: Attach, caplog: pytest.LogCaptureFixture) -> None:
    class Room(Channel):
        async def join(self, params: Message) -> Any:
            self.assign(secret="xyzzy")

        async def handle_in(self, message: Message) -> Any:
            raise TypeError(type(message.payload).__name__)

    host = await attach(Room)
    await host.joined(1, {"secret": "xyzzy"})
    host.event(1, "go", {"secret": "xyzzy"})
    await host.next("stop")
    records = [record.getMessage() for record in caplog.records]
    assert not [line for line in records if "xyzzy" in line]
