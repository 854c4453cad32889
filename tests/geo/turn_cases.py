"""Small networks with one-way streets and forbidden turns, and an oracle that walks them."""

import math

import geopandas as gpd
import networkx as nx
import pandas as pd
from hypothesis import strategies as st
from shapely import LineString, get_coordinates

from geo.turns import TurnCosts

CRS = "EPSG:32647"
# The end pieces of all lines are 10 m or longer, as far as a bearing looks back; no two streets
# leave a junction in one direction, so that none is turned into by exactly 180 degrees.
STEP_M = 20.0


def frame(lines, oneway=None):
    """Return streets named s0, s1 ... whose junctions are named after their coordinates."""
    return gpd.GeoDataFrame(
        {
            "oneway": oneway or [False] * len(lines),
            "start_junction": [name(line[0]) for line in lines],
            "end_junction": [name(line[-1]) for line in lines],
        },
        geometry=[LineString(line) for line in lines],
        index=[f"s{number}" for number in range(len(lines))],
        crs=CRS,
    )


def name(xy):
    return f"{xy[0]:g},{xy[1]:g}"


def places(*pairs):
    return pd.DataFrame(pairs, columns=["street", "offset_m"])


def bans(*turns):
    return pd.DataFrame(turns, columns=["from_street", "junction", "to_street"])


class Walker:
    """Every way along streets cut into steps of a metre, turn by turn.

    A state is a piece of street in one direction; it knows nothing of the matrix under test.
    """

    def __init__(self, streets, *, speed_mps, costs, forbidden, respect_oneway=True):
        self.streets, self.costs = streets, costs
        self.banned = set(forbidden.itertuples(index=False, name=None))
        self.graph = nx.DiGraph()
        paths = []
        for label, street in streets.iterrows():
            xy = [tuple(point) for point in get_coordinates(street.geometry)]
            paths.append((label, "ahead", xy, street.start_junction, street.end_junction))
            if not (street.oneway and respect_oneway):
                paths.append((label, "back", xy[::-1], street.end_junction, street.start_junction))
        self.pace_s = dict(zip(streets.index, [1 / s for s in speed_mps], strict=True))
        for label, way, xy, begin, end in paths:
            length = round(LineString(xy).length)
            nodes = [(label, way, metre) for metre in range(length + 1)]
            nx.add_path(self.graph, nodes, weight=self.pace_s[label])
            self.graph.add_edge(("leave", begin), nodes[0], weight=0.0)
            self.graph.add_edge(nodes[-1], ("reach", end), weight=0.0)
            for junction in (begin, end):
                self.graph.add_edge(("leave", junction), ("reach", junction), weight=0.0)
        for one in paths:
            onward = [(other, self._turn_s(one, other)) for other in paths if other[3] == one[4]]
            for other, cost_s in self._made(one, onward):
                end = (one[0], one[1], round(LineString(one[2]).length))
                self.graph.add_edge(end, (other[0], other[1], 0), weight=cost_s)

    def _turn_s(self, one, other):
        """Return the cost of a turn, None where a sign forbids it."""
        if (one[0], one[4], other[0]) in self.banned:
            return None
        if self._is_back(one, other):
            return self.costs.u_turn_s
        ends = [*self.streets.start_junction, *self.streets.end_junction]
        if ends.count(one[4]) <= 2:
            return 0.0
        (ax, ay), (bx, by) = _step(one[2], last=True), _step(other[2], last=False)
        angle = math.degrees(math.atan2(ax * by - ay * bx, ax * bx + ay * by))
        if abs(angle) < 45.0 or math.isclose(abs(angle), 45.0):
            return 0.0
        return self.costs.left_s if angle > 0 else self.costs.right_s

    def _made(self, one, onward):
        may = [(other, cost) for other, cost in onward if cost is not None]
        ahead = [(other, cost) for other, cost in may if not self._is_back(one, other)]
        return may if self.costs.u_turn_anywhere or not ahead else ahead

    @staticmethod
    def _is_back(one, other):
        return one[0] == other[0] and one[1] != other[1]

    def times(self, spots):
        """Return the travel times between whole metres of streets, spot by spot."""
        return [self._from(*spot, spots) for spot in spots]

    def _from(self, label, metre, spots):
        reach = nx.multi_source_dijkstra_path_length(self.graph, set(self._nodes(label, metre, 0)))
        return [
            min((reach[node] for node in self._nodes(*spot, 1) if node in reach), default=math.inf)
            for spot in spots
        ]

    def _nodes(self, label, metre, arriving):
        """Return the nodes of a place: on a junction that, in mid-street both directions."""
        street = self.streets.loc[label]
        length = round(street.geometry.length)
        if metre in (0, length):
            at = street.start_junction if metre == 0 else street.end_junction
            return [("reach", at) if arriving else ("leave", at)]
        both = [(label, "ahead", metre), (label, "back", length - metre)]
        return [node for node in both if node in self.graph]


def _step(xy, *, last):
    (ax, ay), (bx, by) = xy[-2:] if last else xy[:2]
    return bx - ax, by - ay


@st.composite
def networks(draw):
    """A grid with streets left out, loops and diagonals, one-ways, bans, costs, and places."""
    size = draw(st.integers(2, 3))
    corners = [(x, y) for x in range(size) for y in range(size)]
    lines = []
    for x, y in corners:
        for dx, dy in ((1, 0), (0, 1)):
            if (x + dx, y + dy) in corners:
                lines.append([(x, y), (x + dx, y + dy)])
        # A second street between the same junctions, and one that ends where it begins.
        if (x + 1, y) in corners and draw(st.booleans()):
            lines.append([(x, y), (x + 0.3, y - 0.4), (x + 0.7, y - 0.4), (x + 1, y)])
        if draw(st.integers(0, 3)) == 0:
            lines.append(
                [(x, y), (x + 0.8, y + 0.6), (x + 0.2, y + 1.4), (x - 0.6, y + 0.8), (x, y)]
            )
    kept = draw(st.lists(st.sampled_from(lines), min_size=1, max_size=12, unique_by=str))
    kept = [[(STEP_M * x, STEP_M * y) for x, y in line] for line in kept]
    kept = [line[::-1] if draw(st.booleans()) else line for line in kept]
    streets = frame(kept, [draw(st.booleans()) for _ in kept])
    ends = [
        (s, end)
        for s in streets.index
        for end in set(streets.loc[s, ["start_junction", "end_junction"]])
    ]
    turns = [(a, via, b) for a, via in ends for b, there in ends if there == via]
    forbidden = bans(*draw(st.lists(st.sampled_from(turns), max_size=6, unique=True)))
    second = st.sampled_from([0.0, 1.5, 4.0])
    costs = TurnCosts(draw(second), draw(second), draw(second), draw(st.booleans()))
    speed = [draw(st.sampled_from([1.0, 2.0, 4.0])) for _ in kept]
    spots = [
        (label, draw(st.integers(0, round(streets.geometry[label].length))))
        for label in draw(st.lists(st.sampled_from(list(streets.index)), min_size=1, max_size=5))
    ]
    return streets, speed, costs, forbidden, spots
