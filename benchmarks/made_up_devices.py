"""Help pages about devices that do not exist, in our own words: any number, always the same."""

import random
from collections.abc import Iterator

_FIRST = ("Kor", "Bel", "Tam", "Vel", "Nor", "Zan", "Pil", "Ruk", "Mir", "Dol", "Fen", "Gat")
_LAST = ("vex", "mora", "tina", "dex", "lux", "pano", "rix", "sol", "via", "ton", "ley", "quin")
_KINDS = ("kettle", "lamp", "router", "camera", "printer", "heater", "drill", "speaker", "scale")
_PARTS = ("lid", "filter", "cable", "battery", "base", "cover", "switch", "sensor", "handle")
_ROOMS = ("kitchen", "office", "garage", "workshop", "living room", "cellar", "hall")
_SECTIONS = ("Warranty", "Cleaning", "Charging", "Sending it back", "When the light blinks")
_ASKED = (
    "How long is the warranty of the {name}?",
    "How often should I clean the {part} of the {name}?",
    "How long does it take to charge the {name}?",
    "Where do I send the {name} if I want to return it?",
    "What does it mean when the light of the {name} blinks?",
)


def name_of(number: int) -> str:
    rng = random.Random(number)
    return f"{rng.choice(_FIRST)}{rng.choice(_LAST)} {100 + number}"


def articles(count: int) -> Iterator[dict[str, str]]:
    """Rows of doc_id, title and text (Markdown); each has five passages of 50 to 90 words."""
    for number in range(count):
        rng = random.Random(number + 1)
        name, kind = name_of(number), rng.choice(_KINDS)
        texts = "\n\n".join(
            f"## {section}\n\n{_paragraph(section, name, kind, rng)}" for section in _SECTIONS
        )
        yield {"doc_id": f"device-{number}", "title": f"The {name} {kind}", "text": texts}


def _paragraph(section: str, name: str, kind: str, rng: random.Random) -> str:
    part, room, days = rng.choice(_PARTS), rng.choice(_ROOMS), rng.randint(2, 90)
    fact = {
        "Warranty": f"The warranty of the {name} lasts {days} months from the day of purchase.",
        "Cleaning": f"Clean the {part} of the {name} every {days} days with a dry cloth.",
        "Charging": f"Charging the {name} takes {days} minutes until the bar is full.",
        "Sending it back": f"Send the {name} to shelf {days} of our {room} within two weeks.",
        "When the light blinks": f"A blinking light means that the {part} of the {name} is loose.",
    }[section]
    around = [
        f"This {kind} was made for the {room} and works in every other room as well.",
        f"Keep the {part} dry, and never open the {kind} while it is connected to the mains.",
        f"If the {rng.choice(_PARTS)} is damaged, ask for a new one before you use it again.",
        f"Our team has tested each {kind} for {rng.randint(10, 99)} hours before it left us.",
        f"You find the number of your {kind} on the back, beside the {rng.choice(_PARTS)}.",
    ]
    rng.shuffle(around)
    return " ".join([around[0], fact, *around[1:]])


def questions(count: int, asked: int) -> list[str]:
    """Questions that the articles of `count` devices answer."""
    rng = random.Random(7)
    return [
        rng.choice(_ASKED).format(name=name_of(rng.randrange(count)), part=rng.choice(_PARTS))
        for _ in range(asked)
    ]
