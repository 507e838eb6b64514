-- What was delivered twice under one key in one extract: the row that counts nowhere, and the one that counts instead.
select entity, source, extract_date, lost_file, lost_line, kept_file, kept_line, is_identical
from {{ ref("core_conflict") }}
