"""Why a file was refused, for whoever sent it, in the language that is active."""

from django.utils.translation import gettext as _

LARGEST = 10_000_000  # bytes


def refusal(code: str) -> str:
    words = {
        "unknown_type": _("Only pictures (PNG, JPEG, WebP, GIF) and PDFs can be sent."),
        "too_large": _("The file is larger than %(most)s MB.") % {"most": LARGEST // 1_000_000},
        "too_many_pixels": _("The picture has too many pixels."),
        "damaged": _("The file is damaged or cannot be read."),
        "locked_pdf": _("The PDF is protected by a password."),
        "active_pdf": _("The PDF holds scripts, forms that send data, or other files."),
        "long_pdf": _("The PDF has too many pages."),
        "too_many": _("There are too many files in this conversation."),
        "not_allowed": _("No files can be sent here."),
        "rate_limited": _("Too many files at once. Please try again in a moment."),
    }
    return words.get(code, words["damaged"])
