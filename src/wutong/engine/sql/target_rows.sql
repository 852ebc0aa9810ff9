-- grain: one row per wanted segment and firm
-- keys: segment, firm_no
-- units: capital_yuan yuan; lon, lat degrees; start, end characters of scope
-- reads: wanted (Arrow: segment, firm_no), placements, phrases, firms, divisions
-- writes: nothing
select
    w.segment,
    f.firm_no,
    f.firm_id,
    f.uscc,
    f.name,
    f.is_branch,
    f.adcode,
    concat_ws('', g.name, case when c.name <> g.name then c.name end, case when d.name <> c.name then d.name end) as place,
    f.lon,
    f.lat,
    f.registered_on,
    f.capital_text,
    f.capital_yuan,
    f.scope,
    f.source_file,
    f.source_row,
    p.product,
    p.proof,
    p.start,
    p."end",
    h.phrase
from wanted w
join firms f on f.firm_no = w.firm_no
join placements p on p.chain = $chain and p.segment = w.segment and p.firm_no = w.firm_no
left join phrases h on h.phrase_no = p.phrase_no
left join divisions d on d.adcode = f.adcode
left join divisions c on c.adcode = case when d.level = 'county' then d.parent else d.adcode end
left join divisions g on g.adcode = case when c.level = 'city' then c.parent else c.adcode end
order by w.segment, f.firm_no
