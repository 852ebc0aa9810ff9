"""Everything that changes an import or an export."""
