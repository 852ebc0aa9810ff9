"""Background entry points of imports and exports."""
