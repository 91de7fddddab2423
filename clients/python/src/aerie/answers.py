"""What callbacks give back."""

from dataclasses import dataclass
from typing import Literal

from aerie.payload import Sendable

# `normal` and `shutdown`: the client hears `phx_close`; `crash`: `phx_error`,
# and it joins again.
StopReason = Literal["normal", "shutdown", "crash"]

# Why a channel ended.
ExitReason = Literal["left", "closed", "edge_lost", "duplicate_join",
                     "stop_normal", "stop_shutdown", "exit_normal", "host_lost",
                     "killed", "draining", "crash"]


@dataclass(frozen=True)
class Answer:
    """Answers a join or an event."""

    # `ok`, `error`, or another short name.
    status: str
    payload: Sendable = None


@dataclass(frozen=True)
class Stop:
    """Ends the channel."""

    reason: StopReason
    # Answers the event that is being handled.
    answer: Answer | None = None


def ok(payload: Sendable = None) -> Answer:
    """Success, with a response; `{}` without one."""
    return Answer("ok", payload)


def error(payload: Sendable = None) -> Answer:
    """A refusal, with a response."""
    return Answer("error", payload)


def reply(status: str, payload: Sendable = None) -> Answer:
    """Any status, with a response. Joins take `ok` and `error` only."""
    return Answer(status, payload)


def stop(reason: StopReason, answer: Answer | None = None) -> Stop:
    """Ends the channel; `answer` is sent first."""
    return Stop(reason, answer)
