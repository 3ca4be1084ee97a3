"""The rules of the code that a reader can rely on: who imports whom, sizes, names."""

import ast
import io
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from config.env import BASE_DIR

# Who may import which of our packages. `config` puts everything together and may import all.
ALLOWED: dict[str, set[str]] = {
    "accounts": set(),
    "inference": set(),
    "tuning": {"inference"},
    "outbox": {"accounts"},
    "knowledge": {"accounts", "inference", "outbox"},
    "chatbot": {"accounts", "inference", "outbox", "knowledge"},
    "learning": {"accounts", "inference", "outbox", "knowledge", "chatbot"},
    "console": {"accounts", "knowledge", "chatbot", "learning"},
}
# The command `demo` prints what `make run` shows: addresses, log-ins, and what is missing.
ALSO = {"console": ("config.env", "config.local", "config.checks", "inference.errors")}
# Inside chatbot, from the top to the bottom; no path leads up.
LAYERS = (
    {"consumers", "pages", "api"},
    {"intake"},
    {"tasks"},
    {"answering", "escalation"},
    {"handoff"},
    {"broadcast"},
    {"protocol"},
)
# Heavy libraries and the packages that may import them.
HEAVY = {
    "onnxruntime": ("inference",),
    "onnxruntime_genai": ("inference",),
    "openvino": ("inference",),
    "torch": ("tuning",),
    "sentence_transformers": ("tuning",),
    "transformers": ("tuning",),
}
# Tools of the export, which run no model.
EXPORTS = ("onnxruntime.quantization", "onnxruntime_genai.models")

NOT_OURS = {"models", "staticfiles", "__pycache__", "node_modules"}
FORBIDDEN_NAMES = {"services", "utils", "helpers", "signals"}
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals")
UNSAFE_JS = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
MAX_FILE, MAX_FUNCTION, MAX_JS = 400, 60, 150
NOQA = re.compile(r"#\s*noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*\s+\S.{3}")
TYPE_IGNORE = re.compile(r"#\s*type: ignore\[[\w, -]+\]\s+#\s*\S.{3}")

Import = tuple[str, int]


# Loaded by the tuning worker and `manage.py finetune` alone, which have what training needs.
TRAINS = {"learning/finetuning.py", "learning/finetuning_models.py"}


def ours(suffix: str) -> Iterator[Path]:
    """Every file of the repository with this suffix; a model's folder holds Python of no use."""
    for folder, names, files in os.walk(BASE_DIR):
        inside = Path(folder).relative_to(BASE_DIR)
        names[:] = [
            name
            for name in names
            if not name.startswith(".")
            and (name not in NOT_OURS or (name == "models" and inside.parts))
        ]
        yield from (Path(folder) / name for name in files if name.endswith(suffix))


def is_test(path: Path) -> bool:
    return "tests" in path.parts or path.name == "conftest.py"


def shown(path: Path, line: int = 0) -> str:
    name = path.relative_to(BASE_DIR).as_posix()
    return f"{name}:{line}" if line else name


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> list[Import]:
    """Full names with their lines, also of imports inside functions; `from a import b` is a.b."""
    found: list[Import] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{shown(path, node.lineno)}: a relative import"
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def serving() -> list[Path]:
    """The Python files of the packages in the table, without tests."""
    paths = [path for path in ours(".py") if not is_test(path)]
    return [path for path in paths if path.relative_to(BASE_DIR).parts[0] in ALLOWED]


def test_every_package_has_its_place() -> None:
    packages = {path.parent.name for path in BASE_DIR.glob("*/__init__.py")}
    assert packages - set(ALLOWED) == {"config", "tests", "benchmarks"}


def test_imports_run_one_way() -> None:
    wrong = []
    for path in serving():
        package = path.relative_to(BASE_DIR).parts[0]
        others = (set(ALLOWED) | {"config", "tests", "benchmarks"}) - ALLOWED[package] - {package}
        others -= {"tuning"} if shown(path) in TRAINS else set()
        for name, line in imports(path):
            if within(name, tuple(others)) and not within(name, ALSO.get(package, ())):
                wrong.append(f"{shown(path, line)} imports {name}")
    assert wrong == []


