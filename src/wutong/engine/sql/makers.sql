-- grain: one row per segment and firm placed on chain $chain, with what its group's head adds
-- keys: segment, firm_no
-- units: capital_yuan yuan; lon, lat degrees; registered_day days since 1970-01-01
-- reads: placements, firms
-- writes: nothing
select
    p.segment,
    p.firm_no,
    f.firm_id,
    f.name,
    p.group_no,
    f.adcode,
    f.lon,
    f.lat,
    datediff('day', date '1970-01-01', f.registered_on) as registered_day,
    f.is_branch,
    case when f.is_branch then coalesce(f.capital_yuan, h.capital_yuan) else f.capital_yuan end as capital_yuan,
    f.is_branch and f.capital_yuan is null and h.capital_yuan is not null as is_head_capital,
    h.adcode as head_adcode,
    h.name as head_name,
    p.proof,
    p.products
from placements p
join firms f on f.firm_no = p.firm_no
join firms h on h.firm_no = p.group_no
where p.chain = $chain
order by p.segment, p.firm_no
