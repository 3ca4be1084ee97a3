"""Turn a model's chat template into fixed texts around what is asked.

A template is a program of a stranger's. It runs once, when the model is added: in jinja2's sandbox,
in a process of its own with bounds of time and memory, over two marks in place of our texts. What
it writes around the marks is kept in the manifest. So no visitor's word ever passes through it, and
the worker that answers needs no jinja2.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from inference.errors import ModelUnavailable

MOST_TEMPLATE, LIMIT_S = 100_000, 15
SANDBOX = Path(__file__).with_name("chat_template_sandbox.py")


@dataclass(frozen=True)
class Frame:
    """before + instructions + between + data + after.

    Models that know no system message get both as the user's, with `between` an empty line.
    """

    before: str
    between: str
    after: str

    def around(self, instructions: str, data: str) -> str:
        return "".join([self.before, instructions, self.between, data, self.after])

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def frame_of(template: str, tokens: Mapping[str, str]) -> Frame:
    """tokens: bos_token and eos_token. Raises ModelUnavailable, which says why."""
    if len(template) > MOST_TEMPLATE:
        raise ModelUnavailable(f"its chat template is longer than {MOST_TEMPLATE} characters")
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(SANDBOX)],
            input=json.dumps({"template": template, "tokens": dict(tokens)}).encode(),
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
            env={},
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        raise ModelUnavailable("its chat template does not come to an end") from None
    if done.returncode:
        raise ModelUnavailable(_why(done.stderr))
    frame = Frame(**json.loads(done.stdout))
    try:
        frame.around("", "").encode()
    except UnicodeEncodeError:
        raise ModelUnavailable("its chat template writes what is no text") from None
    return frame


def _why(stderr: bytes) -> str:
    last = (stderr.decode(errors="replace").strip().splitlines() or [""])[-1]
    if "No module named 'jinja2'" in last:
        return "its chat template needs jinja2 (pip install -r requirements-generator.txt)"
    if last.startswith("it does not"):
        return f"its chat template fails: {last}"
    return f"its chat template fails ({last.split(':')[0][:60] or 'bounds of time or memory'})"
