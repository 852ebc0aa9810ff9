-- grain: one row: the firm
-- keys: firm_no
-- units: capital_yuan yuan; lon, lat degrees
-- reads: firms
-- writes: nothing
select *
from firms
where firm_no = $firm_no
