"""What the demo shop says to people in each of its markets."""

from dataclasses import dataclass
from typing import Final

from reports.row import Availability


@dataclass(frozen=True)
class Words:
    """A market's words for what a shop says."""

    in_stock: str
    out_of_stock: str
    limited: str
    preorder: str
    backorder: str
    buy: str
    shipping: str
    instalment: str
    others: str
    article: str
    brand: str
    missing: str

    def stock(self, availability: Availability) -> str:
        """Return the words for an availability."""
        return {
            "in_stock": self.in_stock,
            "out_of_stock": self.out_of_stock,
            "limited": self.limited,
            "preorder": self.preorder,
            "backorder": self.backorder,
        }[availability]


_GERMAN: Final = Words(
    "Auf Lager",
    "Ausverkauft",
    "Nur noch wenige auf Lager",
    "Vorbestellbar",
    "Nachbestellt, Lieferung in 3 Wochen",
    "In den Warenkorb",
    "Versandkostenfrei ab",
    "oder 12 Raten zu",
    "Das könnte Ihnen auch gefallen",
    "Artikelnummer",
    "Marke",
    "Dieser Artikel ist leider nicht mehr verfügbar. Die Seite wurde nicht gefunden.",
)
_ENGLISH: Final = Words(
    "In stock",
    "Sold out",
    "Only a few left in stock",
    "Available to pre-order",
    "On backorder, ships in 3 weeks",
    "Add to basket",
    "Free delivery from",
    "or 12 payments of",
    "You may also like",
    "Article number",
    "Brand",
    "Sorry, this page could not be found. The product is no longer available.",
)
WORDS: Final[dict[str, Words]] = {
    "de": _GERMAN,
    "ch": _GERMAN,
    "uk": _ENGLISH,
    "us": _ENGLISH,
    "fr": Words(
        "En stock",
        "Épuisé",
        "Plus que quelques exemplaires en stock",
        "En précommande",
        "En réapprovisionnement",
        "Ajouter au panier",
        "Livraison gratuite dès",
        "ou 12 mensualités de",
        "Vous aimerez aussi",
        "Référence",
        "Marque",
        "Désolé, cette page est introuvable. Ce produit n'est plus disponible.",
    ),
    "pl": Words(
        "Dostępny",
        "Produkt niedostępny",
        "Ostatnie sztuki",
        "Przedsprzedaż",
        "Na zamówienie",
        "Do koszyka",
        "Darmowa dostawa od",
        "lub 12 rat po",
        "Zobacz również",
        "Numer artykułu",
        "Marka",
        "Przepraszamy, nie znaleziono strony. Produkt nie jest już dostępny.",
    ),
    "se": Words(
        "I lager",
        "Slutsåld",
        "Få kvar i lager",
        "Förhandsbeställ",
        "Restnoterad",
        "Lägg i varukorgen",
        "Fri frakt från",
        "eller 12 delbetalningar à",
        "Du kanske också gillar",
        "Artikelnummer",
        "Märke",
        "Tyvärr hittades inte sidan. Produkten finns inte längre.",
    ),
    "jp": Words(
        "在庫あり",
        "在庫切れ",
        "残りわずか",
        "予約受付中",
        "お取り寄せ",
        "カートに入れる",
        "送料無料",
        "12回払い 各",
        "おすすめ商品",
        "商品番号",
        "ブランド",
        "ページが見つかりません。この商品は取り扱いを終了しました。",
    ),
}
