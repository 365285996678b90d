"""Random cron and timer texts: right ones, and ones with the slips that people make."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any, Final

_MONTHS: Final = ("JAN", "FEB", "MAR", "MAY", "JUN", "JUL", "AUG", "OCT", "NOV", "DEC")
_DAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_SLIPS: Final = ("?", "", "L", "W", "#", "-", "/", "1-", "-1", "/5", "*/0", "x", "1,", "**", "5L")
_MONTH_DAYS: Final = (
    "L", "LW", "l", "L-{d}", "{d}W", "{d}L", "L,{d}", "{d}W,{d}", "L-3,{d}", "L-5/2", "W", "5#1",
    "{d}-{d}", "{d}-{d}/3",
)  # fmt: skip
_WEEK_DAYS: Final = (
    "L", "{w}L", "{w}#{n}", "{w}L,{w}", "{w}#1,{w}", "L-{w}", "L,{w}", "1W", "LW", "{w}-{w}",
    "{w}-{w}/2", "{w}#{w}", "#1", "{w}/2",
)  # fmt: skip
_COUNTS: Final = ("R", "R", "R3", "R0", "R-1", "R-5", "R03", "R+3", "R 3", "Rx", "r3", "", "R1.5")
_TIMES: Final = (
    "00:00:00", "13:00", "24:00:00", "23:59:60", "12:60:00", "9:00:00", "12:30:15.5", "12:30:15.",
    "12:30:15.123456789", "12:30:15,5",
)  # fmt: skip
_OFFSETS: Final = (
    "Z", "Z", "Z", "z", "", "+01:00", "+01", "-05:30", "+0130", "+18:00", "+18:01", "+1",
    "+01:00:30", "-00:00", "+01:60", "UTC", "@Europe/Berlin",
)  # fmt: skip
_ZONES: Final = (
    "", "", "", "[Europe/Berlin]", "[UTC]", "[europe/berlin]", "[Nowhere/There]", "[+01:00]",
    "[+01]", "[UTC+02:00]", "[EST]", "[]", "[Europe/Berlin",
)  # fmt: skip


class TimerSampler:
    """Makes questions for the oracles; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._choice = self._random.choice

    def cron(self) -> dict[str, Any]:
        """A cron, and a moment after which it is asked for."""
        fields = [
            self._either(("0", "30", "*/15"), self._field(0, 59)),
            self._either(("0", "30", "*"), self._field(0, 59)),
            self._field(0, 23),
            self._either((*_MONTH_DAYS, "?", "*", "*"), self._field(1, 31)),
            self._either(("*",), self._field(1, 12, _MONTHS)),
            self._either((*_WEEK_DAYS, "?", "*", "*"), self._field(0, 7, _DAYS)),
        ]
        if self._chance(0.02):
            fields.append("*")
        text = self._choice((" ", " ", "  ", "\t")).join(map(self._filled, fields))
        return {"cron": text, "after": self._moment(), "count": 4}

    def timer(self) -> dict[str, Any]:
        """A duration, date or cycle, and the moment it is."""
        kind = self._choice(("duration", "date", "cycle"))
        text = getattr(self, f"_{kind}")()
        return {"kind": kind, "text": text, "now": 1_772_452_800_000 + self._choice((0, 123))}

    def _either(self, texts: tuple[str, ...], other: str) -> str:
        return self._choice(texts) if self._chance(0.5) else other

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _filled(self, text: str) -> str:
        day = str(self._random.randint(1, 31))
        weekday = self._choice([*_DAYS, *"01234567"])
        return text.replace("{d}", day).replace("{w}", weekday).replace("{n}", self._choice("0125"))

    def _field(self, low: int, high: int, names: tuple[str, ...] = ()) -> str:
        def value() -> str:
            return self._choice(names) if names and self._chance(0.4) else self._number(low, high)

        form = self._random.random()
        if form < 0.02:
            return self._choice(_SLIPS)
        if form < 0.2:
            return ",".join(self._field(low, high, names) for _ in range(2))
        step = f"/{self._random.randint(1, high)}" if self._chance(0.3) else ""
        start = self._choice(("*", value(), f"{value()}-{value()}"))
        return start + step

    def _number(self, low: int, high: int) -> str:
        return str(self._random.randint(low, high + (2 if self._chance(0.05) else 0)))

    def _moment(self) -> str:
        day = [self._random.randint(*ends) for ends in ((1999, 2040), (1, 12), (1, 28))]
        time = [self._random.randint(*ends) for ends in ((0, 23), (0, 59), (0, 59))]
        moment = datetime(*day, *time, self._choice((0, 0, 250_000)), tzinfo=UTC)
        return moment.isoformat().replace("+00:00", "Z")

    def _duration(self) -> str:
        return self._length() if self._chance(0.9) else f"{self._date()}/{self._length()}"

    def _cycle(self) -> str:
        start = f"{self._date()}/" if self._chance(0.3) else ""
        slash = "/" if self._chance(0.97) else self._choice(("", "//"))
        return f"{self._choice(_COUNTS)}{slash}{start}{self._length()}"

    def _length(self) -> str:
        days = "".join(self._part(unit) for unit in "YMWD")
        time = "T" + "".join(self._part(unit) for unit in ("H", "M", "S", ".5S"))
        text = "P" + self._choice((days, time, days + time))
        text = self._choice(("", "", "", "-", "+")) + text
        return self._choice((text.lower(), f"{text} ", text[1:])) if self._chance(0.05) else text

    def _part(self, unit: str) -> str:
        if not self._chance(0.35):
            return ""
        number = self._choice((0, 1, 2, 3, 24, 90, 100_000, self._random.randint(0, 99)))
        return f"{self._choice(('', '', '-', '+'))}{number}{unit}"

    def _date(self) -> str:
        year = self._choice((2026, 2026, 2030, 1970, "0001", 9999, "-0005", "+12026", "12026"))
        day = f"{self._choice(('01', '02', '12', '13'))}-{self._choice(('01', '28', '30', '31'))}"
        place = self._choice(("T", "T", "T", "t", " "))
        parts = map(self._choice, (_TIMES, _OFFSETS, _ZONES))
        return f"{year}-{day}{place}{''.join(parts)}"
