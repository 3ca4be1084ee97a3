"""`manage.py finetune` from an empty folder to a registered version, as an admin runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THINGS = ("anvil", "kettle", "lantern", "saddle", "mirror", "trumpet", "ladder", "compass")
ASPECTS = {
    "price": "The {thing} costs {number} euro.",
    "weight": "The {thing} weighs {number} kilograms.",
    "guarantee": "The guarantee of the {thing} lasts {number} years.",
}


class Shop:
    """A workspace of its own data folder, its articles and its golden questions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = {"FIRSTLINE_DATA_DIR": str(self.folder / "data")}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=os.environ | own, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def must(self, *arguments: str) -> str:
        done = self.manage(*arguments)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    articles, questions = tmp_path / "articles", []
    articles.mkdir()
    for number, thing in enumerate(THINGS):
        lines = [
            f"## {name.title()}\n\n{text.format(thing=thing, number=10 * number + at + 2)}\n"
            for at, (name, text) in enumerate(ASPECTS.items())
        ]
        (articles / f"{thing}.md").write_text(f"# The {thing}\n\n" + "\n".join(lines))
        for at, (name, text) in enumerate(ASPECTS.items()):
            answer = text.format(thing=thing, number=10 * number + at + 2)
            for way in ("What is the {0} of the {1}?", "I want to know the {1}'s {0}"):
                asked = way.format(name, thing)
                row = {"id": asked, "question": asked, "answers": [answer], "group": thing}
                questions.append(json.dumps(row) + "\n")
    (tmp_path / "golden.jsonl").write_text("".join(questions))
    shop = Shop(tmp_path)
    shop.must("workspace", "create", "shop")
    shop.must("import_knowledge", str(articles), "--workspace", "shop")
    shop.must("golden", "import", str(tmp_path / "golden.jsonl"), "--workspace", "shop")
    return shop


def test_a_training_is_judged_and_registered_and_can_go_on(shop: Shop, tmp_path: Path) -> None:
    work = str(tmp_path / "work")
    arguments = ("finetune", "--workspace", "shop", "--work", work, "--parts", "ranker")
    stopped = shop.manage(*arguments, "--minutes", "0.001")
    assert stopped.returncode == 1 and "it can be resumed" in stopped.stderr
    said = shop.must(*arguments)
    assert f"{len(THINGS) * len(ASPECTS) * 2} questions" in said
    assert "Model version 1" in said
    parts = {path.parent.name for path in (tmp_path / "work" / "rankers").glob("*/manifest.json")}
    assert {"ranker", "calibration"} <= parts
    again = shop.must(*arguments)
    assert "Model version 2" in again and "observe: 0%" not in again
    assert shop.must("shell", "-v0", "-c", ASKED_FOR).split() == ["done", "register", "3"]


# What the console's button and the worker do: a row, a process of its own, a version.
ASKED_FOR = """
from accounts.access import workspace_by_slug
from accounts.models import Role
from accounts.scope import workspace_scope
from console.provisioning import add_member
from learning import runs
from learning.models import ModelVersion
place = workspace_by_slug("shop")
admin = add_member(place, "a@shop.example", role=Role.ADMIN, name="A")
admin = admin.member
run = runs.start(place.id, by=admin, parts=("ranker", "calibration"))
runs.run_process(place.id, run.id)
run = runs.run_of(place.id, run.id)
with workspace_scope(place.id):
    version = ModelVersion.objects.get(id=run.version_id)
print(run.state, run.stage, version.number)
"""
