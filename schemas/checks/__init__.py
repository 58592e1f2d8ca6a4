"""Checks in three rings, each rule declared once.

rule        what a rule and an outcome are; the list of all rules
numbers     what a written number leaves open
statements  a report as the arithmetic sees it
row         ring 1: a row beside its lines
wholes      what the counts of proposals are parts of
parts, shares, counts, growth
            ring 2: the arithmetic of one report
wording     ring 2: the words around the numbers, and whether all was used
dataset     ring 3: all reports together; expectations what is expected of a source, coverage what became of each year
"""

from schemas.checks import counts, dataset, growth, parts, row, shares, wording  # noqa: F401 - each declares its rules
from schemas.checks.rule import DATASET, REPORT, ROW, RULES, Outcome, Rule, of_ring
from schemas.checks.statements import ReportView, view_of

__all__ = ["DATASET", "REPORT", "ROW", "RULES", "Outcome", "ReportView", "Rule", "of_ring", "view_of"]
