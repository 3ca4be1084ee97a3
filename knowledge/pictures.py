"""Pictures in articles: checked, made anew, kept by content, and shown to whoever may read.

A file is what Pillow can decode, whatever its name or type says. Size and pixels are bounded
before anything is decoded, and one picture at a time is decoded in a process. What is kept is
written anew from the pixels: no metadata, no hidden payload; of an animation the first picture.
PictureRefused: with words for whoever uploads it.
"""

import hashlib
import io
import re
import threading
import warnings
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts import audit
from accounts.errors import NotFound
from accounts.models import Member
from accounts.scope import workspace_scope
from knowledge.models import Article, Audience, Picture, PictureUse, Revision

LARGEST = 10_000_000  # bytes
MOST_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
KINDS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
_USED = re.compile(r"/help/[a-z0-9-]{1,60}/pictures/([0-9a-f]{64})\.(?:png|jpg|webp)")
_decoding = threading.Lock()


class PictureRefused(Exception):
    """The file is no picture that is kept."""


def keep(author: Member, data: bytes) -> Picture:
    """Check a file and keep it. The same picture again is the one that is there."""
    kind, size, made = _made_anew(data)
    digest = hashlib.sha256(made).hexdigest()
    name = _place(author.workspace_id, digest)
    if not _storage().exists(name):
        _storage().save(name, ContentFile(made))
    with workspace_scope(author.workspace_id):
        picture, is_new = Picture.objects.get_or_create(
            workspace_id=author.workspace_id,
            digest=digest,
            defaults={
                "kind": kind,
                "width": size[0],
                "height": size[1],
                "size": len(made),
                "author": author,
            },
        )
        if is_new:
            audit.record(
                author, "picture.added", target_kind="picture", target_id=picture.id, digest=digest
            )
    return picture


def path(slug: str, picture: Picture) -> str:
    """Where the picture is shown; what articles name it by."""
    return f"/help/{slug}/pictures/{picture.digest}.{picture.kind}"


def _made_anew(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    """The kind, the size in pixels, and the bytes of a clean picture."""
    if len(data) > LARGEST:
        raise PictureRefused(
            _("The picture is larger than %(most)s MB.") % {"most": LARGEST // 1_000_000}
        )
    try:
        with warnings.catch_warnings(), _decoding:
            warnings.simplefilter("ignore")  # of odd files; what matters is checked below
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _decoded(image)
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise PictureRefused(
            _("This is no picture that can be shown. PNG, JPEG, GIF and WebP can.")
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError):
        raise PictureRefused(_("The picture is damaged.")) from None


def _decoded(image: Image.Image) -> tuple[str, tuple[int, int], bytes]:
    if image.width * image.height > MOST_PIXELS:
        raise PictureRefused(
            _("The picture has more than %(most)s million pixels.")
            % {"most": MOST_PIXELS // 1_000_000}
        )
    wanted = "PNG" if image.format == "GIF" else str(image.format)
    image.seek(0)
    image.load()
    upright = ImageOps.exif_transpose(image)
    clean = upright.convert(_mode(upright, wanted))
    clean.info.clear()
    out = io.BytesIO()
    options = {"quality": 88} if wanted in {"JPEG", "WEBP"} else {"optimize": True}
    clean.save(out, format=wanted, **options)
    return KINDS[wanted], clean.size, out.getvalue()


def _mode(image: Image.Image, wanted: str) -> str:
    """Colours as every browser shows them."""
    if wanted == "JPEG":
        return "L" if image.mode == "L" else "RGB"
    return "RGBA" if image.has_transparency_data else "RGB"


def readable(workspace_id: UUID, digest: str, *, is_member: bool) -> Picture:
    """The picture, for members or where a published public article shows it. Raises NotFound."""
    with workspace_scope(workspace_id):
        picture = Picture.objects.filter(digest=digest).first()
        if picture is None:
            raise NotFound("no such picture")
        if not is_member and not _is_shown(picture, (Audience.PUBLIC,)):
            raise NotFound("no such picture")
        return picture


def shown_in(
    workspace_id: UUID, article_id: UUID, digest: str, *, audiences: Collection[str]
) -> Picture:
    """The picture, where this published article shows it to such readers. Raises NotFound."""
    with workspace_scope(workspace_id):
        picture = Picture.objects.filter(digest=digest).first()
        if picture is None or not _is_shown(picture, audiences, id=article_id):
            raise NotFound("no such picture")
        return picture


def _is_shown(picture: Picture, audiences: Collection[str], **where: UUID) -> bool:
    shown = Article.objects.filter(audience__in=audiences, archived_at=None, **where)
    shown = shown.exclude(published_revision=None)
    return PictureUse.objects.filter(picture=picture, article__in=shown).exists()


def content(picture: Picture) -> bytes:
    """The kept file. Raises NotFound where it is gone or is not what was kept."""
    try:
        with _storage().open(_place(picture.workspace_id, picture.digest)) as file:
            data = bytes(file.read())
    except OSError:
        raise NotFound("the file is gone") from None
    if hashlib.sha256(data).hexdigest() != picture.digest:
        raise NotFound("the file was altered")
    return data


def note_uses(workspace_id: UUID, revisions: Sequence[Revision]) -> None:
    """Remember which pictures these revisions show, now that they are published. In the scope."""
    used = {one.article_id: set(_USED.findall(one.text)) for one in revisions}
    forget_uses(used)
    digests = set().union(*used.values())
    if not digests:
        return
    ids = dict(Picture.objects.filter(digest__in=digests).values_list("digest", "id"))
    PictureUse.objects.bulk_create(
        PictureUse(workspace_id=workspace_id, picture_id=ids[digest], article_id=article_id)
        for article_id, found in used.items()
        for digest in found & ids.keys()
    )


def forget_uses(article_ids: Iterable[UUID]) -> None:
    """These articles show nothing to the public any more. Inside the scope."""
    PictureUse.objects.filter(article_id__in=list(article_ids)).delete()


def _place(workspace_id: UUID, digest: str) -> str:
    return f"{workspace_id}/{digest[:2]}/{digest}"


def _storage() -> Storage:
    return storages["pictures"]
