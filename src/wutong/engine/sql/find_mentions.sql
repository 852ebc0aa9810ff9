-- grain: one row per mention, in the order of phrase_no
-- keys: phrase_no, firm_no, role
-- units: start, end characters of firms.scope
-- reads: mentions
-- writes: nothing (read once per opened warehouse, kept as arrays)
select phrase_no, firm_no, role, start, "end"
from mentions
order by phrase_no, firm_no, role
