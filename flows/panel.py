"""The panel: what each committee states of each period, by measure, category and statistic, over all reports of a release.

A pure function of the tables `reports` and `figures`: no run, no order and no clock enters, so that the same
reports give the same rows, whichever runs read them.
"""

from __future__ import annotations

import polars as pl

from schemas.tables import TABLES

KEY = list(TABLES["panel"].key)
REPORT_COLUMNS = ["report_id", "committee", "division_code", "duplicate_of"]
FIGURE_COLUMNS = [
    "figure_id",
    "report_id",
    "ordinal",
    "measure",
    "statistic",
    "category",
    "value",
    "unit",
    "bound",
    "whose",
    "planned",
    "period_start",
    "period_end",
]


def make_panel(reports: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """Rows of the table `panel`.

    Args:
        reports: the table `reports`, with at least `REPORT_COLUMNS`.
        figures: the table `figures`, with at least `FIGURE_COLUMNS`.

    Returns:
        One row for each key, sorted by it. A source is a report. Of one report the number that it states most often counts,
        of those the largest; of several reports the number that most of them state, rather an exact one, else the largest.
    """
    stated = _of_one_unit(_own_results(reports, figures))
    by_report = (
        stated.group_by([*KEY, "report_id", "value"])
        .agg(pl.len().alias("times"), (pl.col("bound") == "exact").any().alias("exact"))
        .sort([*KEY, "report_id", "times", "value"], descending=[False] * len(KEY) + [False, True, True])
        .unique([*KEY, "report_id"], keep="first", maintain_order=True)
    )
    by_value = (
        by_report.group_by([*KEY, "value"])
        .agg(pl.len().alias("sources"), pl.col("exact").any())
        .sort([*KEY, "sources", "exact", "value"], descending=[False] * len(KEY) + [True, True, True])
    )
    chosen = by_value.group_by(KEY, maintain_order=True).agg(
        pl.col("value").first(),
        pl.col("sources").sum().cast(pl.Int64).alias("n_sources"),
        (pl.len() == 1).alias("agree"),
    )
    evidence = (
        stated.join(chosen.select(*KEY, pl.col("value").alias("chosen")), on=KEY, nulls_equal=True)
        .with_columns((pl.col("value") != pl.col("chosen")).alias("differs"))
        .sort([*KEY, "differs", "report_id", "ordinal"])
        .group_by(KEY, maintain_order=True)
        .agg(
            pl.col("unit").first(),
            pl.col("bound").filter(~pl.col("differs")).alias("bounds"),
            pl.col("figure_id").str.join(" ").alias("figure_ids"),
        )
        .with_columns(
            pl.when(pl.col("bounds").list.contains("exact"))
            .then(pl.lit("exact"))
            .otherwise(pl.col("bounds").list.first())
            .alias("bound")
        )
    )
    rows = chosen.join(evidence, on=KEY, nulls_equal=True)
    return rows.select(list(TABLES["panel"].schema)).sort(KEY)


def _own_results(reports: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """Figures of a committee's own doing, no plans, of known years; a copy of a report is no second source."""
    originals = reports.filter(pl.col("committee").is_not_null() & pl.col("duplicate_of").is_null())
    own = figures.filter((pl.col("whose") == "own") & ~pl.col("planned") & pl.col("period_start").is_not_null())
    return own.join(originals.select("report_id", "committee", "division_code"), on="report_id")


def _of_one_unit(stated: pl.DataFrame) -> pl.DataFrame:
    """Of each key the figures in the unit that most reports, then most figures, use: others cannot be compared with them."""
    units = (
        stated.group_by([*KEY, "unit"])
        .agg(pl.col("report_id").n_unique().alias("reports"), pl.len().alias("figures"))
        .sort([*KEY, "reports", "figures", "unit"], descending=[False] * len(KEY) + [True, True, False])
        .unique(KEY, keep="first", maintain_order=True)
    )
    return stated.join(units.select(*KEY, "unit"), on=[*KEY, "unit"], nulls_equal=True)
