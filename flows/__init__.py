"""What happens to a report, in order.

read/      a source yields pages
fetch/     pages of sites, politely, each request in the ledger
clean/     bytes to labelled lines and paragraphs
extract/   text to rows
gather     what a run reads: files, and pages that are fetched for it
capture    new and changed pages to the archive
process    one batch of captures to validated tables: read, clean, extract, validate; the same batch gives the same rows
batches    captures in batches; submit runs them here or in a pool of processes, cluster on Dask workers
run        a run in a data folder: its place among others, the log, what killed runs left
publish    commit, checks of the dataset (gate, duplicates), panel, release
pipeline   a whole run: find, capture, process, publish, release
backfill   reports of the archive once more; rebuild all of them, replay what was set aside
summary    the counts of a run, which add up
ingest     the Prefect flow over the pipeline; upkeep those over backfill and maintain; tasks what they share
serve      the schedule: a Prefect server, the deployments, a worker
cli        the command line
"""

from importlib.metadata import version

PIPELINE_VERSION = version("lvzhi")
