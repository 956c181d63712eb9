import pytest

from tests.analysis.build import SYN, P
from tests.analysis.claims.told import found, frames, made, told


@pytest.mark.parametrize(
    ("end", "where", "next_at"),
    [("client", "before", "server"), ("server", "behind", "client")],
)
def test_on_which_side_it_was_lost(end: str, where: str, next_at: str) -> None:
    finding = told(f"single-loss.{end}.pcapng.gz", "loss")
    assert finding.claim.startswith("1 of ")
    assert f"was lost {where} the capture point and sent again" in finding.claim
    assert len(frames(finding, "sent again")) == 1
    assert f"capture at the {next_at} " in finding.next_step


def test_a_timer() -> None:
    finding = told("burst-rto.server.pcapng.gz", "rto")
    assert "stopped the flow for 321 ms" in finding.claim
    assert "only the retransmission timer of the server helped" in finding.claim
    assert frames(finding, "the last progress") == (326,)
    assert frames(finding, "sent again after a timer") == (327,)
    assert frames(finding, "progress again") == (328,)


def test_the_end_of_a_burst() -> None:
    at_sender = told("tail-loss.server.pcapng", "tail-loss")
    assert frames(at_sender, "sent again by a probe or timer") == (140, 141)
    at_receiver = told("burst-rto.client.pcapng.gz", "tail-loss")
    jump = "the IP identifications of the server jump by 79 more than the packets seen"
    assert frames(at_receiver, jump) == (248,)


def test_a_silent_path() -> None:
    finding = told("path-dead.server.pcapng", "path-silent")
    assert "sent again 5 times with back-off over 15.8 s so far" in finding.claim
    assert finding.claim.endswith("nothing came back: the path is silent.")
    assert frames(finding, "sent again, 0.256, 0.512, 1.02, 2.05, 4.1 s apart") == tuple(
        range(219, 224)
    )
    heard = told("stop99-data-dies-keepalive.server.pcapng.gz", "path-silent")
    assert "in vain while the client is still heard" in heard.claim
    assert frames(heard, "heard from the client") == (649, 652, 655, 657, 659)


def test_lost_acks() -> None:
    finding = told("acks-lost.client.pcapng.gz", "acks-lost")
    assert finding.claim.startswith("The server sent again 3 segments over ")
    assert finding.claim.endswith("the path client->server lost the ACKs.")
    assert frames(finding, "sent again") == (281, 283, 285)
    assert frames(finding, "D-SACK") == (282, 284, 286)


def test_path_mtu_with_and_without_a_router_that_says_so() -> None:
    told_so = told("path-mtu-icmp.server.pcapng", "path-mtu")
    assert told_so.claim.endswith(" A router said so (ICMP).")
    assert frames(told_so, "too big, said the router") == (16, 26, 27)
    silent = told("path-mtu.server.pcapng", "path-mtu")
    assert silent.claim.startswith("Segments of full size (1,448 bytes) do not get through")
    assert silent.claim.endswith(" No router says so.")
    for finding in (told_so, silent):  # 1448 + 12 of time stamps: packets of 1500 bytes
        assert "'ping -M do -s 1472'" in finding.next_step


def test_order_and_queues() -> None:
    late = told("reordering.client.pcapng.gz", "reordering")
    assert late.claim.startswith("10 segments server->client came late by 1.79 ms on average")
    assert len(frames(late, "came late")) == 10
    deep = told("deep-queue.client.pcapng.gz", "queueing")
    assert "its minimum of 20.6 ms: a deep queue on the path" in deep.claim
    assert frames(deep, "round trips swollen from frame 34 to 557") == (34, 557)


def test_handshakes() -> None:
    finding = told("syn-unanswered.client.pcapng", "connect")
    assert finding.claim == "The SYN of the client was sent 7 times and was never answered."
    assert frames(finding, "SYN, 1.02, 1.02, 1.02, 1.02, 1.02, 2.02 s apart") == tuple(range(1, 8))
    late = told("synack-lost.client.pcapng", "connect")
    assert late.claim.endswith("sent 2 times and was answered after 1.04 s.")
    once = found(made([P(True, 0, flags=SYN, ms=0)], after_s=5), "connect")
    assert once.claim == "The SYN of the client was sent 1 time and was never answered."
    assert frames(once, "SYN") == (1,)
