"""Texts in Thai and English side by side, and the page fragments that hold both."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

from geopandas import GeoDataFrame
from markupsafe import Markup

from api.words import Language, Words

Row = Mapping[str, Any]
_BUDDHIST_ERA = 543


class Both(NamedTuple):
    """A text in both languages.

    Attributes
    ----------
    th
        Thai text.
    en
        English text.
    """

    th: str
    en: str

    def spans(self) -> Markup:
        """Give both texts as HTML; the page's language decides which of them shows.

        Returns
        -------
        Markup
            Two spans, escaped; one text without a span where both languages say the same.

        Examples
        --------
        >>> Both("ถนน", "R&D Street").spans()
        Markup('<span lang="th">ถนน</span><span lang="en">R&amp;D Street</span>')
        """
        if self.th == self.en:
            return Markup("{}").format(self.th)
        return Markup('<span lang="th">{}</span><span lang="en">{}</span>').format(*self)

    def line(self) -> str:
        """Give both texts in one line, for files that know no languages.

        Returns
        -------
        str
            Thai, a stroke, English; one text where both languages say the same.

        Examples
        --------
        >>> Both("ถนน", "Street").line()
        'ถนน / Street'
        >>> Both("SOS", "SOS").line()
        'SOS'
        """
        return self.th if self.th == self.en else f"{self.th} / {self.en}"

    def read(self, language: Language) -> str:
        """Give the text in one language.

        Parameters
        ----------
        language
            Language wanted.

        Returns
        -------
        str
            The text.
        """
        return self.th if language == "th" else self.en


class Phrases:
    """The dictionary of words, spoken in both languages at once.

    Parameters
    ----------
    words
        Dictionary to speak from.
    timezone
        Zone time is told in.
    """

    def __init__(self, words: Words, timezone: tzinfo) -> None:
        self.words = words
        self.timezone = timezone

    def say(self, key: str, **values: object) -> Both:
        """Speak a phrase.

        Parameters
        ----------
        key
            Key of the dictionary.
        **values
            What the braces are filled with; a `Both` fills each language with its own text.

        Returns
        -------
        Both
            The phrase.
        """
        thai, english = (
            self.words.text(
                key, language, **{name: _in(value, language) for name, value in values.items()}
            )
            for language in ("th", "en")
        )
        return Both(thai, english)

    def known(self, section: str, value: str) -> Both:
        """Speak a value of a column.

        Parameters
        ----------
        section
            Section of the dictionary for the values of the column.
        value
            The value.

        Returns
        -------
        Both
            Its word; the value itself where the dictionary has none.
        """
        key = f"{section}.{value}"
        return self.say(key) if key in self.words.entries else Both(value, value)

    def name(self, row: Row, *, prefix: str = "name") -> Both:
        """Give the name of a feature.

        Parameters
        ----------
        row
            Feature with `name_th` and `name_en` (or another prefix).
        prefix
            What stands before `_th` and `_en`.

        Returns
        -------
        Both
            Its name; the word for an unnamed street where it has none.
        """
        names = {language: str(row.get(f"{prefix}_{language}") or "") for language in ("th", "en")}
        either = names["en"] or names["th"]
        if not either:
            return self.say("value.unnamed_street")
        return Both(names["th"] or either, names["en"] or either)

    def place(self, row: Row) -> Both:
        """Give the name of a feature and, where it is known, the street that crosses nearby.

        Parameters
        ----------
        row
            Feature with `name_th` and `name_en`; `near_th` and `near_en` where they are known.

        Returns
        -------
        Both
            Its place.
        """
        if not row.get("near_en"):
            return self.name(row)
        return self.say("plan.near", name=self.name(row), near=self.name(row, prefix="near"))

    def metres(self, value: float) -> Both:
        """Speak a length in whole metres.

        Parameters
        ----------
        value
            Length in metres.

        Returns
        -------
        Both
            The length with its unit.
        """
        return self.say("unit.metres", value=f"{value:,.0f}")

    def square_metres(self, value: float) -> Both:
        """Speak an area in whole square metres.

        Parameters
        ----------
        value
            Area in square metres.

        Returns
        -------
        Both
            The area with its unit.
        """
        return self.say("unit.square_metres", value=f"{value:,.0f}")

    def percent(self, share: float, *, digits: int = 0) -> Both:
        """Speak a share.

        Parameters
        ----------
        share
            Share in [0, 1].
        digits
            Digits after the point.

        Returns
        -------
        Both
            The share in per cent.
        """
        return self.say("unit.percent", value=f"{share * 100:.{digits}f}")

    def facing(self, azimuth_deg: float) -> Both:
        """Speak a direction: the compass point and the degrees.

        Parameters
        ----------
        azimuth_deg
            Direction in degrees clockwise from north.

        Returns
        -------
        Both
            The direction.
        """
        points = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
        point = points[round(azimuth_deg / 45) % len(points)]
        return self.say(
            "map.facing", point=self.say(f"compass.{point}"), degrees=round(azimuth_deg) % 360
        )

    def clock(self, instant: datetime) -> Both:
        """Speak a time of day.

        Parameters
        ----------
        instant
            Timezone-aware instant.

        Returns
        -------
        Both
            Hours and minutes on the clocks of the zone.
        """
        local = instant.astimezone(self.timezone)
        return self.say("plan.clock", value=f"{local:%H:%M}")

    def day(self, day: date) -> Both:
        """Speak a date.

        Parameters
        ----------
        day
            Day of the zone's calendar.

        Returns
        -------
        Both
            The date; the Thai text counts years in the Buddhist Era.
        """
        month = self.say(f"month.m{day.month:02}")
        return Both(
            f"{day.day} {month.th} {day.year + _BUDDHIST_ERA}",
            f"{day.day} {month.en} {day.year}",
        )


def _in(value: object, language: Language) -> object:
    return value.read(language) if isinstance(value, Both) else value


def rows(frame: GeoDataFrame) -> list[Row]:
    """Give the features of a layer one by one, without geometry.

    Parameters
    ----------
    frame
        Layer with an index named `id` or any other.

    Returns
    -------
    list of Row
        Columns by name, the index under "id".
    """
    plain = frame.drop(columns=frame.geometry.name)
    return [
        {"id": str(index), **{str(name): value for name, value in record.items()}}
        for index, record in zip(frame.index, plain.to_dict("records"), strict=True)
    ]
