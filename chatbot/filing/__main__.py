"""The child: one file in on stdin, one answer on stdout, and then it ends.

The answer is a line of JSON, then the bytes that it tells the lengths of: the file, the preview.
The process has bounds on memory, time and files of its own before it looks at anything.
"""

import contextlib
import json
import resource
import sys

MEMORY_BYTES = 1_200_000_000
CPU_S = 15


def main() -> None:
    with contextlib.suppress(ValueError):  # macOS knows no bound on the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    out = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not get into the answer
    from chatbot.filing.contract import Refused
    from chatbot.filing.remaking import remake

    try:
        made = remake(sys.stdin.buffer.read())
    except Refused as error:
        out.write(json.dumps({"refused": error.code}).encode() + b"\n")
        return
    said = {
        "kind": made.kind,
        "size": len(made.data),
        "preview": len(made.preview),
        "width": made.width,
        "height": made.height,
        "pages": made.pages,
    }
    out.write(json.dumps(said).encode() + b"\n" + made.data + made.preview)


if __name__ == "__main__":
    main()
