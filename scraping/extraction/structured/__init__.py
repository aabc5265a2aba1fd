"""What a page says in a vocabulary made for it: JSON-LD, microdata and RDFa, OpenGraph."""
