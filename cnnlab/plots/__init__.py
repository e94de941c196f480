"""Figures: pure functions from plain records to plotly figures, each with its text alternative."""
