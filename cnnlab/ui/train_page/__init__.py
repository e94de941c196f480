"""The Train page, panel by panel: cost, buttons, live view, queue, table of runs, disk use."""
