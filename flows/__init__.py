"""What happens to a report, in order.

read/      a source yields pages
clean/     bytes to labelled lines and paragraphs
extract/   text to rows
process    one batch of captures to validated tables: read, clean, extract, validate; pure
capture    new and changed pages to the archive
    pipeline   a whole run: find, capture, process, publish, release
submit     the ways to run batches: here, or in a pool of processes
summary    the counts of a run, which add up
ingest     the Prefect flow over the pipeline
cli        the command line
"""

from importlib.metadata import version

PIPELINE_VERSION = version("lvzhi")
