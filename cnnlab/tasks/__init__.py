"""Tasks, long work without torch that reports progress: scan, unpack, paint bundled pictures, make thumbnails."""
