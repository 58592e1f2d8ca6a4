"""The folder of seeds: sample reports, sources, corrections and expectations, found by setting."""

from __future__ import annotations

import os
from pathlib import Path

SETTING = "LVZHI_SEEDS"


def seeds_folder() -> Path:
    """The folder that `LVZHI_SEEDS` names, else `seeds` here. It need not exist."""
    return Path(os.environ.get(SETTING, "seeds"))
