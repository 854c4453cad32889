"""The files of the hotspots, written all or none."""

from typing import Final

from api.hotspots.document import write_document
from api.hotspots.report import render_report
from api.hotspots.result import LAYERS, HotspotsResult
from api.hotspots.summary import summary_lines
from api.output_files import Outputs

OUTPUTS: Final = Outputs[HotspotsResult](
    pages={"hotspots.html": render_report},
    packages={"hotspots.gpkg": lambda result: {name: result.layers[name] for name in LAYERS}},
    documents={"hotspots.json": write_document},
    lines=summary_lines,
    keys={
        "hotspots.html": "hotspots_summary.report",
        "hotspots.gpkg": "hotspots_summary.layers",
        "hotspots.json": "hotspots_summary.document",
    },
)
"""Report, layers and document of the hotspots."""
