"""Ends the children of a supervisor that was killed. Standard library alone, to stay small.

`python guard.py STOP_S`: reads lines `+PID` and `-PID` from standard input, process groups that
started and ended. At the end of the input without the line `done` the supervisor is gone: each
group left gets TERM, and KILL after STOP_S seconds. It inherits the locks that keep PostgreSQL
and Redis up until then.
"""

import contextlib
import os
import signal
import sys
import time


def signal_groups(groups: list[int], number: int) -> list[int]:
    """The groups that still exist."""
    left = []
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
            left.append(group)
    return left


def end_groups(groups: list[int], *, stop_s: float) -> None:
    """TERM to all, KILL to what is left after stop_s; returns when none is left."""
    groups = signal_groups(groups, signal.SIGTERM)
    deadline = time.monotonic() + stop_s
    while groups and time.monotonic() < deadline:
        time.sleep(0.05)
        groups = signal_groups(groups, 0)
    while groups:
        groups = signal_groups(groups, signal.SIGKILL)
        time.sleep(0.05)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: list[int] = []
    for line in sys.stdin:
        word = line.strip()
        if word == "done":
            return
        if word.startswith("+"):
            groups.append(int(word[1:]))
        elif word.startswith("-") and int(word[1:]) in groups:
            groups.remove(int(word[1:]))
    end_groups(groups[::-1], stop_s=float(sys.argv[1]))


if __name__ == "__main__":
    main()
