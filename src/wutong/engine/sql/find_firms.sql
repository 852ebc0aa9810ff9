-- grain: one row per firm, in the order of firm_no
-- keys: firm_no
-- units: capital_yuan yuan; registered_day days since 1970-01-01
-- reads: firms
-- writes: nothing (read once per opened warehouse, kept as arrays)
select
    firm_no,
    name,
    capital_yuan,
    datediff('day', date '1970-01-01', registered_on) as registered_day
from firms
order by firm_no
