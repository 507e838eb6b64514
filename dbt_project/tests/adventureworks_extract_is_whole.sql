-- An AdventureWorks entity is put together from files of one extract. Were one file missing from a day on which others
-- came, accounts would lose their owners and reps their commission without a word, so each extract date is delivered
-- whole. One row a missing file.
{{ config(enabled="adventureworks" in var("connectors")) }}

with
    deliveries as (
        select distinct source, entity, extract_date
        from {{ source("repledger", "delivery") }}
        where
            connector = 'adventureworks' and state in ('loaded', 'repeated')
            {% if var("as_known_on", none) %} and extract_date <= cast('{{ var("as_known_on") }}' as date) {% endif %}
    ),

    expected as (
        select extracts.source, entities.entity, extracts.extract_date
        from (select distinct source, extract_date from deliveries) as extracts
        inner join (select distinct source, entity from deliveries) as entities on extracts.source = entities.source
    )

select expected.*
from expected
left join
    deliveries
    on expected.source = deliveries.source
    and expected.entity = deliveries.entity
    and expected.extract_date = deliveries.extract_date
where deliveries.entity is null
