"""Pictures: maps, tiles and pages drawn from results. Computes nothing."""
