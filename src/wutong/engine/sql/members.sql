-- grain: one row per firm of a region, or within a radius
-- keys: firm_no
-- units: none
-- reads: firms
-- writes: nothing
-- The condition comes from engine.places, which binds its values; it replaces the last line.
select f.firm_no
from firms f
where true
