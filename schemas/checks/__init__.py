"""Checks in three rings, each rule declared once.

rule        what a rule and an outcome are; the list of all rules
numbers     what a written number leaves open
statements  a report as the arithmetic sees it
row         ring 1: a row beside its lines
report      ring 2: the arithmetic of one report
wording     ring 2: the words around the numbers, and whether all was used
dataset     ring 3: all reports together; expectations what is expected of a source, coverage what became of each year
"""

from schemas.checks import dataset as _dataset  # noqa: F401 - the same
from schemas.checks import report as _report  # noqa: F401 - the same
from schemas.checks import row as _row  # noqa: F401 - declares its rules
from schemas.checks import wording as _wording  # noqa: F401 - the same
from schemas.checks.rule import DATASET, REPORT, ROW, RULES, Outcome, Rule, of_ring
from schemas.checks.statements import ReportView, view_of

__all__ = ["DATASET", "REPORT", "ROW", "RULES", "Outcome", "ReportView", "Rule", "of_ring", "view_of"]
