"""The parent's side: give a file to a fresh child, and survive whatever becomes of it.

A few at a time in one process; who comes while all are busy waits a moment and is then asked to
come again, so that uploads cannot take the processor from everything else.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from accounts.errors import RateLimited
from chatbot.filing.contract import REASONS, Refused, Remade

ROOT = Path(__file__).resolve().parents[2]
WALL_S = 30.0
AT_ONCE = 2
PATIENCE_S = 10.0
_free = threading.BoundedSemaphore(AT_ONCE)


def remade(data: bytes) -> Remade:
    """The clean file. Raises Refused, and RateLimited where too many are being looked at."""
    if not _free.acquire(timeout=PATIENCE_S):
        raise RateLimited(int(PATIENCE_S))
    try:
        answer = _ask(data)
    finally:
        _free.release()
    line, _, rest = answer.partition(b"\n")
    try:
        said = json.loads(line)
    except ValueError:  # it was killed, or ran out of something
        raise Refused("damaged") from None
    if said.get("refused") in REASONS:
        raise Refused(said["refused"])
    size, preview = said["size"], said["preview"]
    if len(rest) != size + preview:
        raise Refused("damaged")
    return Remade(
        said["kind"],
        rest[:size],
        preview=rest[size:],
        width=said["width"],
        height=said["height"],
        pages=said["pages"],
    )


def _ask(data: bytes) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "chatbot.filing"],
            cwd=ROOT,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1"},
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused("damaged") from None
    return done.stdout
