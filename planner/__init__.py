"""Decisions: coverage, response circles and patrols. Reads no file, draws nothing."""
