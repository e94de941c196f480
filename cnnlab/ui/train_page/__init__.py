"""The Train page, panel by panel: form, filing, live view, table of runs."""
