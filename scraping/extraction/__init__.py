"""Extraction: a page as it came over the wire into a row. Reads no network, no clock, no environment."""

from scraping.extraction.extract import examine, extract

__all__ = ["examine", "extract"]
