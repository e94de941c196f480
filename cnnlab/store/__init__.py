"""Everything that is written down: database, schema, records, and one file of rows for each table."""
