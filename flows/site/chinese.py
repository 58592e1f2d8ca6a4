"""What tables, columns, measures and rules say of themselves, in both languages.

The English stands where each of them is declared; the Chinese stands in `chinese.toml`, by name.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from flows.site.texts import Said, load_texts, said
from schemas.checks import RULES
from schemas.corrections import CORRECTION
from schemas.errors import VocabularyError
from schemas.tables import TABLES, ColumnSpec
from schemas.vocabulary import load_measures
from schemas.vocabulary.measures import Measure

# Sums that a message begins with: they need no translation.
SUM = re.compile(r"[\d.,]+(?: [+−-] [\d.,]+)+ = [\d.,]+%?")


@cache
def load_chinese() -> dict[str, Any]:
    """The sections of chinese.toml."""
    return tomllib.loads(resources.files(__package__).joinpath("chinese.toml").read_text(encoding="utf-8"))


def _chinese(section: str, name: str) -> str:
    """The Chinese of a name.

    Raises:
        VocabularyError: there is none.
    """
    found = load_chinese()[section].get(name)
    if not isinstance(found, str) or not found:
        raise VocabularyError(f"chinese.toml has no {name} in [{section}]")
    return found


def table_said(name: str) -> Said:
    """What one row of a table is."""
    return Said(_chinese("table", name), TABLES[name].description)


def column_said(table: str, column: ColumnSpec) -> Said:
    """What a column of a table means."""
    own = load_chinese()["column_of"].get(table, {})
    made = _column_of_measure(column.name) if table == "proposals" else ""
    return Said(made or own.get(column.name) or _chinese("column", column.name), column.description)


def _column_of_measure(column: str) -> str:
    """The Chinese of a column that is made from a measure; empty for another one."""
    name = column.removesuffix("_share")
    measure = next((measure for measure in load_measures() if measure.code == f"proposals.{name}"), None)
    if measure is None:
        return ""
    form = _chinese("column_of_measure", "share" if column != name else "count")
    return form.format(measure=measure.zh, code=measure.code)


def measure_said(measure: Measure) -> Said:
    """What is counted by a measure."""
    return Said(_chinese("definition", measure.code), measure.definition)


@cache
def rule_said(name: str) -> Said | None:
    """What must hold by a rule of the checks or of the models of the tables; nothing where there is none of this name."""
    english = {rule.name: rule.sentence for rule in (*RULES.values(), CORRECTION)}
    for spec in TABLES.values():
        for law in (str(check.name) for check in spec.model.to_schema().checks):
            english[f"{spec.name}.{law}"] = str(getattr(spec.model, law).__doc__ or "").strip()
    return Said(_chinese("rule", name), english[name]) if name in english else None


def aside_said(rule: str) -> Said:
    """Why a row or a page is set aside by a rule; its name for one that this version does not know."""
    if f"aside.{rule}" in load_texts():
        return said(f"aside.{rule}")
    parts = rule.split(".")
    if declared := rule_said(rule):
        return declared
    return said("aside.value", column=parts[1], check=parts[2]) if len(parts) == 3 else Said(rule, rule)


def outcome_said(check: Mapping[str, Any], *, under_rule: bool = False) -> Said:
    """The outcome of a check: the sentence of its rule with what was expected and found, or the message as recorded.

    Args:
        check: a row of `checks`.
        under_rule: whether the sentence stands above it already.
    """
    rule = rule_said(check["rule"])
    message = str(check["message"])
    if rule is None:
        return Said(message, message)
    added = SUM.match(message)
    told = {name: phrase(check[name]) or "—" for name in ("expected", "observed")}
    if check["passed"]:
        return Said(
            said("check.holds", sentence=rule.zh.removesuffix("。"), told=added[0] if added else told["observed"]).zh,
            message,
        )
    sentence = ("" if under_rule else rule.zh) + (f"{added[0]}；" if added else "")
    return Said(said("check.fails", sentence=sentence, **told).zh, message)


def phrase(words: str) -> str:
    """What a check expected or found, in Chinese where it is said in words that are known."""
    for form, chinese in load_chinese()["phrase"].items():
        if match := re.fullmatch(form, words):
            return str(chinese).format(*match.groups())
    return words
