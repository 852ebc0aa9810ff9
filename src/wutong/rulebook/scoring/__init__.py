"""Scoring rules (计分规则) as data: a document of groups, indicators and formulas; plain facts in, points with their reasons out."""
