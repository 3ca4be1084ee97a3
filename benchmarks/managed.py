"""The service's own commands in a private database, as a benchmark runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Row = Mapping[str, Any]


def manage(work: Path, *arguments: str) -> str:
    """What `manage.py` said; its data lie in work/data. Ends the program where it fails."""
    own = {"FIRSTLINE_DATA_DIR": str((work / "data").resolve())}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=os.environ | own, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments[:2])}: {done.stderr[-2000:]}")
    return done.stdout


def workspace(work: Path, slug: str, articles: Sequence[Row]) -> None:
    """A workspace with these articles, made once: a second call finds it."""
    folder = work / slug
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "imported").exists():
        return
    manage(work, "workspace", "create", slug)
    path = written(folder / "kb.jsonl", articles)
    manage(work, "import_knowledge", path, "--workspace", slug)
    (folder / "imported").touch()


def written(path: Path, rows: Sequence[Row]) -> str:
    """The path as text, for a command."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return str(path.resolve())
