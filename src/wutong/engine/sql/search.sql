-- grain: one row per firm of one page of a search, best first, with the number of all
-- keys: firm_no
-- units: total in firms
-- reads: firms
-- writes: nothing
-- The condition replaces `the condition`; it holds no values, they bind.
with hits as materialized (
    select
        f.firm_no,
        f.name_key <> $whole as is_other,
        not starts_with(f.name_key, $whole) as is_inside,
        f.is_branch,
        f.capital_yuan,
        f.firm_id
    from firms f
    where true
)
select firm_no, (select count(*) from hits) as total
from hits
order by is_other, is_inside, is_branch, capital_yuan desc nulls last, firm_id
limit $size offset $skip
