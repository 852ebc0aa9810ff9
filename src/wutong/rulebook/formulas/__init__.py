"""The closed set of formula nodes (计分公式) of rules that a bureau writes: read with their lines, checked for units, and evaluated."""
