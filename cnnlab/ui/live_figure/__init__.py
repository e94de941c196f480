"""Figures in the browser: one component around Plotly for static figures and growing curves.

Pages use `cnnlab.ui.live_figure.figures`: `figure` and `live_figure`.
"""
