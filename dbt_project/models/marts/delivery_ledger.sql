select source, entity, mode, extract_date, file, sha256, lines, loaded, rejected, state
from {{ source("repledger", "delivery") }}
