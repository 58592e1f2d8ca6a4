"""From a template to a page: the environment of the templates, and what all of them may use.

Everything that is put into a page is escaped; a name that is not given is an error.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from flows.site.texts import label, said

# Nothing inline, nothing from elsewhere. `'self'` holds for files on a disk as well.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
)
SIGNS = {"exact": "", "at_least": "≥\u202f", "about": "≈\u202f", "at_most": "≤\u202f"}


@cache
def environment() -> Environment:
    """The environment of the templates."""
    env = Environment(
        loader=PackageLoader("flows.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals |= {"t": said, "label": label, "policy": POLICY, "amount": amount, "sign": sign}
    env.filters |= {"num": number, "years": years, "day": day, "link": web_address, "data": as_data, "time": time}
    return env


def page(template: str, depth: int, current: str, values: Mapping[str, Any]) -> str:
    """A page as HTML.

    Args:
        template: name of the template.
        depth: folders between the page and the root of the site.
        current: name of the page in the navigation.
        values: what the template needs.
    """
    return environment().get_template(template).render(root="../" * depth, current=current, **values)


def number(value: float | None) -> str:
    """A number with separators, as many decimals as it has."""
    if value is None:
        return ""
    return f"{value:,.10g}" if abs(value) < 1e10 else f"{value:,.0f}"


def amount(row: Mapping[str, Any]) -> str:
    """Value, upper end and unit of a figure, without its bound."""
    high = f"–{number(row['value_high'])}" if row.get("value_high") is not None else ""
    space = "" if row["unit"] in ("%", "‰") else "\u202f"
    return f"{number(row['value'])}{high}{space}{row['unit']}"


def sign(row: Mapping[str, Any]) -> str:
    """The sign of a bound: ≥, ≈, ≤; nothing for an exact value."""
    return SIGNS[row["bound"]]


def years(row: Mapping[str, Any]) -> str:
    """Years of a report or a figure; empty where they are not known."""
    if row["period_start"] is None or row["period_end"] is None:
        return ""
    first, last = row["period_start"].year, row["period_end"].year
    return str(first) if first == last else f"{first}–{last}"


def day(value: dt.date | dt.datetime | None) -> str:
    """A day in ISO form; empty for none."""
    return "" if value is None else value.isoformat()[:10]


def time(value: str | dt.datetime | None) -> str:
    """A time (UTC) to the minute."""
    return "" if value is None else str(value)[:16].replace("T", " ")


def web_address(uri: str | None) -> str:
    """The address where it is one of the web, else nothing: other schemes are shown as text and lead nowhere."""
    address = (uri or "").strip()
    low = address.lower()
    if not low.startswith(("http://", "https://")) or any(ord(letter) <= 32 for letter in address):
        return ""
    return address


def as_data(value: object) -> Markup:
    """JSON for a script block of type `application/json`, out of which no text can break."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def as_script(before: str, value: object) -> str:
    """A script that keeps data for the page: what a page from a disk can load where it may not fetch.

    Args:
        before: what stands before the data: `name = ` or `function`.
        value: the data.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    # The last two are ends of lines for old readers of scripts.
    for letter in ("<", "\u2028", "\u2029"):
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return f"{before}({text});\n"
