"""Pure: declarations and filters become SQL and parameters. No database here."""
