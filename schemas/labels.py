"""The labels of the codebook: closed lists that rules and tables share."""

from __future__ import annotations

LABELS = ("blank", "title", "heading", "body", "caption", "meta", "boilerplate", "spam")
KEPT_LABELS = frozenset({"title", "heading", "body", "caption"})
LEVELS = ("national", "province", "prefecture", "county")
REPORT_KINDS = ("work_report", "proposal_report", "notice", "news", "other")
BOUNDS = ("exact", "at_least", "about", "at_most")
STATISTICS = ("count", "share", "change")
FORMS = (
    "standing_committee",
    "special_consultation",
    "sector_consultation",
    "counterpart_consultation",
    "proposal_consultation",
    "expert_consultation",
    "frontline_consultation",
    "supervision",
    "research",
    "study",
    "event",
    "other",
)
KINDS = (
    "rule",
    "plan",
    "report",
    "proposal",
    "periodical",
    "programme",
    "book",
    "agreement",
    "event",
    "other",
)
IGNORED_RULES = (
    "year",
    "date",
    "time",
    "ordinal",
    "name",
    "slogan",
    "level",
    "duration",
    "anniversary",
    "age",
    "title",
    "code",
    "word",
    "vague",
    "indefinite",
    "bare",
    "norm",
    "damaged",
)
