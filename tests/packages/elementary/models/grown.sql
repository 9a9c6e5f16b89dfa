-- a table that has one more column in the second run
select 1 as id{% if var('grown') %}, 2 as added{% endif %}
