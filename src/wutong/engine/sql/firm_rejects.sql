-- grain: one row per value of the firm's source row that could not be read
-- keys: column, reason
-- units: none
-- reads: rejects
-- writes: nothing
select "column", value, reason, expected
from rejects
where source_file = $source_file and source_row = $source_row
order by "column", reason
