"""The import of somebody's export, step by step: brought, corrected, looked at, loaded."""
