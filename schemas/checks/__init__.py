"""Checks in three rings, each rule declared once.

    rule        what a rule and an outcome are; the list of all rules
    numbers     what a written number leaves open
    statements  a report as the arithmetic sees it
    report      ring 2: the arithmetic of one report
"""

from schemas.checks import report as _report  # noqa: F401 - declares its rules
from schemas.checks.rule import DATASET, REPORT, ROW, RULES, Outcome, Rule, of_ring
from schemas.checks.statements import ReportView, view_of

__all__ = ["DATASET", "REPORT", "ROW", "RULES", "Outcome", "ReportView", "Rule", "of_ring", "view_of"]
