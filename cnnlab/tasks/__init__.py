"""Work without torch that takes long and reports its progress: scan, unpack, paint bundled pictures, thumbnails."""
