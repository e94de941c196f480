"""Everything that is recorded: the database, its schema, the records, and one file of rows for each table."""
