"""Ring 2: shares and rates, against each other and against the numbers that they are taken of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from schemas.checks.numbers import Span, plain
from schemas.checks.rule import REPORT, Outcome, declare
from schemas.checks.statements import ReportView, Stated
from schemas.checks.wholes import (
    BY_AUTHOR,
    BY_RESULT,
    FILED,
    MORE_CLASSES,
    REPLIED,
    ROUNDED_OR_CUT,
    SPAN_TOLERANCE,
    TOPIC,
    WHOLES,
    adds_up,
    ids,
    partitions,
    plausible,
    shares_total,
    sum_text,
    topic_lists,
    wholes_named,
)

# What all of the proposals may be: key ones may all be answered, and be few.
OF_ALL = (REPLIED, FILED, "proposals.contacted")
SHARE_OF = re.compile(r"占(?!比)([^,;。由从比]*)$")
# A whole that is not among the proposals of this report.
FOREIGN_WHOLE = re.compile(r"委员|单位|部门|人数|全[省市国县区旗州盟]|党派|界别|同类|民生类|[个集]体提案|重点")
RESPECTIVELY = re.compile(r"分别占[^,;。%]*$")
OWN_WHOLE = re.compile(r"(?:总数|总量|总篇数|报送|信息数|收到)")
RATE = re.compile(r"([\u4e00-\u9fff]{2})率(?:均|也|就|都|已)?(?:为|达到?|是|有|约)?$")


def _hundred(shares: Sequence[Stated], what: str, *, at_most: bool = False) -> Outcome:
    added = shares_total(shares)
    passed = added.low <= 100 if at_most else added.meets(Span(100, 100))
    stated = plain(round(sum(share.value for share in shares), 6))
    verb = "is" if passed else "is not"
    expected = "at most 100%" if at_most else "100%"
    return Outcome(
        passed, expected, f"{stated}%", f"{sum_text(shares)} = {stated}% {verb} {expected}: {what}", ids(shares)
    )


@declare(
    REPORT,
    "shares_add_up",
    "error",
    "Shares of the parts of one whole add up to 100%.",
    scope="sentence, paragraph, report; topics: one list",
    tolerance=ROUNDED_OR_CUT + ", for each share; a list of topics that may be a choice stays at or below 100%",
    right="其中，委员提案573件，占80.9%；集体提案135件，占19.1%。",
    wrong="其中，委员提案573件，占80.9%；集体提案135件，占29.1%。",
)
def shares_add_up(report: ReportView) -> Iterator[Outcome]:
    """Shares by author, by result and by topic."""
    for measures, what in ((BY_AUTHOR, "shares by author"), (BY_RESULT, "shares by result")):
        for parts in partitions(report, measures, "share"):
            shares = [figure for part in parts for figure in part]
            if len(shares) == len(measures):
                outcome = _hundred(shares, what)
                if outcome.passed or not MORE_CLASSES.search(shares[-1].words):
                    yield outcome
    for run in topic_lists(report):
        shares = [figure for figure in run if figure.is_share]
        counts = [figure for figure in run if figure.is_count]
        if len(shares) == len(counts):
            scopes = report.wholes(counts[0], WHOLES[TOPIC], counts[0].unit)
            added = adds_up(counts, scopes, "")
            yield _hundred(shares, "shares by topic", at_most=not (added and added.passed))


def _share_outcome(part: Stated, wholes: Sequence[Stated], share: Stated) -> Outcome:
    """Whether a share is what one of the wholes makes of the part."""
    usable = [whole for whole in wholes if whole.span.high > 0]
    whole = next((w for w in usable if part.span.percent_of(w.span).meets(share.span)), None)
    passed = whole is not None
    whole = whole or usable[0]
    true = part.value / whole.value * 100
    verb = "is" if passed else "is not"
    return Outcome(
        passed,
        f"{plain(round(true, 3))}%",
        f"{plain(share.value)}%",
        f"{part} of {whole} (line {whole.line_no}) is {plain(round(true, 3))}%; the stated {share} {verb} that",
        ids([part, whole, share]),
    )


def _pairs_with_share(report: ReportView) -> Iterator[tuple[Stated, Stated, str]]:
    """A count and the share that follows it in its sentence (573件,占80.9%), with the words between 占 and the share."""
    for part, share in pairwise(report.figures):
        if not (
            share.is_share and part.is_count and part.sentence_no == share.sentence_no and part.own and not part.planned
        ):
            continue
        if share.place < 0 or part.end < 0:
            continue
        between = share.words[part.end : share.place]
        match = None if RESPECTIVELY.search(between) else SHARE_OF.search(between)
        if match and share.key[:2] == part.key[:2]:
            yield part, share, match.group(1)
    for sentence in report.sentences():
        yield from _respectively(sentence)


def _respectively(sentence: list[Stated]) -> Iterator[tuple[Stated, Stated, str]]:
    """Counts one by one with the shares that follow them in the same order (…193件,…69件,分别占…的69.4%、24.8%)."""
    for at, (last, first) in enumerate(pairwise(sentence), 1):
        match = RESPECTIVELY.search(first.words[last.end : first.place]) if min(last.end, first.place) >= 0 else None
        if match is None or not (last.is_count and first.is_share):
            continue
        shares = list(takewhile(lambda figure: figure.is_share, sentence[at:]))
        parts = sentence[max(0, at - len(shares)) : at]
        if len(parts) == len(shares) and all(part.is_count and part.unit == last.unit for part in parts):
            yield from ((part, share, match.group()) for part, share in zip(parts, shares, strict=True))


@declare(
    REPORT,
    "share_of_proposals",
    "error",
    "A share that stands behind a part of the proposals is the part over the whole.",
    scope="count and share in one sentence; the whole from sentence, paragraph, report",
    tolerance=ROUNDED_OR_CUT + "; " + SPAN_TOLERANCE,
    right="立案提案446件，其中集体提案103件，占立案总数的23.1%。",
    wrong="立案提案446件，其中集体提案133件，占立案总数的23.1%。",
)
def share_of_proposals(report: ReportView) -> Iterator[Outcome]:
    """Parts of the proposals with their shares."""
    for part, share, named in _pairs_with_share(report):
        measures = WHOLES.get(part.measure)
        if measures is None or part.unit != "件" or FOREIGN_WHOLE.search(named):
            continue
        scopes = report.wholes(part, wholes_named(measures, named), part.unit)
        wholes = [w for scope in plausible(scopes, [part]) for w in scope if w.figure_id != part.figure_id]
        if wholes:
            yield _share_outcome(part, wholes, share)


@declare(
    REPORT,
    "share_of_stated_whole",
    "error",
    "A share of a whole that is named with its number, or of a total stated before, is the part over that whole.",
    scope="sentence",
    tolerance=ROUNDED_OR_CUT + "; " + SPAN_TOLERANCE,
    right="政协委员参加视察。轮训委员310名，占全体380名委员的81.6%。",
    wrong="政协委员参加视察。轮训委员301名，占全体380名委员的81.6%。",
)
def share_of_stated_whole(report: ReportView) -> Iterator[Outcome]:
    """占全体380名委员的81.6%, and 占报送总数的42% behind the total."""
    for part, whole, share in zip(report.figures, report.figures[1:], report.figures[2:], strict=False):
        same = part.sentence_no == whole.sentence_no == share.sentence_no
        if not (same and share.is_share and part.is_count and whole.is_count and part.unit == whole.unit):
            continue
        if min(part.end, whole.end, share.place) < 0 or part.planned:
            continue
        words = share.words
        if re.search(r"占[^,;。]*$", words[part.end : whole.place]) and not re.search(
            r"[,;。]", words[whole.end : share.place]
        ):
            yield _share_outcome(part, [whole], share)
    for part, share, named in _pairs_with_share(report):
        if part.measure in WHOLES or not OWN_WHOLE.search(named) or FOREIGN_WHOLE.search(named):
            continue
        wholes = [
            other
            for other in report.results
            if other.sentence_no == part.sentence_no and other.ordinal < part.ordinal and other.measure == part.measure
            if other.is_count and other.category == part.category and other.period == part.period
        ]
        if len(wholes) == 1:
            yield _share_outcome(part, wholes, share)


@declare(
    REPORT,
    "rate_of_whole",
    "error",
    "A rate (立案率, 办复率, 整改率) is what was so treated over what was there, where both are stated before it.",
    scope="sentence",
    tolerance=ROUNDED_OR_CUT + "; " + SPAN_TOLERANCE,
    right="市政协征集提案618件，审查立案532件，立案率86.1%。",
    wrong="市政协征集提案618件，审查立案523件，立案率86.1%。",
)
def rate_of_whole(report: ReportView) -> Iterator[Outcome]:
    """A rate behind a part that its own verb names, and the whole before that."""
    for sentence in report.sentences():
        for share in sentence:
            match = RATE.search(share.words[: share.place]) if share.is_share and share.place > 0 else None
            if match is None or match.group(1) == "满意":  # of those who answered, whose number is seldom stated
                continue
            before = [f for f in sentence if f.is_count and f.ordinal < share.ordinal and f.place >= 0]
            for at in range(len(before) - 1, 0, -1):
                whole, part = before[at - 1], before[at]
                named = match.group(1) in share.words[whole.end : part.place]
                if (
                    named
                    and whole.unit == part.unit
                    and whole.span.high >= part.span.low
                    and whole.period == part.period
                ):
                    wholes = [w for w in before[:at] if w.unit == part.unit and w.span.high >= part.span.low]
                    yield _share_outcome(part, wholes[::-1], share)
                    break


@declare(
    REPORT,
    "all_means_all",
    "error",
    "Where a rate is 100%, the number stated beside it is the whole.",
    scope="sentence; the whole from sentence, paragraph, report",
    tolerance=SPAN_TOLERANCE,
    right="全年立案提案312件，办复312件，办复率为百分之百。",
    wrong="全年立案提案312件，办复302件，办复率为百分之百。",
)
def all_means_all(report: ReportView) -> Iterator[Outcome]:
    """A hundred per cent of the proposals answered are all that were filed."""
    for sentence in report.sentences():
        for share in sentence:
            if not (share.is_share and share.value == 100 and share.bound == "exact" and share.measure in OF_ALL):
                continue
            for part in sentence:
                if not (part.is_count and part.key[:2] == share.key[:2] and part.ordinal < share.ordinal):
                    continue
                wholes = report.wholes(part, WHOLES[share.measure], part.unit)
                if wholes:
                    whole = next((w for scope in wholes for w in scope if w.span.meets(part.span)), wholes[0][0])
                    passed = whole.span.meets(part.span)
                    verb = "is" if passed else "is not"
                    message = f"100% of {whole} {verb} {part} of {part.measure}"
                    yield Outcome(passed, str(whole.span), str(part.span), message, ids([part, whole, share]))
