"""The helper process, which does what the pages need torch for."""
