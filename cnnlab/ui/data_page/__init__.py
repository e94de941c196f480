"""The Data page, panel by panel: where pictures come from, work that goes on, figures, gallery, findings, split."""
