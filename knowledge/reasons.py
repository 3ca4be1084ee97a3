"""Why a file, row or page could not be used, in the language of whoever reads it.

What is kept is the English line, written by parsers that know no translations. It is told by the
sentence that it follows: a list of all of them, with what differs from case to case as %(…)s. So
rows that were written before a language was added are shown in it, too, and a line that follows
none of them, such as a library's own message, is shown as it is.
"""

import re
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

SENTENCES = (
    # files
    _("has no text"),
    _("has no text (scanned pages?)"),
    _("has no text (only pictures?)"),
    _("is empty"),
    _("is larger than %(size)s bytes"),
    _("is protected by a password"),
    _("is another kind of file than its name says: %(kind)s"),
    _("is no readable %(kind)s but %(other)s"),
    _("is no readable %(kind)s: %(error)s"),
    _("is no readable %(kind)s"),
    _("is an old Office file; save it as %(kind)s"),
    _("is not UTF-8 text (byte %(number)s)"),
    _("is of no format that can be imported"),
    _("is XML with entities or a DTD: refused"),
    _("is nested too deeply"),
    _("is damaged"),
    _("has more than %(number)s pages"),
    _("has more than %(number)s cells"),
    _("has more than %(number)s rows"),
    _("holds XML with entities: refused"),
    _("holds a picture of %(width)s × %(height)s pixels: refused"),
    _("unpacks to %(size)s bytes in %(number)s parts: refused"),
    _("unpacks to %(size)s bytes: refused"),
    _("takes longer than %(seconds)s s to read"),
    _("takes too much time or memory to read"),
    _("takes too much memory to read"),
    _("cannot be read (%(error)s)"),
    _("the parser ended"),
    _("the parser said nothing"),
    _("The file could not be imported."),
    # ZIP
    _("holds no file that can be imported"),
    _("holds %(number)s files, more than %(most)s: refused"),
    _("leads out of the folder: refused"),
    _("has a name that cannot be kept"),
    _("lies too deep in folders"),
    _("is a link: refused"),
    _("is there twice; the first one counts"),
    _("is a ZIP inside a ZIP: refused"),
    _("is packed in a way that is not read"),
    _("cannot be read inside a ZIP"),
    _("%(number)s file of another format was passed over"),
    _("%(number)s files of other formats were passed over"),
    # rows and tables
    _("has no columns named question and answer"),
    _("has no questions"),
    _("has no question"),
    _("has no answer"),
    _("is not JSON"),
    _("is not a JSON object"),
    _("has a field that is no string"),
    _("has no %(field)s"),
    _("line %(number)s is longer than %(size)s bytes"),
    _("doc_id is empty"),
    _("doc_id is longer than %(number)s characters"),
    _("text is longer than %(number)s characters"),
    _("url is not an http or https address of at most 1,000 characters"),
    _("audience is none of %(names)s"),
    _("lang is longer than 12 characters"),
    _("%(field)s contains a NUL character"),
    _("%(field)s contains half of a surrogate pair"),
    _("is no table of questions and answers, so it replaces nothing else"),
    _("has rows that cannot be told apart, so nothing was archived"),
    # front matter
    _("front matter has no end and is kept as text"),
    _("line %(number)s of its front matter cannot be read"),
    _("names readers that are not known, so members alone may read it"),
    _("names a language that is no code such as en or ru"),
    _("names an address that is not an http or https address"),
    _("has a tag that cannot be kept: %(tag)s"),
    # sites
    _("robots.txt does not allow it"),
    _("asks not to be indexed"),
    _("leads to an address that is not read"),
    _("leads to %(address)s; give that address instead"),
    _("leads to %(address)s"),
    _("leads on and on"),
    _("the server says %(number)s"),
    _("is no page of text (no type)"),
    _("is no page of text (%(kind)s)"),
    _("is no sitemap"),
    _("is no readable XML"),
    _("is the same page as %(address)s"),
    _("is not there any more"),
    _("the server's certificate is not valid"),
    _("took longer than %(seconds)s s"),
    _("the connection broke (%(error)s)"),
    _("the server's name is not known"),
    _("the server's address is not public"),
    _("the server does not answer"),
    _("the page is packed as %(kind)s, which nobody asked for"),
    _("the page is packed wrongly"),
    _("the address is longer than %(number)s characters or has control characters"),
    _("this is no web address"),
    _("only http and https addresses are read"),
    _("the address holds a name or a password"),
    _("only the ports 80 and 443 are asked"),
    _("the address names no server"),
    _("status %(number)s, so nothing of the site may be read"),
    _("The sitemap names no page of this site."),
    _("The site does not answer: %(reason)s."),
    _("No page could be read, so nothing was retired."),
    _("There are more pages than the limit; nothing was retired that lies beyond."),
    _("A sitemap could not be read, so nothing was retired that it may name."),
    _("The run could not be finished. It goes on from here when it is run again."),
    # Git
    _("there is no public repository at this address"),
    _("is no Git repository (status %(number)s)"),
    _("has no such branch"),
    _("has no commit"),
    _("has no such folder"),
    _("has no file that fits"),
    _("has more than %(number)s files that fit"),
    _("has more than %(number)s objects"),
    _("lies in Git LFS, which is not read"),
    _("The repository cannot be read."),
    _("The repository %(reason)s."),
    # places
    _("%(place)s, line %(number)s"),
    _("%(place)s, row %(number)s"),
)
NUMBERS = frozenset({"number", "size", "most", "width", "height", "seconds"})
NESTED = "reason"  # a part that is a sentence of this list itself
_PART = re.compile(r"%\((\w+)\)s")


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Those with fewer gaps first, so that a sentence of its own wins over one with a gap."""
    ordered = sorted(SENTENCES, key=lambda one: (len(_PART.findall(one)), -len(one)))
    return [(re.compile(_as_pattern(one), re.DOTALL), one) for one in ordered]


def _as_pattern(sentence: str) -> str:
    parts = _PART.split(sentence)
    return "".join(_gap(part) if at % 2 else re.escape(part) for at, part in enumerate(parts))


def _gap(name: str) -> str:
    return f"(?P<{name}>{'[0-9,.]+' if name in NUMBERS else '.+?'})"


def told(line: str) -> str:
    """A line as it was kept, `place: reason` or a reason alone, in the current language."""
    parts = [line] if _sentence(line) is not None else line.split("; ")
    return "; ".join(_told(one) for one in parts)


def _told(line: str) -> str:
    whole = _sentence(line)
    if whole is not None:
        return whole
    at = line.find(": ")
    while at >= 0:
        reason = _sentence(line[at + 2 :])
        if reason is not None:
            return f"{_sentence(line[:at]) or line[:at]}: {reason}"
        at = line.find(": ", at + 1)
    return line


def _sentence(said: str) -> str | None:
    """In the current language; None if it follows no sentence of the list."""
    for pattern, sentence in _patterns():
        found = pattern.fullmatch(said)
        if found is not None:
            parts = found.groupdict()
            if NESTED in parts:
                parts[NESTED] = told(parts[NESTED])
            return gettext(sentence) % parts
    return None
