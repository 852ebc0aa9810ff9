-- grain: one row per role and phrase of one firm's scope
-- keys: role, start, phrase
-- units: start, end characters of scope
-- reads: mentions, phrases
-- writes: nothing
select m.role, h.phrase, m.start, m."end"
from mentions m
join phrases h on h.phrase_no = m.phrase_no
where m.firm_no = $firm_no
order by m.start, m."end", m.role
