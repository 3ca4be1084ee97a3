"""Child processes for the supervisor's tests: `python -m tests.standin KIND FOLDER`.

Each appends its PID to FOLDER/<KIND>.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    kind, folder = sys.argv[1], Path(sys.argv[2])
    if kind == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with (folder / kind).open("a", encoding="utf-8") as pids:
        print(os.getpid(), file=pids)
    if kind == "crashing":
        raise SystemExit(3)
    if kind == "family":
        subprocess.Popen([sys.executable, "-m", "tests.standin", "stubborn", str(folder)])
    time.sleep(60)


if __name__ == "__main__":
    main()
