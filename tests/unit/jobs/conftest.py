"""A folder of definitions and the smallest good one."""

from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = """\
job: {name}
urls:
  - list: ["https://shop.example/kettle"]
publish:
  files: [csv]
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a definition file; without text, the smallest good one under the name of the file."""

    def _write(name: str, text: str | bytes | None = None) -> Path:
        path = tmp_path / name
        content = GOOD.format(name=path.stem) if text is None else text
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write
