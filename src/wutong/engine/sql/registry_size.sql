-- grain: one row
-- units: firms firms
-- reads: firms
-- writes: nothing
select count(*) as firms
from firms
where registered_on is null or registered_on <= $as_of
