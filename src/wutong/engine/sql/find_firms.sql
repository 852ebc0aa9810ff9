-- grain: one row per firm, in the order of firm_no
-- keys: firm_no
-- units: capital_yuan yuan; lon, lat degrees; registered_day days since 1970-01-01
-- reads: firms
-- writes: nothing (read once per opened warehouse, kept as columns)
select
    firm_no,
    firm_id,
    uscc,
    name,
    adcode,
    lon,
    lat,
    capital_yuan,
    registered_on,
    datediff('day', date '1970-01-01', registered_on) as registered_day,
    scope
from firms
order by firm_no
