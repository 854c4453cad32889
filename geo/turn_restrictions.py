"""Forbidden turns from the restriction relations of an OpenStreetMap extract, which osmnx drops.

A relation of type "restriction" says that who comes from one way may not turn into another at a
node (`no_left_turn`, `no_u_turn` and so on), or may turn into nothing else (`only_straight_on`);
`except` names vehicles that it does not bind (https://wiki.openstreetmap.org/wiki/Relation:restriction).
Relations that lead over a third way, hold at certain hours or for certain vehicles only, or lack a
member are not read; `left_out` lists them.
"""

import bz2
import gzip
import zlib
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import IO, Any, Final, NamedTuple
from xml.etree.ElementTree import Element, ParseError, iterparse

import geopandas as gpd
import pandas as pd

from geo.errors import Fault, LayerError, SourceError, reason_of

_OPENERS: Final[dict[str, Callable[..., Any]]] = {".gz": gzip.open, ".bz2": bz2.open}


class _Rule(NamedTuple):
    """One row of what is read."""

    relation: str
    restriction: str
    from_way: str
    junction: str
    to_way: str
    exempt: str


class TurnRestrictions(NamedTuple):
    """Restrictions of an extract.

    Attributes
    ----------
    turns
        A row a pair of ways: `relation`, `restriction` (as written), `from_way`, `junction` (the
        node) and `to_way`, all ids as text, and `exempt`, the vehicles not bound, joined by ";".
    left_out
        Relations that were not read: `relation` and `why`.
    """

    turns: pd.DataFrame
    left_out: pd.DataFrame


def read_turn_restrictions(path: str | Path) -> TurnRestrictions:
    """Read the turn restrictions of an OpenStreetMap file.

    Parameters
    ----------
    path
        OSM XML file (.osm), plain or compressed (.osm.gz, .osm.bz2).

    Returns
    -------
    restrictions
        What was read and what was left out, perhaps nothing.

    Raises
    ------
    LayerError
        The file is not OSM XML.
    SourceError
        The file is missing, may not be read, or breaks off within its compressed data.
    """
    path = Path(path)
    turns: list[_Rule] = []
    left_out: list[tuple[str, str]] = []
    try:
        with _OPENERS.get(path.suffix, open)(path, "rb") as file:
            for relation in _restrictions(file):
                name = relation.get("id", "")
                if why := _unreadable(relation):
                    left_out.append((name, why))
                else:
                    turns += _rules(name, relation)
    except ParseError as error:
        raise LayerError([Fault(str(path), "OSM XML", str(error), error.position[0])]) from error
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"Expected to read {path}, got: {reason_of(error)}.") from error
    return TurnRestrictions(
        pd.DataFrame(turns, columns=list(_Rule._fields), dtype="str"),
        pd.DataFrame(left_out, columns=["relation", "why"], dtype="str"),
    )


def forbidden_turns(restrictions: pd.DataFrame, streets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Tell which turns between streets some restrictions forbid.

    Parameters
    ----------
    restrictions
        Pairs of ways, as `read_turn_restrictions` gives them.
    streets
        Streets of the same extract, as `geo.osm.street_edges` gives them: `osm_ways`,
        `start_junction` and `end_junction`.

    Returns
    -------
    forbidden
        A row a turn: `from_street`, `junction`, `to_street` and `exempt`. A restriction of ways or
        a node that are no streets or junctions of these forbids nothing.
    """
    at: dict[str, list[str]] = {}
    for end in ("start_junction", "end_junction"):
        for label, junction in zip(streets.index, streets[end], strict=True):
            at.setdefault(junction, []).append(label)
    of_way = {label: ways.split(";") for label, ways in streets["osm_ways"].items()}
    turns = []
    rows = restrictions[list(_Rule._fields)].to_numpy().tolist()
    for rule in (_Rule(*row) for row in rows):
        here = list(dict.fromkeys(at.get(rule.junction, [])))
        leave = [label for label in here if rule.from_way in of_way[label]]
        enter = [label for label in here if rule.to_way in of_way[label]]
        if rule.restriction.startswith("only_"):
            enter = [label for label in here if label not in enter] if enter else []
        elif rule.from_way == rule.to_way:
            # A way that goes on beyond the node is two streets; turning back is into the same one.
            enter = leave
        turns += [
            (one, rule.junction, other, rule.exempt)
            for one, other in product(leave, enter)
            if rule.from_way != rule.to_way or (one == other) == ("u_turn" in rule.restriction)
        ]
    columns = ["from_street", "junction", "to_street", "exempt"]
    return pd.DataFrame(turns, columns=columns, dtype="str").drop_duplicates(ignore_index=True)


def _restrictions(file: IO[bytes]) -> Iterator[Element]:
    for _, element in iterparse(file):  # noqa: S314  # the keeper's own; expat limits entities
        if element.tag == "relation" and _tags(element).get("type") == "restriction":
            yield element
        if element.tag in {"node", "way", "relation"}:
            element.clear()


def _tags(relation: Element) -> dict[str, str]:
    return {tag.get("k", ""): tag.get("v", "") for tag in relation.iter("tag")}


def _members(relation: Element, role: str) -> list[tuple[str, str]]:
    return [
        (member.get("type", ""), member.get("ref", ""))
        for member in relation.iter("member")
        if member.get("role") == role
    ]


def _unreadable(relation: Element) -> str:
    """Return why a restriction is not read, "" where it is."""
    if not _tags(relation).get("restriction", "").startswith(("no_", "only_")):
        return "no restriction for all vehicles at all hours"
    kinds = {role: {kind for kind, _ in _members(relation, role)} for role in ("from", "via", "to")}
    if kinds["via"] == {"way"}:
        return "leads over a third way"
    whole = kinds == {"from": {"way"}, "via": {"node"}, "to": {"way"}}
    return "" if whole and len(_members(relation, "via")) == 1 else "a member is missing"


def _rules(name: str, relation: Element) -> Iterator[_Rule]:
    tags = _tags(relation)
    exempt = ";".join(name.strip() for name in tags.get("except", "").split(";"))
    junction = _members(relation, "via")[0][1]
    for (_, one), (_, other) in product(_members(relation, "from"), _members(relation, "to")):
        yield _Rule(name, tags["restriction"], one, junction, other, exempt)
