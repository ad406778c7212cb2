"""Solvers: arrays in, arrays out. No frames, no geometry."""
