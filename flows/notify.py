"""Tell somebody: a message to a webhook, or by a notification block of Prefect. It never makes a run fail."""

from __future__ import annotations

import logging
import os
from typing import Any, cast

import httpx

# Address that takes `{"text": …}`, as most chat services do.
WEBHOOK = "LVZHI_WEBHOOK"
# Block of the Prefect server, as type/name (sendgrid-email/lvzhi): its secrets stay there.
BLOCK = "LVZHI_NOTIFY"
log = logging.getLogger("lvzhi")


def notify(text: str) -> bool:
    """Send a message to the webhook and by the block that are set.

    Args:
        text: the message.

    Returns:
        Whether one is set, and all that are set took it.
    """
    took = []
    if address := os.environ.get(WEBHOOK, ""):
        took.append(_post(address, text))
    if block := os.environ.get(BLOCK, ""):
        took.append(_send(block, text))
    return bool(took) and all(took)


def _post(address: str, text: str) -> bool:
    try:
        answer = httpx.post(address, json={"text": text}, timeout=10)
        said = "" if answer.is_success else f"HTTP {answer.status_code}"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = type(error).__name__
    if said:
        # Without the address, which may hold a secret.
        log.warning("what %s names takes no message: %s", WEBHOOK, said)
    return not said


def _send(name: str, text: str) -> bool:
    """Send by a block; blocks are code of others, and may fail in any way."""
    try:
        from prefect.blocks import notifications  # noqa: F401 - makes the types known
        from prefect.blocks.abstract import NotificationBlock
        from prefect.blocks.core import Block

        block = cast(Any, Block.load(name))
        if not isinstance(block, NotificationBlock):
            log.warning("%s: %s is no block that sends messages", BLOCK, name)
            return False
        cast(Any, block).notify(text, subject="lvzhi")
    except Exception as error:
        log.warning("the block %s sends no message: %s: %s", name, type(error).__name__, error)
        return False
    return True
