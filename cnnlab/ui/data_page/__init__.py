"""The Data page, panel by panel: sources of pictures, tasks in progress, figures, gallery, findings, split."""
