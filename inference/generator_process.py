"""A process of its own that answers with generators: lines of JSON in, lines of JSON out.

In   {"op": "ask", "id", "folder", "instructions", "data", "most_tokens"}
     {"op": "load", "folder"}       so that the first question does not wait for it
     {"op": "stop", "id"}           nobody waits any more
Out  {"id", "text" or "end", "input_tokens", "output_tokens", "cpu_s"}
     a piece as it comes, or the end: stop, length, too_long, not_loaded or failed; with either,
     what the answer has cost by then

Apart from the worker: a model may hold the interpreter's lock for long, take more memory than it
may, or crash; then this process ends, and the worker hands its questions on. It ends too when its
input does. Models stay loaded as long as they fit; the one used longest ago gives way.
"""

import argparse
import json
import os
import queue
import resource
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.errors import GenerationFailed, InputTooLong, ModelUnavailable
from inference.generator import Generation, Generator

Message = Mapping[str, Any]
NOTHING: Message = {"input_tokens": 0, "output_tokens": 0, "cpu_s": 0.0}
SHARE_OF_MODELS = 0.7  # of the memory: the rest is for what answers need beside their model


@dataclass(frozen=True)
class Bounds:
    threads: int
    concurrency: int
    prompt_tokens: int
    memory_bytes: int


@dataclass
class Running:
    id: int
    folder: str
    answer: Generation
    cpu_s: float = 0.0


class Engine:
    """Serves up to `concurrency` answers in turn, a step each. One thread calls it."""

    def __init__(self, bounds: Bounds, say: Callable[[Message], None]) -> None:
        self._bounds, self._say = bounds, say
        self._models: OrderedDict[str, Generator] = OrderedDict()
        self._waiting: deque[Message] = deque()
        self._running: list[Running] = []

    @property
    def is_idle(self) -> bool:
        return not self._waiting and not self._running

    def take(self, message: Message) -> None:
        """A line that came in."""
        if message["op"] == "stop":
            self._running = [one for one in self._running if one.id != message["id"]]
            self._waiting = deque(one for one in self._waiting if one.get("id") != message["id"])
        else:
            self._waiting.append(message)

    def work(self) -> None:
        """Begin what may begin, then one step of each answer."""
        while self._waiting and self._may_begin(self._waiting[0]):
            self._begin(self._waiting.popleft())
        for one in list(self._running):
            self._step(one)

    def _may_begin(self, message: Message) -> bool:
        """A model that must make room for another waits until nobody needs it."""
        if len(self._running) >= self._bounds.concurrency:
            return False
        return not self._running or message["folder"] in self._models

    def _begin(self, message: Message) -> None:
        try:
            model = self._model(message["folder"])
            if message["op"] == "load":
                return
            answer = model.start(
                message["instructions"],
                message["data"],
                most_tokens=message["most_tokens"],
                most_prompt=self._bounds.prompt_tokens,
            )
        except ModelUnavailable as error:
            print(f"{Path(message['folder']).name}: {error}", file=sys.stderr, flush=True)
            self._refuse(message, "not_loaded")
        except InputTooLong:
            self._refuse(message, "too_long")
        except GenerationFailed:
            self._refuse(message, "failed")
        except Exception as error:  # of a stranger's files: the answers of others go on
            print(f"not begun: {type(error).__name__}", file=sys.stderr, flush=True)
            self._refuse(message, "failed")
        else:
            self._running.append(Running(message["id"], message["folder"], answer))

    def _refuse(self, message: Message, why: str) -> None:
        if message["op"] == "ask":
            self._say({"id": message["id"], "end": why, **NOTHING})

    def _step(self, one: Running) -> None:
        """The process's own time counts: only this thread works, with the runtime's threads."""
        before = time.process_time()
        try:
            piece, ended = one.answer.step(), one.answer.ended
        except GenerationFailed as error:
            print(f"answer broken off: {error}", file=sys.stderr, flush=True)
            piece, ended = "", "failed"
        one.cpu_s += time.process_time() - before
        cost = {
            "input_tokens": one.answer.prompt_tokens,
            "output_tokens": one.answer.tokens,
            "cpu_s": round(one.cpu_s, 3),
        }
        if piece:
            self._say({"id": one.id, "text": piece, **cost})
        if ended:
            self._running.remove(one)
            self._say({"id": one.id, "end": ended, **cost})

    def _model(self, folder: str) -> Generator:
        """Raises ModelUnavailable."""
        if folder not in self._models:
            most = int(self._bounds.memory_bytes * SHARE_OF_MODELS)
            needed = sum(path.stat().st_size for path in _files(folder))
            if needed > most:
                raise ModelUnavailable(
                    f"{needed // 1_000_000} MB; {most // 1_000_000} MB may be loaded "
                    "(LOCAL_GENERATOR_MEMORY_MB)"
                )
            while sum(one.size_bytes for one in self._models.values()) + needed > most:
                self._models.popitem(last=False)
            self._models[folder] = Generator(Path(folder), threads=self._bounds.threads)
        self._models.move_to_end(folder)
        return self._models[folder]


def _files(folder: str) -> Iterator[Path]:
    try:
        yield from Path(folder).iterdir()
    except OSError as error:
        raise ModelUnavailable(f"its folder cannot be read ({type(error).__name__})") from None


def serve(bounds: Bounds) -> None:
    """Until the input ends."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)  # what a library prints must not come between the lines

        def say(message: Message) -> None:
            out.write(json.dumps(message, ensure_ascii=False) + "\n")
            out.flush()

        engine, came = Engine(bounds, say), queue.SimpleQueue[Message]()
        threading.Thread(target=_listen, args=(came,), daemon=True).start()
        while True:
            while engine.is_idle or not came.empty():
                engine.take(came.get())
            engine.work()


def _listen(came: "queue.SimpleQueue[Message]") -> None:
    """Its end is the process's: whoever asked has gone, perhaps killed."""
    for line in sys.stdin:
        came.put(json.loads(line))
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("threads", "concurrency", "prompt-tokens", "memory-mb"):
        parser.add_argument(f"--{name}", type=int, required=True)
    asked = parser.parse_args()
    most = asked.memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    serve(Bounds(asked.threads, asked.concurrency, asked.prompt_tokens, most))


if __name__ == "__main__":
    main()
