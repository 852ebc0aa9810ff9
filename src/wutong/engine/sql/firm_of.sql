-- grain: one row per firm with that id or code; the id first
-- keys: firm_no
-- units: none
-- reads: firms
-- writes: nothing
select firm_no, firm_id, name, registered_on
from firms
where firm_id = $id or uscc = $code or firm_id = $code
order by firm_id <> $id, firm_no
limit 1
