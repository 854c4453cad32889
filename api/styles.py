"""How each layer looks, from one file shared by the console and by map.html."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Literal, Self

Shape = Literal["area", "line", "dot", "camera", "site", "stop", "sos", "place", "beat"]
Group = Literal["plan", "findings", "equipment", "base"]


@dataclass(frozen=True)
class LayerStyle:
    """The look of one layer.

    Attributes
    ----------
    name
        Name of the layer.
    group
        Heading the layer stands under in the panel.
    shape
        How its features are drawn.
    colour
        Colour as #rrggbb.
    visible
        Whether the layer is switched on at first.
    width
        Line width or dot radius in pixels.
    opacity
        Opacity in (0, 1].
    dash
        Dash pattern in pixels, as SVG writes it; empty for a solid line.
    graded
        Property by which an area is filled the more, up to `opacity` for the greatest value; empty
        where all are filled alike.
    from_zoom
        The layer is drawn from this zoom level on.
    """

    name: str
    group: Group
    shape: Shape
    colour: str
    visible: bool
    width: float = 1.0
    opacity: float = 1.0
    dash: str = ""
    graded: str = ""
    from_zoom: int = 0


@dataclass(frozen=True)
class Styles:
    """The look of the whole map.

    Attributes
    ----------
    background
        Colour of the map where nothing is drawn, as #rrggbb.
    tours
        Colours of the patrol tours, in the order of the units; used again from the first when
        there are more units than colours.
    beats
        Colours of the beats, by their `tint`.
    layers
        One style a layer, from the bottom of the map to its top.
    """

    background: str
    tours: tuple[str, ...]
    beats: tuple[str, ...]
    layers: tuple[LayerStyle, ...]

    @classmethod
    def load(cls) -> Self:
        """Read the styles that ship with the package.

        Returns
        -------
        styles
            The styles.
        """
        text = resources.files("api").joinpath("styles.toml").read_text(encoding="utf-8")
        table = tomllib.loads(text)
        return cls(
            background=table["background"],
            tours=tuple(table["tours"]),
            beats=tuple(table["beats"]),
            layers=tuple(LayerStyle(**layer) for layer in table["layer"]),
        )
