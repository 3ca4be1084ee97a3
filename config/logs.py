"""JSON lines on standard error: a closed set of fields, never text, titles, tokens or addresses.

Our own events carry their fields in `extra={"event": …, …}`. Lines of libraries keep their
message's template without its arguments, since arguments can hold what visitors wrote.
"""

import json
import logging
import sys
from typing import Any

FIELDS = (
    "event", "workspace", "conversation", "turn", "job", "kind", "queue", "attempt",
    "duration_ms", "stages_ms", "status", "reason", "count", "article", "model",
)  # fmt: skip


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        own = {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        line.update(own or {"message": str(record.msg)[:300]})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _where(record)
        return json.dumps(line, default=str, ensure_ascii=False)


def _where(record: logging.LogRecord) -> list[str]:
    """File, line and function of the last frames; no values."""
    import traceback

    assert record.exc_info and record.exc_info[2]
    frames = traceback.extract_tb(record.exc_info[2])[-6:]
    return [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames]


def configure(config: dict[str, Any]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(config["level"])
    for noisy in ("httpx2", "httpcore2", "httpx", "openai", "anthropic", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
