"""A broker's records, from where its exporter puts them: a file, or Elasticsearch."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from workflow_devkit.testing._observed.journal import RecordLike
from workflow_runtime.urls import redacted

__all__ = ["ElasticsearchRecords", "FileRecords", "RecordSource", "records_at"]

_INDICES = "zeebe-record*"
"""The exporter's default prefix, with one index for each value type and day."""
_PAGE = 1000
"""Records in one answer; Elasticsearch gives at most 10,000 (``index.max_result_window``)."""
_MOST_PARTITIONS = 8192
"""Partitions that a cluster of Zeebe can have: keys keep 13 bits for theirs."""
_TIMEOUT = 5
"""Seconds for one answer of Elasticsearch."""


class RecordSource(Protocol):
    """Where records are read, from the moment it was opened."""

    async def read(self) -> list[RecordLike]:
        """The events since the last call, in the broker's order.

        Raises:
            ConnectionError: they cannot be read; says why.
        """
        ...

    def close(self) -> None:
        """Closes what it has opened."""
        ...


def records_at(where: str) -> RecordSource:
    """The source at an ``http://`` address of Elasticsearch, or in a file.

    Raises:
        OSError: nobody answers there, or there is no such file.
    """
    return ElasticsearchRecords(where) if where.startswith("http") else FileRecords(Path(where))


@dataclass(frozen=True, slots=True)
class _Record:
    value_type: str
    intent: str
    key: int
    value: Mapping[str, Any]


def _events(documents: Iterator[dict[str, Any]]) -> list[RecordLike]:
    # Commands and their rejections are exported too; only events tell what has happened.
    return [
        _Record(each["valueType"], each["intent"], each["key"], each["value"])
        for each in documents
        if each.get("recordType", "EVENT") == "EVENT"
    ]


class FileRecords:
    """One JSON object a line, appended by whatever takes the exporter's requests."""

    def __init__(self, path: Path) -> None:
        self._file = path.open(encoding="utf-8")
        self._file.seek(0, 2)  # to the end: what is there is of earlier tests

    async def read(self) -> list[RecordLike]:
        """The events since the last call, in the order of the file."""
        return _events(json.loads(line) for line in self._lines())

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _lines(self) -> Iterator[str]:
        while True:
            begin = self._file.tell()
            line = self._file.readline()
            if not line.endswith("\n"):
                # Somebody is in the middle of it: the rest comes later.
                self._file.seek(begin)
                return
            yield line


class ElasticsearchRecords:
    """The indices that Zeebe's Elasticsearch exporter writes, each partition in its own order."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        if "@" in self._address:
            # urllib takes no credentials from a URL, and repeats them as it says so.
            raise ConnectionError(
                f"{redacted(self._address)}: the address of Elasticsearch takes no user and no "
                "password"
            )
        self._seen = self._ends()

    async def read(self) -> list[RecordLike]:
        """The events since the last call, partition by partition.

        Raises:
            ConnectionError: Elasticsearch does not answer, or refuses the question.
        """
        return await asyncio.to_thread(self._read)

    def close(self) -> None:
        """Does nothing: each request has a connection of its own."""

    def _read(self) -> list[RecordLike]:
        # Indices are refreshed one after the other: what came before the last record that was
        # seen in one of them may lack in another. It is there at the next refresh.
        ends = self._ends()
        self._post("_refresh")
        documents = [each for end in ends.items() for each in self._until(*end)]
        self._seen |= ends
        return _events(iter(documents))

    def _until(self, partition: int, end: int) -> Iterator[dict[str, Any]]:
        while (seen := self._seen.get(partition, 0)) < end:
            span = {"range": {"position": {"gt": seen, "lte": end}}}
            query = {"bool": {"filter": [{"term": {"partitionId": partition}}, span]}}
            body = {"size": _PAGE, "query": query, "sort": [{"position": "asc"}]}
            hits = self._post("_search", body)["hits"]["hits"]
            yield from (hit["_source"] for hit in hits)
            # An answer that is not full was the last one up to `end`.
            full = len(hits) == _PAGE
            self._seen[partition] = hits[-1]["_source"]["position"] if full else end

    def _ends(self) -> dict[int, int]:
        """The last position that can be seen, for each partition."""
        self._post("_refresh")
        # Each partition counts its own positions. `terms` gives ten buckets unless it has a size.
        last = {"max": {"field": "position"}}
        terms = {"field": "partitionId", "size": _MOST_PARTITIONS}
        partitions = {"terms": terms, "aggs": {"last": last}}
        answer = self._post("_search", {"size": 0, "aggs": {"partitions": partitions}})
        buckets = answer.get("aggregations", {}).get("partitions", {}).get("buckets", ())
        # An aggregation gives a double, which is exact up to 2**53.
        return {bucket["key"]: int(bucket["last"]["value"]) for bucket in buckets}

    def _post(self, what: str, body: dict[str, Any] | None = None) -> Any:
        url = f"{self._address}/{_INDICES}/{what}"
        headers = {"Content-Type": "application/json"}
        data = json.dumps(body).encode() if body else b""
        request = Request(url, data, headers, method="POST")  # noqa: S310 - the address that the user gave
        try:
            with urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - the user gave it
                return json.load(answer)
        except HTTPError as error:
            raise ConnectionError(f"{redacted(url)} answers {error.code} {error.reason}") from None
        except (URLError, TimeoutError, HTTPException) as error:
            raise ConnectionError(f"{redacted(url)}: {getattr(error, 'reason', error)}") from None
