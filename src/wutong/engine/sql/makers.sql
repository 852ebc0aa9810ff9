-- grain: one row per segment and firm placed on chain $chain
-- keys: segment, firm_no
-- units: start, end characters of firms.scope
-- reads: placements
-- writes: nothing (read once per opened warehouse, kept as arrays)
select segment, firm_no, product, proof, products, phrase_no, start, "end"
from placements
where chain = $chain
order by segment, firm_no
