"""Demand of a night in words: what each place is called, and why a patrol is wanted there."""

from datetime import datetime

from geopandas import GeoDataFrame

from api.bilingual import Both, Phrases, Row, rows
from api.crossings import with_crossings
from planning.patrol_demand import Findings
from planning.patrol_wishes import Night


def word_demand(
    demand: GeoDataFrame, findings: Findings, *, night: Night, phrases: Phrases
) -> GeoDataFrame:
    """Name places and reasons.

    Parameters
    ----------
    demand
        Demand as `weigh_demand` gives it.
    findings
        What it was weighed from; hotspots and blind spots with `near_th` and `near_en`.
    night
        The time that is planned.
    phrases
        Words to speak with.

    Returns
    -------
    GeoDataFrame
        The demand with `name_th`, `name_en`, `reason_th` and `reason_en`. Reasons tell the hours,
        how many incidents they rest on, and who asked.
    """
    telling = _Telling(findings, night, phrases)
    placed = rows(with_crossings(_with_streets(demand, findings.streets), findings.streets))
    names = [telling.name(row) for row in placed]
    reasons = [telling.reason(row) for row in placed]
    return demand.assign(
        name_th=[name.th for name in names],
        name_en=[name.en for name in names],
        reason_th=[reason.th for reason in reasons],
        reason_en=[reason.en for reason in reasons],
    )


def _with_streets(demand: GeoDataFrame, streets: GeoDataFrame) -> GeoDataFrame:
    """Give places where patrols are only to be seen the names of their streets."""
    presence = demand["kind"].eq("presence")
    street = streets.loc[demand.loc[presence, "of"], ["name_th", "name_en"]]
    named = demand[["name_th", "name_en"]].copy()
    named.loc[presence] = street.to_numpy()
    return demand.assign(name_th=named["name_th"], name_en=named["name_en"])


class _Telling:
    """What is told of the places, from what they stand for."""

    def __init__(self, findings: Findings, night: Night, phrases: Phrases) -> None:
        self.phrases = phrases
        self.night = night
        self.hot_hours = findings.hot_hours.to_dict("index")
        self.events = {event.id: event for event in findings.events}
        self.requests = {request.id: request for request in findings.requests}
        self.found = {
            kind: {row["id"]: row for row in rows(layer)}
            for kind, layer in (
                ("hotspot", findings.hotspots),
                ("blind_spot", findings.blind_spots),
                ("sos_point", findings.sos_points),
            )
        }

    def name(self, row: Row) -> Both:
        if row["kind"] in self.found:
            return self.phrases.place(self.found[row["kind"]][str(row["of"])])
        return self.phrases.place(row)

    def reason(self, row: Row) -> Both:
        say = self.phrases.say
        kind = row["kind"]
        if kind == "hotspot":
            told = self._hotspot(row)
        elif kind == "blind_spot":
            length_m = self.found[kind][str(row["of"])]["length_m"]
            told = say("demand.blind_spot", length=self.phrases.metres(length_m))
        elif kind == "event":
            told = self._event(row)
        elif kind == "request":
            told = self._request("demand.request", row)
        else:
            told = say(f"demand.{kind}")
        if row["requested_by"] and kind != "request":
            told = self._request("demand.quiet", row, reason=told)
        return told

    def _hotspot(self, row: Row) -> Both:
        say = self.phrases.say
        rank = self.found["hotspot"][str(row["of"])]["rank"]
        hours = self.hot_hours[rank]
        share = self.phrases.percent(hours["share"], digits=1)
        told = say("demand.hotspot", rank=rank, share=share)
        if hours["weekday_factor"] != 1:
            local = self.night.starts_at.astimezone(self.phrases.timezone)
            told = say(
                "demand.weekday",
                reason=told,
                weekday=say(f"weekday.d{local.weekday()}"),
                tonight=hours["known_tonight"],
                known=hours["known"],
            )
        if row["part"]:
            told = say(
                "demand.busiest",
                reason=told,
                hours=self._hours(hours["hot_from"], hours["hot_until"]),
                inside=hours["hot_known"],
                known=hours["scanned"],
            )
        return told

    def _event(self, row: Row) -> Both:
        say = self.phrases.say
        event = self.events[row["of"]]
        told = say(
            "demand.event",
            event=Both(event.name_th, event.name_en),
            hours=self._hours(row["from_at"], row["until_at"]),
        )
        if event.synthetic:
            told = say("demand.made_up", reason=told)
        if event.needs_units > 1:
            told = say("demand.two_units", reason=told)
        if event.skill:
            told = say("demand.skill", reason=told, skill=self.phrases.known("skill", event.skill))
        return told

    def _request(self, key: str, row: Row, **values: Both) -> Both:
        request = self.requests[row["requested_by"]]
        told = self.phrases.say(
            key,
            community=Both(request.community_th, request.community_en),
            hours=self._hours(request.opens_at, request.closes_at),
            **values,
        )
        return self.phrases.say("demand.made_up", reason=told) if request.synthetic else told

    def _hours(self, opens_at: datetime, closes_at: datetime) -> Both:
        start, end = (
            f"{instant.astimezone(self.phrases.timezone):%H:%M}"
            for instant in (opens_at, closes_at)
        )
        return self.phrases.say("demand.hours", start=start, end=end)
