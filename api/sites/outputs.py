"""The files of the sites, written all or none."""

from typing import Final

from api.output_files import Outputs
from api.sites.document import write_document
from api.sites.report import render_report
from api.sites.result import LAYERS, SitesResult
from api.sites.summary import summary_lines

OUTPUTS: Final = Outputs[SitesResult](
    pages={"sites.html": render_report},
    packages={"sites.gpkg": lambda result: {name: result.layers[name] for name in LAYERS}},
    documents={"sites.json": write_document},
    lines=summary_lines,
    keys={
        "sites.html": "sites_summary.report",
        "sites.gpkg": "sites_summary.layers",
        "sites.json": "sites_summary.document",
    },
)
"""Report, layers and document of the sites."""
