"""Reads collections of a running service by QGIS' own provider; run by the system's Python.

    /usr/bin/python3 qgis_reader.py http://127.0.0.1:8000/ogc PAGE_SIZE collection...

Prints, as JSON by collection, the number of features that the provider tells, and the features it
hands out: id and geometry as hexadecimal well-known binary.
"""

import json
import os
import sys


def read(layer):
    """Return what the provider hands out of a collection."""
    if not layer.isValid():
        return {"error": layer.error().message() or "not valid"}
    found = [
        {
            "id": feature.attribute("id"),
            "geometry": bytes(feature.geometry().asWkb()).hex() if feature.hasGeometry() else None,
        }
        for feature in layer.getFeatures()
    ]
    return {"count": layer.featureCount(), "crs": layer.crs().authid(), "features": found}


def main():
    """Read what the arguments name."""
    # QGIS is the system's, and wants to know before it is loaded that there is no screen.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from qgis.core import QgsApplication, QgsVectorLayer  # noqa: PLC0415

    service, page_size, *collections = sys.argv[1:]
    application = QgsApplication([], False)
    application.initQgis()
    found = {}
    for name in collections:
        source = f"url='{service}' typename='{name}' pageSize='{page_size}'"
        found[name] = read(QgsVectorLayer(source, name, "OAPIF"))
    sys.stdout.write(json.dumps(found) + "\n")
    application.exitQgis()


if __name__ == "__main__":
    main()
