-- grain: one row per chosen firm
-- keys: firm_no
-- units: capital_yuan yuan; lon, lat degrees
-- reads: chosen (Arrow: firm_no), firms
-- writes: nothing
select f.firm_no, f.firm_id, f.uscc, f.name, f.adcode, f.registered_on, f.capital_yuan, f.is_branch, f.is_manufacturer, f.lon, f.lat
from firms f
where f.firm_no in (select firm_no from chosen)
