"""What happens to a report, in order.

read/      a source yields pages
fetch/     pages of sites, politely, each request in the ledger
clean/     bytes to labelled lines and paragraphs
extract/   text to rows
gather     what a run reads: files, and pages that are fetched for it
process    one batch of captures to validated tables: read, clean, extract, validate; pure
capture    new and changed pages to the archive
pipeline   a whole run: find, capture, process, publish, release
submit     the ways to run batches: here, or in a pool of processes
summary    the counts of a run, which add up
ingest     the Prefect flow over the pipeline; upkeep those over backfill and maintain; tasks what they share
serve      the schedule: a Prefect server, the deployments, a worker
cli        the command line
"""

from importlib.metadata import version

PIPELINE_VERSION = version("lvzhi")
