{#-
  The name of the month, by default in English, the only language of the server.

  Args:
    date (str): SQL
    short (bool): whether to cut the name to three characters
    language (str): default, or a language that the package has
-#}
{% macro oceanbase__month_name(date, short=true, language='default') -%}
  {%- if language == 'default' -%}
    date_format({{ date }}, '{{ '%b' if short else '%M' }}')
  {%- else -%}
    {{ dbt_date.month_name_localized(date, short, language) }}
  {%- endif -%}
{%- endmacro %}
