-- grain: a condition on firms f: it makes, in one of $roles, one of $products
-- keys: none
-- units: none
-- reads: mentions, phrase_products
-- writes: nothing
f.firm_no in (
    select m.firm_no
    from mentions m
    join phrase_products p on p.phrase_no = m.phrase_no
    where p.relation = 'is' and list_contains($products, p.product) and list_contains($roles, m.role)
)
