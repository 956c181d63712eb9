"""The diagnosis of streams: findings that can be argued with, as objects, text, HTML, JSON."""

from tcpwin.diagnosis.capture import CaptureDiagnosis
from tcpwin.diagnosis.compared import Compared, ComparedFinding
from tcpwin.diagnosis.finding import Finding, Verdict, frame_filter
from tcpwin.diagnosis.ledger import Ledger
from tcpwin.diagnosis.stream import Diagnosis

__all__ = [
    "CaptureDiagnosis", "Compared", "ComparedFinding", "Diagnosis", "Finding", "Ledger", "Verdict",
    "frame_filter",
]  # fmt: skip
