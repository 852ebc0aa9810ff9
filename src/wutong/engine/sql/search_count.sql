-- grain: one row: how many firms a search finds
-- keys: none
-- units: n in firms
-- reads: firms
-- writes: nothing
-- The condition replaces `the condition`; it holds no values, they bind.
select count(*) as n
from firms f
where true
