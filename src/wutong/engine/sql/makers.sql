-- grain: one row per segment and firm placed on chain $chain
-- keys: segment, firm_no
-- units: start, end characters of firms.scope; scope_items distinct phrases of the firm's scope
-- reads: placements, mentions
-- writes: nothing (read once per opened warehouse, kept as arrays)
with scopes as (
    select firm_no, count(distinct phrase_no) as items
    from mentions
    where firm_no in (select firm_no from placements where chain = $chain)
    group by firm_no
)
select segment, firm_no, product, proof, products, phrase_no, start, "end", greatest(coalesce(items, 0), products) as scope_items
from placements
left join scopes using (firm_no)
where chain = $chain
order by segment, firm_no
