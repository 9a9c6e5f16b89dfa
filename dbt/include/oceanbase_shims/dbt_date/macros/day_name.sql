{#-
  Return SQL for the name of the day of the week. By default the name is English, the only language that the server has.

  Args:
    date (str): SQL of a date or time
    short (bool): whether the name is cut to three characters
    language (str): `default`, or a language that the package has
  Returns: str, SQL
-#}
{% macro oceanbase__day_name(date, short=true, language='default') -%}
  {%- if language == 'default' -%}
    date_format({{ date }}, '{{ '%a' if short else '%W' }}')
  {%- else -%}
    {{ dbt_date.day_name_localized(date, short, language) }}
  {%- endif -%}
{%- endmacro %}
