-- grain: one row per firm whose name holds the trade name, outside the group
-- keys: firm_no
-- units: none
-- reads: firms
-- writes: nothing
select firm_no, firm_id, uscc, name, adcode, registered_on, is_branch, false as is_child
from firms
where contains(name, $trade_name) and group_no <> $group_no and not is_branch and (registered_on is null or registered_on <= $as_of)
order by firm_no
limit $at_most
