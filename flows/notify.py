"""Tell somebody: a message to a webhook, where one is set. It never makes a run fail."""

from __future__ import annotations

import os

import httpx

SETTING = "LVZHI_WEBHOOK"


def notify(text: str) -> bool:
    """Post a message as `{"text": …}`, which most chat services take.

    Args:
        text: the message.

    Returns:
        Whether a webhook is set and took it.
    """
    address = os.environ.get(SETTING, "")
    if not address:
        return False
    try:
        return httpx.post(address, json={"text": text}, timeout=10).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
