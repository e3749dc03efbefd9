"""The vocabulary: kinds, fields, entities, operators, filters, periods. No database, no widgets."""
