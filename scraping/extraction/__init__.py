"""Extraction: a page as it came over the wire into a row. Reads no network, no clock, no environment."""

from scraping.extraction.extract import extract

__all__ = ["extract"]
