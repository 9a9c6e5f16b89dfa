{#-
  The name of the day of the week, by default in English, the only language of the server.

  Args:
    date (str): SQL
    short (bool): whether to cut the name to three characters
    language (str): default, or a language that the package has
-#}
{% macro oceanbase__day_name(date, short=true, language='default') -%}
  {%- if language == 'default' -%}
    date_format({{ date }}, '{{ '%a' if short else '%W' }}')
  {%- else -%}
    {{ dbt_date.day_name_localized(date, short, language) }}
  {%- endif -%}
{%- endmacro %}
