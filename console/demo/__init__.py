"""The demo shop: 300 invented pages in the styles of real shops, with the truth about each of them."""
