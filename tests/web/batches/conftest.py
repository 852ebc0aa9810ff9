"""An upload of a file, and a folder for the files of a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cast import Cast


@pytest.fixture
def batches(settings: Any, tmp_path: Path) -> Path:
    """The folder of files, for this test alone."""
    settings.BATCHES = tmp_path
    return tmp_path


@pytest.fixture
def uploaded(cast: Cast, batches: Path) -> Callable[..., Any]:
    """`uploaded(content)` is an import of people that the system administrator uploaded, and that is checked."""
    import factories
    from wutong.web.batches.actions import imports
    from wutong.web.batches.tasks import imports as tasks

    def made(content: bytes, *, kind: str = "accounts.people", by: Any = None, **given: Any) -> Any:
        who = by or cast.system_admin
        batch = imports.upload(
            kind=kind, name="人员.xlsx", size_bytes=len(content), chunks=[content], given=given, by=who, at=factories.AT
        )  # fmt: skip
        return tasks.check_now(batch)

    return made
