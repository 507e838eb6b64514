-- Which territories count in each territory of the tree in a fiscal year: itself and all below it. The tree is read on
-- the year's last day, or on the last day before the as-of date; as it is, on that day for every year.
with
    lens_years as (select * from {{ ref("core_lens_year") }}),

    trees as (
        select lens_years.lens, lens_years.fiscal_year, coalesce(lens_years.read_on, years.read_on) as read_on
        from lens_years
        inner join lens_years as years on lens_years.fiscal_year = years.fiscal_year and years.lens = 'as_was'
    ),

    territories as (select distinct territory_id from {{ ref("core_rep_group") }}),

    ways as (select * from {{ ref("core_hierarchy") }} where hierarchy = 'territory'),

    -- Members of a cycle stand above nobody, so that nothing counts twice.
    cycles as (select distinct descendant_id as territory_id from ways where is_cycle)

select trees.lens, trees.fiscal_year, territories.territory_id, territories.territory_id as tree_territory_id
from trees
cross join territories
union
select trees.lens, trees.fiscal_year, ways.descendant_id, ways.ancestor_id
from trees
inner join ways on ways.valid_from_on <= trees.read_on and trees.read_on < ways.valid_to_on
left join cycles on ways.ancestor_id = cycles.territory_id
where cycles.territory_id is null
