-- grain: one row: the firm, with its parent and the head of its group
-- keys: firm_no
-- units: capital_yuan yuan; lon, lat degrees
-- reads: firms
-- writes: nothing
select
    f.*,
    p.firm_id as parent_id,
    p.name as parent_name,
    h.firm_id as head_id,
    h.name as head_name
from firms f
left join firms p on p.firm_no = f.parent_no
left join firms h on h.firm_no = f.group_no
where f.firm_no = $firm_no
