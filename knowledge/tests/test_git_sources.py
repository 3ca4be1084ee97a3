"""A folder of Markdown in a Git repository, served over local HTTP, as a source."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from dulwich import porcelain
from dulwich.repo import Repo
from dulwich.server import BackendRepo, DictBackend
from dulwich.web import make_wsgi_chain

from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from knowledge import tags
from knowledge.articles import KnowledgeError
from knowledge.fetching import places
from knowledge.models import Article, Source, SourcePage
from knowledge.sources import keeping
from knowledge.sources.keeping import Wanted
from knowledge.sources.settings import GitSettings
from knowledge.tests import test_site_sources as sites_tests
from knowledge.tests.sites import HOST, PUBLIC_IP, Site
from knowledge.tests.test_site_sources import found, problems, run
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("fake_model")
assert sites_tests


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base's own word
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    porcelain.init(str(tmp_path)).close()
    (tmp_path / "docs/deep").mkdir(parents=True)
    (tmp_path / "docs/keys.md").write_text(
        "---\ntitle: Lost keys\nlang: de\ntags: [Keys]\nnonsense\n---\n"
        "A giraffe finds [it](deep/more.md).\n"
    )
    (tmp_path / "docs/deep/more.md").write_text("# More\n\nA walrus helps.\n")
    (tmp_path / "docs/broken.md").write_bytes(b"caf\xe9")
    (tmp_path / "other.md").write_text("# Other\n\nA newt.\n")
    (tmp_path / "docs/link.md").symlink_to("/etc/passwd")
    commit(tmp_path)
    return tmp_path


def commit(folder: Path) -> None:
    with Repo(str(folder)) as repo:
        porcelain.add(repo, [str(path) for path in folder.rglob("*.md")])
        porcelain.commit(repo, message=b"as it is", author=b"A <a@b>", committer=b"A <a@b>")


def remove(folder: Path, name: str) -> None:
    with Repo(str(folder)) as repo:
        porcelain.remove(repo, paths=[str(folder / name)])
        porcelain.commit(repo, message=b"less", author=b"A <a@b>", committer=b"A <a@b>")


@pytest.fixture
def site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Without TLS, which the local server doesn't speak: the port of https leads to it plainly."""
    from knowledge.fetching import web

    monkeypatch.setattr(web, "_secured", lambda raw, place, network: raw)
    repo = Repo(str(folder))
    served: dict[str, BackendRepo] = {"/acme/help.git": repo}
    app = make_wsgi_chain(DictBackend(served))
    server = make_server("127.0.0.1", 0, app, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Site(names={HOST: [PUBLIC_IP]}, port=server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()
    repo.close()


def add(cast: Cast, **settings: Any) -> Source:
    address = f"https://{HOST}/acme/help.git"
    return keeping.add(cast.alice, Wanted("git", "Docs", address, GitSettings(**settings)))


def again(cast: Cast, source: Source, site: Site) -> Source:
    assert keeping.run_now(cast.alice, source.id)
    return run(cast, source, site)


def test_a_folder_is_read_and_read_again_by_commit(cast: Cast, site: Site, folder: Path) -> None:
    source = run(cast, add(cast, folder="docs"), site)
    assert (source.message, source.counts) == ("", {"new": 2, "failed": 1})
    name = f"{HOST}/acme/help/keys.md"
    assert found(cast, "giraffe") == [name] and found(cast, "newt") == []
    with workspace_scope(cast.workspace.id):
        article = Article.objects.get(external_id=name)
        assert "[it](deep/more.md)" in article.revisions.get().text
        assert tags.names_of(article) == ["keys"]
        page = SourcePage.objects.get(doc_id=name)
        assert page.problem == "line 5 of its front matter cannot be read"
    assert (article.title, article.lang) == ("Lost keys", "de")
    assert problems(cast) == {
        f"{HOST}/acme/help/broken.md": ("failed", "is not UTF-8 text (byte 3)")
    }
    (folder / "docs/broken.md").write_text("# Whole\n\nAn ocelot.")
    commit(folder)
    remove(folder, "docs/deep/more.md")
    source = again(cast, source, site)
    assert source.counts == {"new": 1, "unchanged": 1, "retired": 1}
    assert (found(cast, "ocelot"), found(cast, "walrus")) == ([f"{HOST}/acme/help/broken.md"], [])
    connections = len(site.connected)
    source = again(cast, source, site)
    assert source.counts == {"unchanged": 2}
    assert len(site.connected) - connections < connections


def test_what_it_brings_waits_where_imports_are_reviewed(
    cast: Cast, site: Site, folder: Path
) -> None:
    change_settings(cast.workspace.id, actor="command", imports_reviewed=True)
    source = run(cast, add(cast, folder="docs"), site)
    assert source.counts == {"new": 2, "failed": 1} and found(cast, "giraffe") == []
    with workspace_scope(cast.workspace.id):
        rows = Article.objects.select_related("draft_revision")
        assert {(one.state, one.draft_state) for one in rows} == {("draft", "review")}
        assert not any(one.draft_revision and one.draft_revision.author_id for one in rows)
    (folder / "docs/keys.md").write_text("A giraffe and a lemur.\n")
    commit(folder)
    again(cast, source, site)
    with workspace_scope(cast.workspace.id):
        keys = Article.objects.get(external_id=f"{HOST}/acme/help/keys.md")
        assert keys.draft_revision is not None and keys.draft_revision.number == 2


def test_links_are_not_followed_and_the_pattern_counts(cast: Cast, site: Site) -> None:
    source = run(cast, add(cast, pattern="*.md"), site)
    assert source.counts == {"new": 1} and found(cast, "newt")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"branch": "nowhere"}, "has no such branch"),
        ({"folder": "nowhere"}, "has no such folder"),
        ({"pattern": "*.rst"}, "has no file that fits"),
    ],
)
def test_what_is_not_there_is_said(
    cast: Cast, site: Site, settings: dict[str, str], said: str
) -> None:
    assert said in run(cast, add(cast, **settings), site).message


def test_a_repository_in_a_private_network_is_never_connected_to(cast: Cast, site: Site) -> None:
    site.names[HOST] = ["192.168.0.5"]
    source = run(cast, add(cast), site)
    assert source.message == "the server's address is not public" and site.connected == []


def test_only_https_is_read(cast: Cast) -> None:
    for address in (
        "http://a.example/b.git",
        "git://a.example/b",
        "ssh://a.example/b",
        "file:///b",
    ):
        with pytest.raises(KnowledgeError):
            keeping.add(cast.alice, Wanted("git", "Docs", address, GitSettings()))
    assert places.PORTS.keys() == {"http", "https"}
