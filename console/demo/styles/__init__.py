"""One module per style of page; each renders an item's document."""

from collections.abc import Callable
from typing import Final

from console.demo.catalogue import Item, Style
from console.demo.styles import dom, jsonld, microdata, opengraph, state, variants

RENDERERS: Final[dict[Style, Callable[[Item, str], str]]] = {
    "jsonld": jsonld.plain,
    "jsonld_graph": jsonld.graph,
    "jsonld_aggregate": jsonld.aggregate,
    "jsonld_group": variants.group,
    "microdata": microdata.page,
    "opengraph": opengraph.page,
    "state": state.page,
    "dom": dom.page,
}


def render(item: Item, base: str) -> str:
    """Return the item's product page as HTML. `base` is the shop's address without a slash at its end."""
    return RENDERERS[item.style](item, base)
