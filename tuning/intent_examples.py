"""Messages with what they want, from public sets of intents and our own phrases.

Anything that a company's customers may ask is a `question`. `out_of_scope` is what no company
answers: sums, verses, orders to a voice assistant. Whether a knowledge base
holds an answer all the same is not for the intent to say: chatbot.answering.pipeline asks both.
"""

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tuning.reading_examples import held_out_pages, rows
from tuning.retrieval_pairs import held_out_group

_T = TypeVar("_T")
LABELS = (
    "question",
    "greeting",
    "thanks",
    "goodbye",
    "smalltalk",
    "person",
    "complaint",
    "out_of_scope",
)
MOST_QUESTIONS = 14_000
MOST_OUT_OF_SCOPE = 6_000
OF_ONE_INTENT = 150
OF_FAQS = 1_000
OWN_PHRASES = Path(__file__).with_name("own_phrases.json")  # for what public sets hold little of
OWN_WEIGHT = 8  # times each of our own phrases counts
_ASSISTANT = (  # clinc150: what a voice assistant is asked, and no company's support
    "alarm", "calculator", "calendar", "calendar_update", "calories", "cook_time", "date",
    "definition", "flip_coin", "food_last", "ingredient_substitution", "ingredients_list",
    "make_call", "meal_suggestion", "measurement_conversion", "next_song", "nutrition_info", "oos",
    "play_music", "recipe", "reminder", "reminder_update", "roll_dice", "shopping_list",
    "shopping_list_update", "spelling", "text", "time", "timer", "timezone", "todo_list",
    "todo_list_update", "translate", "update_playlist", "weather", "what_song",
)  # fmt: skip
CLINC = {
    "greeting": "greeting", "thank_you": "thanks", "goodbye": "goodbye",
    **dict.fromkeys(
        ("are_you_a_bot", "what_is_your_name", "how_old_are_you", "who_made_you", "tell_joke",
         "where_are_you_from", "what_are_your_hobbies", "do_you_have_pets", "who_do_you_work_for",
         "what_can_i_ask_you", "meaning_of_life", "fun_fact"), "smalltalk"),
    **dict.fromkeys(_ASSISTANT, "out_of_scope"),
}  # fmt: skip
# What is said in any dialogue, or means something else in each.
NEITHER = frozenset(
    {"yes", "no", "maybe", "repeat", "user_name", "change_ai_name", "change_user_name"}
)
BITEXT = {"contact_human_agent": "person", "complaint": "complaint"}
HWU64 = (
    "alarm_", "audio_", "calendar_", "cooking_", "datetime_", "email_", "iot_", "lists_", "music_",
    "news_", "play_", "qa_definition", "qa_factoid", "qa_maths", "qa_stock", "social_", "weather_",
)  # fmt: skip
SNIPS = (
    "PlayMusic", "AddToPlaylist", "RateBook", "SearchCreativeWork", "GetWeather",
    "SearchScreeningEvent",
)  # fmt: skip


@dataclass(frozen=True)
class IntentExample:
    text: str
    label: str
    weight: float = 1.0


def examples(data: Path | None, *, seed: int = 7) -> list[IntentExample]:
    """Public data where a folder is given, and our own phrases. Nothing of a set's other splits."""
    phrases = json.loads(OWN_PHRASES.read_text(encoding="utf-8"))
    own = [
        IntentExample(text, label, OWN_WEIGHT) for label, texts in phrases.items() for text in texts
    ]
    if data is None:
        return own
    rng = random.Random(seed)
    found = list(_public(data, rng))
    questions = [one for one in found if one.label == "question"]
    outside = [one for one in found if one.label == "out_of_scope"]
    rest = [one for one in found if one.label not in {"question", "out_of_scope"}]
    return [
        *own,
        *rest,
        *_sample(rng, questions, MOST_QUESTIONS),
        *_sample(rng, outside, MOST_OUT_OF_SCOPE),
    ]


def _public(data: Path, rng: random.Random) -> Iterator[IntentExample]:
    for row in rows(data / "clinc150" / "train_val.jsonl"):
        if row["split"] == "train" and row["intent"] not in NEITHER:
            yield IntentExample(row["text"], CLINC.get(row["intent"], "question"))
    for row in rows(data / "bitext_support" / "bitext_8k.jsonl"):
        yield IntentExample(row["text"], BITEXT.get(row["intent"], "question"))
    for text in (*_customers(data), *_faqs(data, rng)):
        yield IntentExample(text, "question")
    for text in _assistants(data / "intents_other", rng):
        yield IntentExample(text, "out_of_scope")


def _customers(data: Path) -> Iterator[str]:
    """What customers ask of banks, shops, insurers and offices."""
    for row in rows(data / "banking77" / "train.jsonl"):
        yield row["text"]
    for row in rows(data / "intents_other" / "dstc11_track2_support_utterances.jsonl"):
        yield row["text"]
    for row in rows(data / "dstc10_track2" / "val.jsonl"):
        if row["needs_knowledge"]:
            yield row["turns"][-1][1]
    unseen = set(held_out_pages(data))
    pages = {row["doc_id"]: row["title"] for row in rows(data / "doc2dial" / "docs.jsonl")}
    for row in rows(data / "doc2dial" / "turns.jsonl"):
        if row["query_role"] == "user" and pages[row["doc_id"]] not in unseen:
            yield row["query"]


def _faqs(data: Path, rng: random.Random) -> Iterator[str]:
    """Questions about hotels and restaurants, privacy policies and illnesses, some of each."""
    places = {row["question"] for row in rows(data / "dstc10_track2" / "knowledge.jsonl")}
    policies = {row["question"] for row in rows(data / "policyqa" / "test.jsonl")}
    path = data / "medquad" / "medquad_with_answers.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        pages = [json.loads(line) for line in file]
    illnesses = {
        row["question"] for row in pages if not held_out_group(f"{row['src']}: {row['focus']}")
    }
    for questions in (places, policies, illnesses):
        yield from _sample(rng, sorted(questions), OF_FAQS)


def _assistants(folder: Path, rng: random.Random) -> Iterator[str]:
    """At most OF_ONE_INTENT of each intent that a voice assistant has."""
    for name, wanted in (("hwu64", HWU64), ("snips", SNIPS)):
        asked: dict[str, list[str]] = {}
        for row in rows(folder / f"{name}.jsonl"):
            if row["split"] == "train" and str(row["intent"]).startswith(wanted):
                asked.setdefault(row["intent"], []).append(row["text"])
        for intent in sorted(asked):
            yield from _sample(rng, asked[intent], OF_ONE_INTENT)


def _sample(rng: random.Random, population: Sequence[_T], most: int) -> Sequence[_T]:
    return rng.sample(population, most) if len(population) > most else population
