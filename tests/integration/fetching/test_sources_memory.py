"""A million URLs in a process of its own, whose peak memory is measured."""

import gzip
import subprocess
import sys
from pathlib import Path

MILLION = 1_000_000
LIMIT_MB = 300
URL = "https://shop.example/category/sub-category/product-name-with-some-words-{}.html?size=xl&colour=blue"

COLLECT = """
import re, sys
from pathlib import Path
from pydantic import TypeAdapter
from jobs.url_sources import UrlSource
from scraping.sources.collect import Places, collect
from scraping.sources.distinct import Distinct
from scraping.sources.download import DownloadSettings
from scraping.sources.reader import SourceReader

source = TypeAdapter(UrlSource).validate_json(sys.argv[1])
reader = SourceReader(DownloadSettings("Shelfbeat/test"))
places = Places(Path(sys.argv[2]))
found = collect([source], read=reader, read_sheet=lambda *_: [], places=places, seen=Distinct())
count = sum(1 for _ in found)
# Not ru_maxrss: that begins with what the parent had when it forked.
print(count, int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def collected(source: str, folder: Path) -> tuple[int, int]:
    """Return how many URLs a process collects, and its peak memory in MB."""
    command = [sys.executable, "-c", COLLECT, source, str(folder)]
    out = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    urls, peak_mb = out.split()
    return int(urls), int(peak_mb)


def test_a_million_urls_of_a_csv_file_take_less_than_300_mb(tmp_path: Path) -> None:
    with (tmp_path / "urls.csv").open("w") as file:
        file.write("id,url\n")
        file.writelines(f"{i},{URL.format(i)}\n" for i in range(MILLION))
    urls, peak_mb = collected('{"file": "urls.csv", "column": "url"}', tmp_path)
    assert urls == MILLION
    assert peak_mb < LIMIT_MB


def test_the_memory_of_a_sitemap_does_not_grow_with_it(tmp_path: Path) -> None:
    def sitemap(first: int, last: int) -> str:
        locs = "".join(f"<url><loc>{i}{'x' * 2_000}</loc></url>" for i in range(first, last))
        return f"<urlset>{locs}</urlset>"

    names = [f"{number}.xml.gz" for number in range(5)]
    for number, name in enumerate(names):
        packed = gzip.compress(sitemap(number * 20_000, (number + 1) * 20_000).encode(), compresslevel=1)
        (tmp_path / name).write_bytes(packed)
    index = "".join(f"<sitemap><loc>{name}</loc></sitemap>" for name in names)
    (tmp_path / "index.xml").write_text(f"<sitemapindex>{index}</sitemapindex>")
    (tmp_path / "one.xml").write_text(sitemap(0, 10))
    _, small_mb = collected('{"sitemap": "one.xml"}', tmp_path)
    urls, peak_mb = collected('{"sitemap": "index.xml"}', tmp_path)  # 200 MB of text
    assert urls == 100_000
    assert peak_mb - small_mb < 40
