"""A chat template is a stranger's program: run once, apart, within bounds, for fixed texts."""

import re
import subprocess
from typing import Any

import pytest

from inference.chat_template import Frame, frame_of
from inference.errors import ModelUnavailable

TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
SIMPLE = "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content | trim }}{% endfor %}"
USER_ONLY = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "{% for m in messages %}<u>{{ m.content }}</u>{% endfor %}"
)


def test_what_a_template_writes_stands_around_instructions_and_data() -> None:
    frame = frame_of(SIMPLE, TOKENS)
    assert frame == Frame("<s>[system]", "[user]", "")
    assert frame.around("Be brief.", "{{ 7 * 7 }}") == "<s>[system]Be brief.[user]{{ 7 * 7 }}"


def test_a_template_without_a_system_message_gets_one_text_of_the_users() -> None:
    assert frame_of(USER_ONLY, TOKENS) == Frame("<u>", "\n\n", "</u>")


def test_a_template_may_tell_the_date_and_leave_a_loop() -> None:
    dated = "{{ strftime_now('%Y') }}{% for m in messages %}{{ m.content }}|{% endfor %}"
    assert re.fullmatch(r"20\d\d", frame_of(dated, TOKENS).before)
    left = "{% for m in messages %}{{ m.content }};{% if m.role == 'user' %}{% break %}{% endif %}"
    left += "{% endfor %}"
    assert frame_of(left, TOKENS) == Frame("", ";", ";")


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% include '/etc/passwd' %}",
        SIMPLE + "{{ ''.__class__.__mro__[1].__name__ }}",  # writes both texts, and reaches out
        SIMPLE + "{% set _ = messages.append(messages[0]) %}",
        "{% for m in messages %}{{ m.role }}{% endfor %}",  # loses what is asked
        "{{ messages[0].content }}{{ messages[0].content }}{{ messages[1].content }}",
        "{% if %}",
        "{% for m in messages %}{{ m.content }}{{ 'x' * 30000 }}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'x' * 9999999999 }}{% for m in messages %}{{ m.content }}{% endfor %}",
    ],
)
def test_a_hostile_or_broken_template_is_refused(template: str) -> None:
    with pytest.raises(ModelUnavailable, match=r"its chat template (fails|does not come)"):
        frame_of(template, TOKENS)


def test_a_frame_that_is_no_text_is_refused() -> None:
    """A half of a pair of surrogates, as JSON may hold it, could not be written to the manifest."""
    with pytest.raises(ModelUnavailable, match="no text"):
        frame_of("\ud800" + SIMPLE, TOKENS)
    with pytest.raises(ModelUnavailable, match="no text"):
        frame_of(SIMPLE, TOKENS | {"bos_token": "\ud800"})


def test_one_that_is_too_long_or_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelUnavailable, match="longer than"):
        frame_of("x" * 100_001, TOKENS)

    def never(*_: Any, **options: Any) -> None:
        raise subprocess.TimeoutExpired("python", options["timeout"])

    monkeypatch.setattr(subprocess, "run", never)
    with pytest.raises(ModelUnavailable, match="does not come to an end"):
        frame_of(SIMPLE, TOKENS)
