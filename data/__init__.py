"""Files read through `importlib.resources` by `gis.profiles`. No logic."""
