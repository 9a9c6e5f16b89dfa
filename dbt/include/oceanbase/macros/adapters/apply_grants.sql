{#- Grants belong to the name and outlive DROP: what is there is always compared, on new relations too. -#}
{% macro oceanbase__apply_grants(relation, grant_config, should_revoke=True) %}
  {% if grant_config %}
    {% set wanted = adapter.normal_grants(grant_config) %}
    {% set present = adapter.standardize_grants_dict(run_query(get_show_grant_sql(relation))) %}
    {% set statements = get_dcl_statement_list(relation, diff_of_two_dicts(present, wanted), get_revoke_sql)
      + get_dcl_statement_list(relation, diff_of_two_dicts(wanted, present), get_grant_sql) %}
    {% do call_dcl_statements(statements) %}
  {% endif %}
{% endmacro %}

{% macro oceanbase__get_show_grant_sql(relation) -%}
  select grantee, lower(privilege_type) as privilege_type
  from information_schema.table_privileges
  where table_schema = {{ dbt.string_literal(dbt.escape_single_quotes(relation.schema)) }}
    and table_name = {{ dbt.string_literal(dbt.escape_single_quotes(relation.identifier)) }}
    and replace(grantee, '''', '') <> current_user()
{%- endmacro %}

{% macro oceanbase__get_grant_sql(relation, privilege, grantees) -%}
  grant {{ privilege }} on {{ relation.render() }} to {{ oceanbase__grantees(grantees) }}
{%- endmacro %}

{% macro oceanbase__get_revoke_sql(relation, privilege, grantees) -%}
  revoke {{ privilege }} on {{ relation.render() }} from {{ oceanbase__grantees(grantees) }}
{%- endmacro %}

{% macro oceanbase__grantees(grantees) -%}
  {%- for grantee in grantees -%}{{ adapter.quote_grantee(grantee) }}{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{% macro oceanbase__call_dcl_statements(dcl_statement_list) %}
  {% for dcl_statement in dcl_statement_list %}
    {% call statement('grants', auto_begin=False) -%}{{ dcl_statement }}{%- endcall %}
  {% endfor %}
{% endmacro %}
