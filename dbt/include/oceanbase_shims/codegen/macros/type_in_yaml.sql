{#-
  A type as a value in YAML, in quotes if it has more than letters, digits and parentheses.

  Args:
    type (str)
-#}
{% macro oceanbase__type_in_yaml(type) -%}
  {{ return(type if modules.re.fullmatch('[a-z0-9_(), ]+', type) else "'" ~ type | replace("'", "''") ~ "'") }}
{%- endmacro %}
