-- grain: one row per firm that has a parent: a branch or subsidiary, with the division of its group's head
-- keys: firm_no
-- units: registered_day days since 1970-01-01
-- reads: firms
-- writes: nothing
select
    b.firm_no,
    b.group_no,
    b.adcode,
    h.adcode as head_adcode,
    b.lon,
    b.lat,
    datediff('day', date '1970-01-01', b.registered_on) as registered_day
from firms b
join firms h on h.firm_no = b.group_no
where b.parent_no is not null
order by b.group_no, b.firm_no
