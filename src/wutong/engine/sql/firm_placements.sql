-- grain: one row per chain and segment that a firm is placed on
-- keys: chain, segment
-- units: start, end characters of scope
-- reads: placements, phrases
-- writes: nothing
select p.chain, p.segment, p.product, p.role, p.proof, p.products, h.phrase, p.start, p."end"
from placements p
left join phrases h on h.phrase_no = p.phrase_no
where p.firm_no = $firm_no
order by p.chain, p.segment
