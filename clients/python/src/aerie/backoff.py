"""Pauses between attempts."""

import random
from collections.abc import Callable

_FIRST_S = 0.1
_LONGEST_S = 10.0


def pause_s(failures: int,
            uniform: Callable[[], float] = random.random) -> float:
    """The pause before an attempt that follows `failures` failed ones."""
    longest = min(_LONGEST_S, _FIRST_S * 2.0 ** min(failures - 1, 32))
    return longest / 2 * (1 + uniform())
