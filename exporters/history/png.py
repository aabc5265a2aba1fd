"""The picture of a product's prices as PNG, for chats and slides. Needs the extra `history`."""

from collections.abc import Sequence

from exporters.errors import ExtraMissing
from exporters.history.plot import svg
from exporters.history.store import Observation

_ZOOM = 2.0
"""Sharp on the screens of today: 1920 pixels wide."""


def png(product: str, seen: Sequence[Observation]) -> bytes:
    """Return the timeline as PNG. Raises ExtraMissing without the libraries that draw it."""
    try:
        import resvg_py  # noqa: PLC0415 - only who asks for a PNG needs it
        from ttf_opensans import OPENSANS_REGULAR  # noqa: PLC0415
    except ImportError as error:
        raise ExtraMissing("A PNG needs resvg", "Install it: pip install 'shelfbeat[history]'") from error
    # A font of our own, because a container has none; the machine's add what it lacks (Chinese, say).
    drawn: bytes = resvg_py.svg_to_bytes(
        svg(product, seen),
        zoom=_ZOOM,
        font_files=[str(OPENSANS_REGULAR.path)],
        sans_serif_family="Open Sans",
    )
    return drawn
