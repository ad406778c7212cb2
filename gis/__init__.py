"""Places: layers, cells, streets, travel time and sight. Knows nothing of plans."""
