-- grain: one row per firm of the Arrow table `chosen`
-- keys: firm_no
-- units: capital_yuan yuan; lon, lat degrees
-- reads: firms, chosen
-- writes: nothing
select f.firm_no, f.firm_id, f.uscc, f.name, f.adcode, f.lon, f.lat, f.capital_yuan, f.registered_on, f.scope
from firms f
where f.firm_no in (select firm_no from chosen)
