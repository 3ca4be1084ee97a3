"""What the cascade gives and costs: ours beside other routers, on questions and on public replays.

    python -m benchmarks.cascade --work WORK
        [--routing DATA/routing] [--models models] [--questions 4000]

`--work`: where tuning.observe left what it saw. Asked is the half of the groups
that the calibration was not fitted on. The large model here is an ORACLE: it answers every
answerable question right and abstains from every other, which is right too. No real model does, so
what is said of the cascade against it is said against the best there could be. Always small: the
compact model answers everything. Costs of the large model are those of its prompt: fixed
instructions, the question and the six best passages as they would be sent, and 60 tokens of answer,
at three named price lists (genai-prices). The compact model's own cost is stated as CPU time
elsewhere (benchmarks.answer_latency) and not counted.

`--routing`: questions of knowledge and reasoning with a small and a large model's answers judged
(RouteLLM's MMLU; its data card says what it is). No support questions: they show the method alone.
There our router is a logistic regression on the embedder's vector, trained on one half.
"""

import argparse
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import routing
from benchmarks.routing import Cases, Floats, said
from chatbot.escalation import prompt
from inference.calibration import Calibration
from inference.embedder import Embedder
from tuning.fit_calibration import in_first_half
from tuning.reading_examples import rows

RISKS = ("0.05", "0.1", "0.15", "0.2", "0.3")
HELP = ("sendgrid", "plausible", "logingov")
OF_HELP, DIALOGUES = "help centres", "doc2dial"
PRICES = (("openai", "gpt-4o"), ("anthropic", "claude-sonnet-4-5"), ("mistral", "mistral-large"))
ANSWER_TOKENS, CHARACTERS_A_TOKEN, MOST_PASSAGES, MOST_PASSAGE = 60, 4.0, 6, 3_000
SHARES = (0.1, 0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Asked:
    """One question as tier 1 saw it. characters: of the prompt that the large model would get."""

    set_name: str
    text: str
    group: str
    answerable: bool
    right: bool
    confidence: float
    characters: int


def observed(work: Path, calibration: Calibration) -> Iterator[Asked]:
    """Both halves of each set that was cross-fitted."""
    texts = {
        str(row["id"]): str(row["question"])
        for path in sorted((work / "sets").glob("*.eval.jsonl"))
        for row in rows(path)
    }
    most = max((work / "reads").iterdir(), key=lambda one: int(one.name))  # of passages read
    for path in sorted((work / "features").glob("*.jsonl")):
        results = {str(row["id"]): row for row in rows((most / path.name).with_suffix(".results"))}
        for row in rows(path):
            if not row["features"]:
                continue
            text = texts[str(row["id"])]
            yield Asked(
                set_name=path.name.split(".")[0],
                text=text,
                group=str(row.get("group") or row["id"]),
                answerable=bool(row["answerable"]),
                right=bool(row["correct"]),
                confidence=calibration.confidence(row["features"]),
                characters=_characters(text, results[str(row["id"])]["evidence"]),
            )


def _characters(text: str, evidence: Sequence[Mapping[str, Any]]) -> int:
    passages = evidence[:MOST_PASSAGES]
    fixed = len(prompt.build([], "").text)
    shown = (min(int(one["end"]) - int(one["start"]), MOST_PASSAGE) for one in passages)
    return fixed + len(text) + sum(shown)


def as_cases(asked: Sequence[Asked], usd: Floats) -> Cases:
    return Cases(
        small=np.array([float(one.right) for one in asked]),
        large=np.ones(len(asked)),
        cost=usd,
        groups=np.array([one.group for one in asked]),
    )


def costs(asked: Sequence[Asked], provider: str, model: str) -> Floats:
    """US dollars for each question, were it asked."""
    from genai_prices import Usage, calc_price

    found = []
    for one in asked:
        tokens = round(one.characters / CHARACTERS_A_TOKEN)
        usage = Usage(input_tokens=tokens, output_tokens=ANSWER_TOKENS)
        found.append(float(calc_price(usage, model, provider_id=provider).total_price))
    return np.array(found)


def print_routers(cases: Cases, lengths: Floats, more: Mapping[str, Floats]) -> None:
    every = routing.routers(cases, lengths, more)
    gained = routing.bootstrap(cases, every, "apgr")
    risk = routing.bootstrap(cases, every, "augrc")
    head = " | ".join(f"PGR at {share:.0%}" for share in SHARES)
    print(f"| router | APGR | {head} | AUGRC |\n|---|---|{'---|' * len(SHARES)}---|")
    for name, scores in every.items():
        at = " | ".join(f"{routing.pgr_at(cases, scores, share):.3f}" for share in SHARES)
        print(f"| {name} | {said(gained[name])} | {at} | {said(risk[name])} |")


def print_dial(asked: Sequence[Asked], calibration: Mapping[str, float | None]) -> None:
    """At each setting that has a threshold: what stays, how good it is, what is spent."""
    usd = {f"{provider} {model}": costs(asked, provider, model) for provider, model in PRICES}
    scores = np.array([one.confidence for one in asked])
    answerable = np.array([one.answerable for one in asked])
    groups = np.array([one.group for one in asked])
    first = as_cases(asked, next(iter(usd.values())))
    head = ["risk", "answerable kept at tier 1", "of all kept", "quality of always-large"]
    print(f"| {' | '.join([*head, *(f'spend, {name}' for name in usd)])} |")
    print("|---|---|---|---|" + "---|" * len(usd))
    for risk in RISKS:
        at = calibration.get(risk)
        kept = scores >= (np.inf if at is None else at)
        stays = routing.share_interval(kept[answerable].astype(float), groups[answerable])
        mixed = np.where(kept, first.small, first.large)
        cells = [
            f"{float(risk):.0%}",
            said(stays),
            f"{kept.mean():.3f}",
            said(routing.share_interval(mixed, groups)),
            *(f"{routing.spend(as_cases(asked, one), kept):.3f}" for one in usd.values()),
        ]
        print(f"| {' | '.join(cells)} |")
    for name, one in usd.items():
        print(f"always large, {name}: {one.mean() * 1000:.2f} US dollars a thousand questions")


def own_sets(given: argparse.Namespace) -> None:
    calibration = Calibration(given.models / "calibration")
    raw = json.loads((given.models / "calibration" / "calibration.json").read_text("utf-8"))
    everything = list(observed(given.work, calibration))
    first = in_first_half(one.group for one in everything)
    fitted = [one for one, is_first in zip(everything, first, strict=True) if is_first]
    asked = [one for one, is_first in zip(everything, first, strict=True) if not is_first]
    embedder = Embedder(given.models / "embedder", threads=2)
    known = embedder.encode([one.text for one in fitted]).astype(np.float64)
    was_right = np.array([float(one.right) for one in fitted])
    count = routing.tuned_neighbours(known, was_right)
    for title, chosen in _parts(asked):
        vectors = embedder.encode([one.text for one in chosen]).astype(np.float64)
        cases = as_cases(chosen, np.array([float(one.characters) for one in chosen]))
        print(f"\n## {title}: {len(chosen)} questions, {len(set(cases.groups))} groups")
        print(f"always small {cases.small.mean():.3f}, always large (oracle) 1\n")
        print_routers(
            cases,
            np.array([float(len(one.text.split())) for one in chosen]),
            {
                f"{count} nearest questions": routing.nearest(vectors, known, was_right, count),
                "ours, the calibrated confidence": np.array([one.confidence for one in chosen]),
            },
        )
        print()
        print_dial(chosen, raw["thresholds"])


def _parts(asked: Sequence[Asked]) -> Iterator[tuple[str, list[Asked]]]:
    yield "all", list(asked)
    yield OF_HELP, [one for one in asked if one.set_name in HELP]
    yield DIALOGUES, [one for one in asked if one.set_name == "doc2dial_held_out"]


def replay(given: argparse.Namespace) -> None:
    """RouteLLM's MMLU: Mixtral 8x7B as the small model, GPT-4 as the large one."""
    from sklearn.linear_model import LogisticRegression

    with gzip.open(given.routing / "routellm_mmlu.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    order = np.random.default_rng(9).permutation(len(found))[: given.questions]
    found = [found[at] for at in order]
    texts = [row["prompt"] for row in found]
    cases = Cases(
        small=np.array([float(row["mixtral_8x7b"]) for row in found]),
        large=np.array([float(row["gpt4_1106"]) for row in found]),
        cost=np.array([float(len(text)) for text in texts]),
        groups=np.array([str(at) for at in range(len(found))]),
    )
    vectors = Embedder(given.models / "embedder", threads=2).encode(texts).astype(np.float64)
    train: NDArray[np.intp] = np.arange(0, len(found), 2)
    test: NDArray[np.intp] = np.arange(1, len(found), 2)
    right = cases.small[train]
    count = routing.tuned_neighbours(vectors[train], right)
    model = LogisticRegression(C=1.0, max_iter=1_000).fit(vectors[train], right)
    tested = cases.of(test)
    print(f"\n## RouteLLM's MMLU: {len(test)} questions")
    print(f"always small {tested.small.mean():.3f}, always large {tested.large.mean():.3f}\n")
    print_routers(
        tested,
        np.array([float(len(texts[at].split())) for at in test]),
        {
            f"{count} nearest questions": routing.nearest(
                vectors[test], vectors[train], right, count
            ),
            "regression on the embedder's vector": model.predict_proba(vectors[test])[:, 1],
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="The cascade beside other routers.")
    parser.add_argument("--work", type=Path, help="the work folder of tuning.observe")
    parser.add_argument("--routing", type=Path)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--questions", type=int, default=4_000, help="of the replay")
    given = parser.parse_args()
    if given.work:
        own_sets(given)
    if given.routing:
        replay(given)


if __name__ == "__main__":
    main()
