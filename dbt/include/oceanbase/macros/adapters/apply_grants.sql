{#-
  Send the GRANT and REVOKE statements after which a relation has exactly the grants in its config. Nothing is sent
  without a config.

  On the server, grants belong to the name of a relation and remain after its DROP. So a new relation can have the
  grants of an earlier relation, and existing grants are always read. If the list is empty, dbt's user may have no right
  to see it, which is a warning.

  Args:
    relation (Relation): a table or view
    grant_config (dict or none): for each privilege, the list of its grantees
    should_revoke (bool): false for a relation that did not exist before this run; then every grant in the config is
      sent, even one that the server already shows
-#}
{% macro oceanbase__apply_grants(relation, grant_config, should_revoke=True) %}
  {% if grant_config %}
    {% set present = run_query(get_show_grant_sql(relation)) %}
    {% if present.rows | length == 0 %}
      {% do adapter.warn_of_hidden_grants() %}
    {% endif %}
    {% set changes = adapter.grant_changes(present, grant_config, not should_revoke) %}
    {% do call_dcl_statements(
      get_dcl_statement_list(relation, changes.revoke, get_revoke_sql)
      + get_dcl_statement_list(relation, changes.grant, get_grant_sql)
    ) %}
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
