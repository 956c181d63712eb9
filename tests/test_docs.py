"""README.md and the pages under docs/ are complete, lead somewhere, and show what is so today."""

import re
import subprocess
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
from matplotlib.image import imread

from tcpwin import schema
from tcpwin.analysis import LIMITERS
from tcpwin.analysis.artefacts import CLAIMS
from tcpwin.analysis.findings import CAUSES
from tcpwin.model import Flow
from tests.conftest import FIXTURES
from tools import api, blocks, comparison, docs, pictures

ROOT, DOCS, COMMANDS = docs.ROOT, docs.DOCS, docs.COMMANDS
GLOSSARY, COMPARISON = DOCS / "glossary.md", DOCS / "comparison.md"
PAGES = docs.pages()
LINKING = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "fixtures" / "README.md"]
OF_CAUSES = {cause: DOCS / "causes" / f"{cause}.md" for cause in CAUSES}
OF_COMMANDS = {name: DOCS / "commands" / f"{name}.md" for name in COMMANDS}
CAUSE_PARTS = ["How it looks", "What the verdict says", "How it is decided",
               "Often mistaken for it", "What to do next", "Sources"]  # fmt: skip
HARMLESS = {"reordering"}  # it costs nothing noticeable in any bundled capture: no verdict
BY_RULE = {rule.cause for rules in docs.RULES.values() for rule in rules}
THRESHOLD = re.compile(r"^\| `([a-z]+)\.(_?[A-Z_]+)` \| ([^|]+) \|", re.MULTILINE)
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`((?:tcp|ip|ipv6|frame|icmp|http)\.[a-z_0-9.]+(?: [^`]*)?)`")
PASTED = re.compile(r"^ *(frame\.number in \{[\d., ]+\})$", re.MULTILINE)
ASKED = re.compile(r' -Y "(.*?)"| --filter (\S+)')


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.*)$", CODE.sub("", text_of(page)), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Those set by hand, and as GitHub and its like make them from headings."""
    made = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in headings(page)}
    return made | set(re.findall(r'<a id="([^"]+)">', text_of(page)))


def links(page: Path) -> list[tuple[Path, str]]:
    """Target and anchor of each link that stays in the repository."""
    found = re.findall(r"\]\(([^)\s]+)\)", CODE.sub("", text_of(page)))
    split = [link.partition("#") for link in found if "://" not in link]
    return [((page.parent / path).resolve() if path else page, at) for path, _, at in split]


# --- all pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", LINKING, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), f"{name_of(page)} links to {target}"
        if anchor:
            assert anchor in anchors(target), f"{name_of(page)} links to {target}#{anchor}"


def test_every_page_is_found_from_the_readme() -> None:
    reached, ahead = set[Path](), [docs.README]
    while ahead:
        page = ahead.pop()
        reached.add(page)
        targets = {to for to, _ in links(page) if to.suffix == ".md" and to.is_file()}
        ahead += targets - reached
    assert {name_of(page) for page in set(PAGES) - reached} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_show_what_is_so_today(page: Path) -> None:
    if page == COMPARISON and not comparison.measurable():
        pytest.skip(f"compares with {comparison.VERSIONS}")
    assert docs.renewed(page) == text_of(page), "make docs renews it"


def test_a_difference_is_seen(tmp_path: Path) -> None:
    text = "```python\nprint(1)\nprint(2)\n```\n\n```text\n{}\n```\n"
    assert blocks.renew(text.format("3")) == text.format("1\n2")
    assert blocks.renew(text.format("…\n2")) == text.format("…\n2")
    page = tmp_path / "doctor.md"
    page.write_text(text_of(OF_COMMANDS["doctor"]).replace("--tshark PATH", "--tshark FILE"))
    assert docs.renewed(page) == text_of(OF_COMMANDS["doctor"])


def test_pages_run_what_readers_have() -> None:
    """Nothing but tcpwin, but for the page that compares."""
    for page in PAGES:
        bodies = [body for kind, body in blocks.BLOCK.findall(text_of(page)) if kind == "console"]
        programs = {run for body in bodies for run in re.findall(r"^\$ (\S+)", body, re.MULTILINE)}
        assert programs <= {"python", *(blocks.OTHERS if page == COMPARISON else ())}, page


def test_no_block_is_empty() -> None:
    for page in PAGES:
        empty = [kind for kind, body in blocks.BLOCK.findall(text_of(page)) if not body.strip()]
        assert empty == [], f"{name_of(page)}: a text block holds what the python before it prints"


def test_options_are_those_of_the_commands() -> None:
    params = [param for command in COMMANDS.values() for param in command.params]
    known = {"--help", "--version", *(option for param in params for option in param.opts)}
    for page in PAGES:
        named = set(re.findall(r"(?<![\w<!-])--[a-z][a-z-]*", text_of(page)))
        assert named <= known, f"{name_of(page)}: there is no {', '.join(named - known)}"


def test_methods_are_those_of_a_flow() -> None:
    named = {name for page in PAGES for name in re.findall(r"`flow\.(\w+)\(", text_of(page))}
    assert named
    assert named <= set(vars(Flow))


def test_display_filters_are_valid(tshark: Path) -> None:
    text = "\n".join(map(text_of, PAGES))
    asked = {one or other for one, other in ASKED.findall(text)} - {"DISPLAY_FILTER"}
    filters = sorted({*QUOTED.findall(text), *PASTED.findall(text), *asked} - {""})
    assert len(filters) > 80
    capture = FIXTURES / "handmade-recovery.pcapng"

    def complaint(wanted: str) -> str:
        command = [tshark, "-n", "-r", capture, "-Y", wanted]
        run = subprocess.run(command, capture_output=True, text=True)
        return run.stderr if run.returncode else ""

    if complaint(" or ".join(f"({one})" for one in filters)):  # one of them; which?
        assert {one: told for one in filters if (told := complaint(one))} == {}
    assert complaint("tcp.windw == 1")


@pytest.mark.parametrize("name", pictures.FILES)
def test_pictures_can_be_drawn_again(name: str, tmp_path: Path) -> None:
    """As drawn today; other versions of matplotlib may set letters a little differently."""
    pictures.save(name, tmp_path / "new.png")
    new, old = imread(tmp_path / "new.png"), imread(ROOT / name)
    assert new.shape == old.shape
    assert np.abs(new - old).mean() < 0.02, "make docs draws it anew"
    assert (ROOT / name).stat().st_size < 100_000


def test_there_is_no_other_picture() -> None:
    assert {name_of(path) for path in DOCS.rglob("*.png")} == set(pictures.FILES)


# --- commands -------------------------------------------------------------------------------------


def test_every_command_has_its_page() -> None:
    found = {page.stem for page in (DOCS / "commands").glob("*.md")} - {"README"}
    assert set(COMMANDS) - found == set(), "these commands have no page: make docs begins one"
    assert found - set(COMMANDS) == set(), "these pages are of commands that are gone"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_explained(name: str) -> None:
    page = OF_COMMANDS[name]
    assert page.is_file(), f"there is no {name_of(page)}: make docs begins it"
    text = text_of(page)
    assert docs.BEGIN.format("options") in text, f"{name_of(page)}: make docs puts the options in"
    assert headings(page)[0].endswith(name)
    reads = any("--decode-as" in param.opts for param in COMMANDS[name].params)
    example = rf"^\$ python -m tcpwin {name} fixtures/" if reads else f"python -m tcpwin {name}"
    assert re.search(example, text, re.MULTILINE), f"{name_of(page)}: show it on a bundled capture"


def test_a_new_command_gets_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new, old = (click.Command(n, help=f"Say {n}.", params=[click.Option([f"--{n}"], help="Loud.")])
                for n in ("new", "old"))  # fmt: skip
    monkeypatch.setattr(docs, "COMMANDS", {"new": new, "old": old})
    monkeypatch.setattr(docs, "DOCS", tmp_path)
    (tmp_path / "commands").mkdir()
    (tmp_path / "commands" / "old.md").write_text("# old\n\nBy hand.\n")
    docs.add_commands()
    docs.add_commands()
    pages = {page.stem: page for page in (tmp_path / "commands").glob("*.md")}
    assert text_of(pages["new"]).startswith("# new\n\nSay new.\n\n## Example\n")
    assert text_of(pages["old"]).startswith("# old\n\nBy hand.\n\n## Options\n")
    for name, page in pages.items():
        assert text_of(page).count(docs.BEGIN.format("options")) == 1
        assert f"| `--{name} TEXT` | Loud. |" in docs.part("options", "", name)


# --- causes ---------------------------------------------------------------------------------------


def test_every_cause_has_its_page_and_its_picture() -> None:
    found = {page.stem for page in (DOCS / "causes").glob("*.md")} - {"README"}
    assert set(CAUSES) - found == set(), "these causes have no page in docs/causes"
    assert found - set(CAUSES) == set(), "these pages are of causes that are gone"
    assert set(pictures.CAUSES) == set(CAUSES), "tools/pictures.py lists the pictures"
    index = text_of(DOCS / "causes" / "README.md")
    assert [c for c in CAUSES if f"| [{c}]({c}.md) |" not in index] == []


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_is_shown_on_a_capture_that_has_it(cause: str) -> None:
    """The output itself is of today: `test_pages_show_what_is_so_today`."""
    page, fixture = OF_CAUSES[cause], pictures.CAUSES[cause].fixture
    text = text_of(page)
    assert headings(page) == [cause, *CAUSE_PARTS]
    assert f"({cause}.png)" in text
    assert (docs.BEGIN.format("rules") in text) == (cause in BY_RULE)
    command = f"$ python -m tcpwin diagnose fixtures/{fixture} --stream 0"
    _, found, output = text.partition(command)
    assert found, f"the page shows no `{command}`"
    verdict = re.search(r"^Verdict: ([\w-]+)", output, re.MULTILINE)
    assert verdict is not None
    if cause in HARMLESS:
        assert verdict[1] == "healthy"
        assert re.search(rf"^1\. {cause} ", output, re.MULTILINE)
    else:
        assert verdict[1] == cause


@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_links_its_words_and_its_sources(cause: str) -> None:
    page = OF_CAUSES[cause]
    assert {to.name for to, _ in links(page)} & {"glossary.md", "definitions.md"}
    sources = text_of(page).partition("## Sources\n")[2]
    assert re.findall(r"^- .{10,}", sources, re.MULTILINE)


@pytest.mark.parametrize("cause", CAUSES)
def test_thresholds_are_those_of_the_code(cause: str) -> None:
    found = THRESHOLD.findall(text_of(OF_CAUSES[cause]))
    assert (found == []) == (cause in {"loss", "reordering"})
    for module, name, said in found:
        value = getattr(import_module(f"tcpwin.analysis.{module}"), name)
        assert said == threshold(name, value), f"{cause}: {module}.{name}"


def threshold(name: str, value: Any) -> str:
    """As the pages write it."""
    if name.endswith("_NS"):
        span = value if isinstance(value, tuple) else (value,)
        return " to ".join(f"{ns / 1e6:.0f}" for ns in span) + " ms"
    return f"{value:.3g}"


# --- columns and glossary -------------------------------------------------------------------------


def test_every_table_is_on_the_page_of_columns() -> None:
    """That the page says of each what the schema says: `test_pages_show_what_is_so_today`."""
    assert set(docs.TABLES) == set(schema.TABLES), "tools/docs.py lists the tables"
    heads = [call for call, _about in docs.TABLES.values()]
    assert headings(DOCS / "columns.md") == ["Columns", *heads]


def test_every_term_of_the_glossary_is_found_and_has_a_source() -> None:
    rows = [row.split(" | ") for row in text_of(GLOSSARY).splitlines() if row.startswith("| <a")]
    assert len(rows) == len(anchors(GLOSSARY)) - 1 > 30
    terms = [re.sub("<.*?>", "", row[0]).strip("| ").lower() for row in rows]
    assert terms == sorted(terms)
    assert all(row[2] for row in rows)
    linked = {anchor for page in PAGES for to, anchor in links(page) if to == GLOSSARY}
    assert len(linked) > 20


def test_the_glossary_names_what_is_there() -> None:
    columns = {column.name for table in schema.TABLES.values() for column in table}
    values = " ".join(c.meaning for table in schema.TABLES.values() for c in table)
    known = {*columns, *LIMITERS, *CLAIMS, *re.findall(r"\w+", values)}
    cells = [row.split(" | ")[3] for row in text_of(GLOSSARY).splitlines() if row.startswith("| <")]
    named = {name for cell in cells for name in re.findall(r"`([a-z_]+)(?: == 0)?`", cell)}
    assert len(named) > 15
    assert named <= known


# --- the API pages --------------------------------------------------------------------------------


def test_api_pages_are_built_without_a_warning(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        api.build(tmp_path)
    pages = {str(page.relative_to(tmp_path)): text_of(page) for page in tmp_path.rglob("*.html")}
    assert {"index.html", "tcpwin.html", "tcpwin/diagnosis.html", "tcpwin/schema.html"} <= set(
        pages
    )
    assert "Raises:" in pages["tcpwin.html"]  # of `read`: docstrings are understood, not copied
    assert "plot_window" in pages["tcpwin.html"]
    assert "_repr_html_" not in pages["tcpwin.html"]
    assert [name for name, text in pages.items() if str(ROOT) in text or " at 0x" in text] == []
