import re
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from tcpwin.report import page as page_module
from tcpwin.report.page import Section, render

EVIL = """</script><script>alert(1)</script>"'&<img src=x onerror=alert(1)>\u202e\n\x1b"""


class Reader(HTMLParser):
    """The elements of a page, and the text outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._hidden = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._hidden = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._hidden else data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def capture_section(**values: object) -> Section:
    return Section("it", "It", "capture.html.j2", {"facts": [], "artefacts": [], **values})


def test_sections_in_their_order_and_those_pinned_first_in_the_list() -> None:
    one = Section("one", "One", "capture.html.j2", {"facts": [("a", "first")], "artefacts": []})
    quiet = Section("quiet", "", "capture.html.j2", {"facts": [], "artefacts": []})
    two = Section("two", "Two", one.template, one.values, pinned=True)
    read = Reader(render("x", [one, quiet, two]))
    assert [section["id"] for section in read.all("section")] == ["one", "quiet", "two"]
    assert [link["href"] for link in read.all("a")] == ["#two", "#one"]


def test_what_comes_from_a_capture_is_text() -> None:
    artefact = {"artefact": EVIL, "claim": EVIL}
    page = render(EVIL, [capture_section(facts=[(EVIL, EVIL)], artefacts=[artefact])])
    read = Reader(page)
    assert not read.all("img")
    assert len(read.all("script")) == len(page_module.SCRIPTS) + 1  # and the looks as JSON
    shown = EVIL.replace("\u202e", "\\u202e").replace("\n", "\\n").replace("\x1b", "\\x1b")
    assert read.text.count(shown) == 5


def test_the_policy_lets_nothing_be_loaded_and_nothing_else_run() -> None:
    read = Reader(render("x", [capture_section()]))
    (policy,) = [m["content"] or "" for m in read.all("meta") if m.get("http-equiv")]
    rules = dict(rule.split(maxsplit=1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"  # connect-src, font-src, frame-src … fall back to it
    assert rules["img-src"] == "data:"
    hashes = re.compile(r"('sha256-[A-Za-z0-9+/]{43}=' ?)+")
    assert hashes.fullmatch(rules["script-src"])
    assert hashes.fullmatch(rules["style-src"])
    assert rules["script-src"].count("sha256") == len(page_module.SCRIPTS)


def test_nothing_points_out_of_the_page() -> None:
    read = Reader(render("x", [capture_section()]))
    for _, attributes in read.elements:
        assert not {name for name in attributes if name.startswith("on")}
        for name in ("src", "href", "action", "data", "srcset"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))


def test_the_licence_of_uplot_goes_with_it() -> None:
    page = render("x", [capture_section()])
    assert "Permission is hereby granted, free of charge" in page
    assert "Leon Sorokin" in page


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("x", [Section("a", "A", "capture.html.j2", {"facts": []})])
