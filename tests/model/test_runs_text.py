import tcpwin as tw
from tcpwin.model.runs_text import claim, headline, render
from tests.compared import PAIRS, capture


def runs(a: str, b: str) -> tw.Runs:
    return tw.compare_runs(capture(PAIRS[a].server), capture(PAIRS[b].server))


def test_the_longest_spell_is_shown_in_the_run_that_has_it() -> None:
    told = runs("healthy", "stop99-app")
    text = render(told)
    spells = told.b.flow("server->client").limits()
    longest = spells.loc[(spells["end_s"] - spells["start_s"]).idxmax()]
    assert f"in b: tcp.stream == 0 && frame.number in {{{longest['frame']}.." in text
    assert "in a: tcp.stream == 0 && frame.number" in render(runs("stop99-app", "healthy"))


def test_every_line_fits_a_screen_and_zeros_are_left_out() -> None:
    told = runs("healthy", "random-loss")
    text = render(told)
    assert max(map(len, text.split("\n"))) <= 80
    assert "stalls" not in text
    assert "stalls" in render(told, verbose=True)
    assert "lost segments" in text


def test_what_was_agreed_otherwise() -> None:
    assert "Agreed otherwise: window scale 10 and 0." in render(runs("healthy", "pausing-reader"))
    assert "Agreed otherwise" not in render(runs("healthy", "random-loss"))


def test_claim_and_headline_have_the_numbers_of_what_differs_most() -> None:
    told = runs("healthy", "random-loss")
    assert "while data were on the way and ACKs set the pace (network)" in claim(told)
    assert "lost segments 19 against 0" in claim(told)
    assert headline(told).endswith("most of all: network +2.08 s")
