"""What does a message want? The intent head on messages that it was not trained on.

    python -m benchmarks.intent_quality --data FOLDER [--models models]

Two tables. The first: for each set and what its messages want, the share that the head of the
models folder recognises, and what the others are taken for. The second: the 150 intents of
clinc150, softmax regression on the embedder's vectors of its training split, asked with its
validation split. A message is called out of scope where the largest logit of an intent, less half
of that of a class of the training split's 100 messages out of scope, is below a threshold. The
threshold is that at which this share of the training split's own messages is refused, when they are
cross-validated. Intervals: Wilson's 95%. Needs requirements-tuning.txt.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.risk_guarantee import wilson
from inference.embedder import Embedder
from inference.intent import IntentHead
from tuning.intent_examples import BITEXT, CLINC, HWU64, NEITHER, SNIPS
from tuning.reading_examples import rows
from tuning.train_intent import encode

OUT = "oos"
OOS_WEIGHT, OOS_SHARE = 5.0, 0.5
REFUSED = (0.005, 0.01, 0.02, 0.03)
FOLDS = 5
Logits = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, default=Path("models"))
    given = parser.parse_args()
    embedder = Embedder(given.models / "embedder", threads=2)
    _wants(given.data, embedder, IntentHead(given.models / "intent"))
    _clinc150(given.data, embedder)


def _wants(data: Path, embedder: Embedder, head: IntentHead) -> None:
    asked: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, text, wanted in _labelled(data):
        asked[(name, wanted)].append(text)
    print("| set | wants | messages | recognised | taken for |\n|---|---|---|---|---|")
    for (name, wanted), texts in sorted(asked.items()):
        found = Counter(one.label for one in head.classify(encode(embedder, texts)))
        right = found.pop(wanted, 0)
        others = ", ".join(f"{label} {count}" for label, count in found.most_common(3))
        share = _share(right, len(texts))
        print(f"| {name} | {wanted} | {len(texts):,} | {share} | {others} |", flush=True)


def _labelled(data: Path) -> Iterator[tuple[str, str, str]]:
    """Set, message, label: splits and sets that tuning.intent_examples does not read."""
    for row in rows(data / "clinc150" / "train_val.jsonl"):
        if row["split"] == "val" and row["intent"] not in NEITHER:
            name = "clinc150 val, oos" if row["oos"] else "clinc150 val"
            yield name, row["text"], CLINC.get(row["intent"], "question")
    for row in rows(data / "bitext_support" / "bitext_20k.jsonl"):
        yield "bitext 20k", row["text"], BITEXT.get(row["intent"], "question")
    for name, wanted in (("hwu64", HWU64), ("snips", SNIPS)):
        for row in rows(data / "intents_other" / f"{name}.jsonl"):
            if row["split"] == "test" and str(row["intent"]).startswith(wanted):
                yield f"{name} test", row["text"], "out_of_scope"
    for name, text in _questions(data):
        yield name, text, "question"


def _questions(data: Path) -> Iterator[tuple[str, str]]:
    for row in rows(data / "dstc11_track5" / "val.jsonl"):
        if row["needs_knowledge"]:
            yield "dstc11", row["turns"][-1][1]
    for row in rows(data / "stackfaq_paraphrases" / "stackfaq.jsonl"):
        yield "stackfaq", row["paraphrase"]
    for row in rows(data / "policyqa" / "dev.jsonl"):
        yield "policyqa dev", row["question"]
    for row in rows(data / "covid_qa" / "covid_qa_200423.jsonl"):
        yield "covid_qa", row["question"]


def _clinc150(data: Path, embedder: Embedder) -> None:
    found = list(rows(data / "clinc150" / "train_val.jsonl"))
    vectors = encode(embedder, [row["text"] for row in found])
    intents = np.array([row["intent"] for row in found])
    training = np.array([row["split"] == "train" for row in found])
    best, score = _scored(vectors[training], intents[training], vectors[~training])
    wanted = intents[~training]
    inside, right = wanted != OUT, best == wanted
    print(f"\nclinc150, {int(inside.sum()):,} in scope and {int((~inside).sum())} out of scope")
    print(f"150 intents, nothing refused: {_share(int(right[inside].sum()), int(inside.sum()))}")
    held = _cross_validated(vectors[training], intents[training])
    mine = np.sort(held[intents[training] != OUT])
    print("| refused in cross-validation | in scope and right | out of scope recognised |")
    print("|---|---|---|")
    for share in REFUSED:
        kept = score > mine[int(share * len(mine))]
        accepted = _share(int((right & kept)[inside].sum()), int(inside.sum()))
        recognised = _share(int((~kept)[~inside].sum()), int((~inside).sum()))
        print(f"| {share:.1%} | {accepted} | {recognised} |")


def _scored(
    vectors: NDArray[np.float32], intents: NDArray[np.str_], asked: NDArray[np.float32]
) -> tuple[NDArray[np.str_], Logits]:
    """For each asked one its best intent, and how much it is in scope."""
    from sklearn.linear_model import LogisticRegression

    weight = np.where(intents == OUT, OOS_WEIGHT, 1.0)
    head = LogisticRegression(C=30.0, max_iter=500).fit(vectors, intents, sample_weight=weight)
    logits = head.decision_function(asked)
    out = list(head.classes_).index(OUT)
    names = np.delete(head.classes_, out)
    intent_logits = np.delete(logits, out, axis=1)
    score = intent_logits.max(axis=1) - OOS_SHARE * logits[:, out]
    return names[intent_logits.argmax(axis=1)], score


def _cross_validated(vectors: NDArray[np.float32], intents: NDArray[np.str_]) -> Logits:
    """(N,) scores of each message by a head that was not trained on it."""
    from sklearn.model_selection import StratifiedKFold

    found = np.zeros(len(intents))
    for train, left in StratifiedKFold(FOLDS, shuffle=True, random_state=7).split(vectors, intents):
        found[left] = _scored(vectors[train], intents[train], vectors[left])[1]
    return found


def _share(count: int, total: int) -> str:
    low, high = wilson(count, total)
    return f"{count / total:.3f} ({low:.3f}-{high:.3f})"


if __name__ == "__main__":
    main()
