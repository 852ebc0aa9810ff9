-- grain: one row: what of the firm does not stand in memory
-- keys: firm_no
-- units: none
-- reads: firms
-- writes: nothing
select uscc_status, firm_type, capital_currency, capital_is_estimated, province, city, address, located_by
from firms
where firm_no = $firm_no
