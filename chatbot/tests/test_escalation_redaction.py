"""What leaves holds no personal details, and every placeholder can be put back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.escalation.identity_numbers import luhn
from chatbot.escalation.redaction import Redactor

DETAILS = [
    ("EMAIL", "vera.o'neil+shop@mail.example.org"),
    ("EMAIL", "вера@почта.рф"),
    ("CARD", "4111 1111 1111 1111"),
    ("CARD", "5500-0000-0000-0004"),
    ("CARD", "378282246310005"),
    ("IBAN", "DE89 3704 0044 0532 0130 00"),
    ("IBAN", "gb29nwbk60161331926819"),
    ("IP", "203.0.113.7"),
    ("IP", "2001:db8::1"),
    ("PHONE", "+44 20 7946 0958"),
    ("PHONE", "8 (916) 123-45-67"),
    ("PHONE", "(555) 010-4477"),
    ("PHONE", "089/1234567"),
    ("PHONE", "25-62-29-72"),
    ("PHONE", "(978)645-9740x11144"),
    ("PHONE", "00 49 30 901820"),
    ("ID", "308-63-0237"),
    ("ID", "QQ 12 34 56 C".replace("QQ", "AB")),
    ("ID", "046 454 286"),
    ("ID", "112-233-445 95"),
    ("ID", "1 85 05 78 006 084 91"),
    ("ID", "12345678Z"),
    ("ID", "RSSMRA85T10A562S"),
    ("ID", "44051401359"),
    ("ID", "529.982.247-25"),
    ("ID", "131052-308T"),
    ("KEY", "sk-proj-a1B2c3D4e5F6"),
    ("KEY", "ghp_0123456789abcdefghijABCDEFGHIJ012345"),
    ("KEY", "AKIAIOSFODNN7EXAMPLE"),
    ("KEY", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123"),
]


@pytest.mark.parametrize(("kind", "value"), DETAILS)
def test_a_detail_becomes_a_placeholder_and_comes_back(kind: str, value: str) -> None:
    redactor = Redactor()
    text = f"Here it is: {value}, and nothing else. Again {value}."
    assert redactor.redact(text) == f"Here it is: [{kind}_1], and nothing else. Again [{kind}_1]."
    assert redactor.counts == {kind: 1}
    assert redactor.restore(f"I wrote to [{kind}_1].") == f"I wrote to {value}."


@pytest.mark.parametrize(
    "text",
    [
        "Orders of 2026-11-23 at 10:30 arrive within 14 days and cost 1,299.00.",
        "Error E-104 of version 2.68.0 (build 4711).",
        "The card number 4111 1111 1111 1112 has a typing mistake.",
        "See https://help.example.org/articles/how-do-i-reset-my-password#h-step-2.",
        "It takes 2 to 3 days, 12 345 678 euros at most, order #20261123.",
        "Apt. 722 20 40 rue Victor Hugo, from 01/02/2026 to 28.02.2026.",
        "Passport photos are 35 mm by 45 mm; a driving licence is enough.",
        "Choose a token: it must be long. Password: at least eight characters.",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert Redactor().redact(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("My driver's license number is U62928788557186.", "My driver's license number is [ID_1]."),
        ("passport no. AB 1234567 please", "passport no. [ID_1] please"),
        ("мой паспорт 4509 123456", "мой паспорт [ID_1]"),
        ("ИНН: 7707083893", "ИНН: [ID_1]"),
        ("Call me at 785 8949", "Call me at [PHONE_1]"),
    ],
)
def test_a_number_that_a_word_names_goes(text: str, left: str) -> None:
    assert Redactor().redact(text) == left


def test_a_named_secret_loses_its_value_alone() -> None:
    assert Redactor().redact("my password: hunter2secret!") == "my password: [KEY_1]"


def test_one_request_shares_its_placeholders() -> None:
    redactor = Redactor()
    assert redactor.redact("From a@example.org to b@example.org") == "From [EMAIL_1] to [EMAIL_2]"
    assert redactor.redact("Only b@example.org, 10.0.0.1:8000") == "Only [EMAIL_2], [IP_1]:8000"
    assert redactor.counts == {"EMAIL": 2, "IP": 1}


def test_a_typed_placeholder_never_reveals_an_address() -> None:
    redactor = Redactor()
    left = redactor.redact("Is [EMAIL_1] the address vera@example.org?")
    assert left == "Is [TEXT_1] the address [EMAIL_1]?"
    assert redactor.restore(left) == "Is [EMAIL_1] the address vera@example.org?"
    assert redactor.restore("[PHONE_9]") == "[PHONE_9]"


WORDS = st.sampled_from([value for _, value in DETAILS] + ["[EMAIL_1]", "[CARD_2]", "12", "pwd:"])
MIXED = st.lists(st.one_of(WORDS, st.text(max_size=12)), max_size=12).map("".join)


@given(st.lists(MIXED, min_size=1, max_size=3))
def test_what_was_taken_out_can_be_put_back(texts: list[str]) -> None:
    redactor = Redactor()
    redacted = [redactor.redact(text) for text in texts]
    assert [redactor.restore(text) for text in redacted] == texts


@given(MIXED, st.emails(domains=st.just("example.org")), MIXED)
def test_no_address_leaves(before: str, email: str, after: str) -> None:
    redacted = Redactor().redact(f"{before} <vera.{email}> {after}")
    assert "@example.org" not in redacted


@given(st.integers(min_value=10**11, max_value=10**17), st.sampled_from(["", " ", "-"]))
def test_no_card_number_leaves(stem: int, gap: str) -> None:
    digits = next(f"{stem}{last}" for last in range(10) if luhn(f"{stem}{last}"))
    if len(digits) < 13:
        digits = next(f"{stem}0{last}" for last in range(10) if luhn(f"{stem}0{last}"))
    card = gap.join(digits[at : at + 4] for at in range(0, len(digits), 4))
    redacted = Redactor().redact(f"My card {card} expires 12/27")
    assert digits not in re.sub(r"\D", "", redacted)
    assert re.fullmatch(r"My card \[\w+_1\] expires 12/27", redacted)


@given(st.text(alphabet="0123456789 -+().:@aA_", max_size=400))
def test_numbers_of_any_shape_come_back(text: str) -> None:
    redactor = Redactor()
    assert redactor.restore(redactor.redact(text)) == text
