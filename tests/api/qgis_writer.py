"""Saves a layer as by QGIS' own "Save as", one feature set to another; run by the system's Python.

    /usr/bin/python3 qgis_writer.py LAYERS.gpkg LAYER FOLDER ID FIELD VALUE

Writes LAYER.gpkg, .geojson, .shp, wkt.csv and, of points, xy.csv into the folder.
"""

import os
import sys

OPTIONS = {"wkt.csv": ["GEOMETRY=AS_WKT"], "xy.csv": ["GEOMETRY=AS_XY"]}
DRIVERS = {"gpkg": "GPKG", "geojson": "GeoJSON", "shp": "ESRI Shapefile", "csv": "CSV"}


def main():
    """Save what the arguments name, and let go of QGIS once nothing of it is held any more."""
    # QGIS is the system's, and wants to know before it is loaded that there is no screen.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from qgis.core import QgsApplication  # noqa: PLC0415

    application = QgsApplication([], False)
    application.initQgis()
    save(*sys.argv[1:])
    application.exitQgis()


def save(source, name, folder, *change):
    """Save a layer in every format, one feature set to another."""
    from qgis.core import (  # noqa: PLC0415
        QgsCoordinateTransformContext,
        QgsVectorFileWriter,
        QgsVectorLayer,
        QgsWkbTypes,
        edit,
    )

    identity, field, value = change
    layer = QgsVectorLayer(f"{source}|layername={name}", name, "ogr")
    with edit(layer):
        for feature in layer.getFeatures():
            if feature.attribute("id") == identity:
                layer.changeAttributeValue(feature.id(), layer.fields().indexOf(field), value)
    points = layer.geometryType() == QgsWkbTypes.PointGeometry
    for suffix in ("gpkg", "geojson", "shp", "wkt.csv", *(["xy.csv"] if points else [])):
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName = DRIVERS[suffix.rpartition(".")[2]]
        options.layerOptions = OPTIONS.get(suffix, [])
        options.fileEncoding, options.layerName = "UTF-8", name
        file = os.path.join(folder, f"{name}.{suffix}")  # noqa: PTH118 - QGIS takes text
        context = QgsCoordinateTransformContext()
        code, told, *_ = QgsVectorFileWriter.writeAsVectorFormatV3(layer, file, context, options)
        if code != QgsVectorFileWriter.NoError:
            sys.exit(f"{file}: {told}")


if __name__ == "__main__":
    main()