def modules_of_chatbot() -> dict[str, set[str]]:
    """Which modules and packages of chatbot each one of them imports."""
    graph: dict[str, set[str]] = {}
    for path in serving():
        package, *rest = path.relative_to(BASE_DIR).with_suffix("").parts
        if package == "chatbot" and rest[0] not in {"__init__", "migrations"}:
            names = [name.split(".") for name, _ in imports(path)]
            wanted = {name[1] for name in names if name[0] == "chatbot" and len(name) > 1}
            graph.setdefault(rest[0], set()).update(wanted - {rest[0]})
    return graph


def reached(graph: dict[str, set[str]], start: str) -> set[str]:
    """What a module loads, directly or through others."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for name in graph.get(waiting.pop(), set()) - seen:
            seen.add(name)
            waiting.append(name)
    return seen


@pytest.mark.parametrize("number", range(1, len(LAYERS)))
def test_nothing_in_chatbot_leads_up(number: int) -> None:
    graph = modules_of_chatbot()
    above = set().union(*LAYERS[:number])
    for name in LAYERS[number]:
        assert name in graph
        assert reached(graph, name) & above == set(), f"chatbot.{name} leads up"


def test_answers_know_nothing_of_escalations_and_neither_starts_tasks() -> None:
    graph = modules_of_chatbot()
    assert "escalation" not in reached(graph, "answering")
    for name in ("escalation", "handoff"):
        assert "tasks" not in reached(graph, name)


@pytest.mark.parametrize("library", HEAVY)
def test_heavy_libraries_stay_where_they_belong(library: str) -> None:
    wrong = []
    for path in ours(".py"):
        package = path.relative_to(BASE_DIR).parts[0]
        for name, line in imports(path):
            tool = package == "tuning" and within(name, EXPORTS)
            if within(name, (library,)) and package not in HEAVY[library] and not tool:
                wrong.append(shown(path, line))
    assert [place for place in wrong if not place.startswith(("tuning/tests", "benchmarks"))] == []


def test_the_web_process_starts_without_models() -> None:
    program = (
        "import sys, config.asgi; from django.urls import get_resolver\n"
        "def load(patterns):\n"
        "    for pattern in patterns:\n"
        "        load(getattr(pattern, 'url_patterns', ()))\n"
        "load(get_resolver().url_patterns)\n"
        "import chatbot.consumers.visitor, chatbot.consumers.desk\n"
        f"heavy = {sorted(HEAVY)} + ['tokenizers']\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=BASE_DIR, check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_files_are_short() -> None:
    limits = {".py": MAX_FILE, ".js": MAX_JS}
    long = [
        f"{shown(path)} has {lines} lines"
        for suffix, limit in limits.items()
        for path in ours(suffix)
        if "migrations" not in path.parts
        and (lines := path.read_text(encoding="utf-8").count("\n")) > limit
    ]
    assert long == []


def test_functions_are_short() -> None:
    long = [
        f"{shown(path, node.lineno)} {node.name} has {lines} lines"
        for path in ours(".py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION
    ]
    assert long == []


def test_files_are_named_for_what_they_do() -> None:
    assert [shown(path) for path in ours(".py") if path.stem in FORBIDDEN_NAMES] == []


def test_nothing_happens_by_signal() -> None:
    """Celery's own signals tell config.celery that a worker is up; they change no row."""
    wrong = [
        shown(path, line)
        for path in ours(".py")
        if not is_test(path)
        for name, line in imports(path)
        if within(name, SIGNALS)
    ]
    assert wrong == []


def test_no_rule_is_switched_off_without_a_reason() -> None:
    wrong = []
    for path in ours(".py"):
        source = io.StringIO(path.read_text(encoding="utf-8"))
        for token in tokenize.generate_tokens(source.readline):
            comment = token.string if token.type == tokenize.COMMENT else ""
            for word, form in (("noqa", NOQA), ("type: ignore", TYPE_IGNORE)):
                if re.match(rf"#\s*{word}", comment) and not form.search(comment):
                    wrong.append(shown(path, token.start[0]))
    assert wrong == []


def test_scripts_never_write_html() -> None:
    wrong = [
        f"{shown(path)}: {word}"
        for path in ours(".js")
        for word in UNSAFE_JS
        if word in path.read_text(encoding="utf-8")
    ]
    assert wrong == []


def test_nothing_is_left_for_later() -> None:
    note = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
    wrong = [
        shown(path)
        for suffix in (".py", ".js", ".html", ".css", ".md")
        for path in ours(suffix)
        if note.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
