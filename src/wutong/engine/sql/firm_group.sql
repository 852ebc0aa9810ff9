-- grain: one row per other member of a firm's group, seen as of a day
-- keys: firm_no
-- units: none
-- reads: firms
-- writes: nothing
select firm_no, firm_id, uscc, name, adcode, registered_on, is_branch, parent_no is not distinct from $firm_no as is_child
from firms
where group_no = $group_no and firm_no <> $firm_no and (registered_on is null or registered_on <= $as_of)
order by registered_on nulls last, firm_id
