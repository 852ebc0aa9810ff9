-- grain: one row per chain and segment that a firm is placed on
-- keys: chain, segment
-- units: start, end characters of scope
-- reads: placements
-- writes: nothing
select chain, segment, product, role, proof, products, phrase_no, start, "end"
from placements
where firm_no = $firm_no
order by chain, segment
