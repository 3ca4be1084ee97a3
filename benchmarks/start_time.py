"""How long `make run` takes once installed, and what all its processes hold.

    python -m benchmarks.start_time [--port 8398]

Starts the service in a new data folder, stops it, and starts it again: the first time with the
database to make and the articles to load, the second time with both there. Memory is the
proportional set size of every process that came with the service; the machine should be idle.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

READY = "Stop with Ctrl-C"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, default=8398)
    given = parser.parse_args()
    print("python -m benchmarks.start_time", " ".join(sys.argv[1:]), flush=True)
    folder = Path(tempfile.mkdtemp(prefix="firstline-start-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        for name in ("first", "later"):
            _start(name, folder, given.port)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(name: str, folder: Path, port: int) -> None:
    own = os.environ | {"FIRSTLINE_DATA_DIR": str(folder / "data"), "PORT": str(port)}
    before = set(psutil.pids())
    started = time.monotonic()
    service = subprocess.Popen(
        [sys.executable, "-u", "-m", "config.local.run"], env=own, stdout=subprocess.PIPE, text=True
    )
    assert service.stdout
    if not any(READY in line for line in service.stdout):
        raise SystemExit("the service did not become ready")
    took = time.monotonic() - started
    held = sum(_pss(number) for number in set(psutil.pids()) - before)
    service.send_signal(signal.SIGINT)
    stopping = time.monotonic()
    service.communicate()
    stopped = time.monotonic() - stopping
    print(f"{name} start {took:.1f} s, memory {held / 2**20:.0f} MB, stopped in {stopped:.1f} s")


def _pss(number: int) -> int:
    """Bytes; a process that has ended holds none."""
    try:
        return int(psutil.Process(number).memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


if __name__ == "__main__":
    main()
