-- grain: one row per segment and firm placed on chain $chain, with what its group's head adds
-- keys: segment, firm_no
-- units: capital_yuan yuan; lon, lat degrees; registered_day days since 1970-01-01; start, end, excerpt_from characters of scope
-- reads: placements, firms, phrases
-- writes: nothing (read once per opened warehouse, kept as arrays)
select
    p.segment,
    p.firm_no,
    f.firm_id,
    f.uscc,
    f.name,
    p.group_no,
    f.adcode,
    f.lon,
    f.lat,
    f.registered_on,
    datediff('day', date '1970-01-01', f.registered_on) as registered_day,
    f.is_branch,
    f.capital_text,
    f.capital_yuan as own_capital_yuan,
    case when f.is_branch then coalesce(f.capital_yuan, h.capital_yuan) else f.capital_yuan end as capital_yuan,
    f.is_branch and f.capital_yuan is null and h.capital_yuan is not null as is_head_capital,
    h.name as head_name,
    p.product,
    p.proof,
    p.products,
    n.phrase,
    p.start,
    p."end",
    greatest(p.start - $margin, 0) as excerpt_from,
    substr(f.scope, greatest(p.start - $margin, 0) + 1, p."end" - greatest(p.start - $margin, 0) + $margin) as excerpt,
    f.source_file,
    f.source_row
from placements p
join firms f on f.firm_no = p.firm_no
join firms h on h.firm_no = p.group_no
left join phrases n on n.phrase_no = p.phrase_no
where p.chain = $chain
order by p.segment, p.firm_no
