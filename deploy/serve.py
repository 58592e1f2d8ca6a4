"""Serve the flow `ingest` on a schedule: register its deployment, run what falls due, until Ctrl-C.

PREFECT_API_URL=http://127.0.0.1:4200/api python deploy/serve.py FOLDER --data DIR --cron "0 6 * * *"
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from flows.ingest import ingest


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", help="files, folders or globs")
    parser.add_argument("--data", default=os.environ.get("LVZHI_DATA", "data"), help="the data folder")
    parser.add_argument("--source", help="name for the source; made from the folder by default")
    parser.add_argument("--cron", default="0 6 * * *", help="when to run; 06:00 every day by default")
    arguments = parser.parse_args()
    ingest.serve(
        name="lvzhi",
        cron=arguments.cron,
        limit=1,  # one writer a data folder
        description="Ingests new and changed reports, and releases the tables.",
        parameters={
            # The flow runs in a folder of Prefect's choice.
            "sources": [str(Path(source).absolute()) for source in arguments.sources],
            "data": str(Path(arguments.data).absolute()),
            "source_name": arguments.source,
        },
    )


if __name__ == "__main__":
    main()
