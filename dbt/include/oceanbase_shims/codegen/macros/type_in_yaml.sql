{#-
  A type as a value in YAML. It is in quotes unless it has only lower-case letters, digits, underscores, parentheses,
  commas and blanks.

  Args:
    type (str)
-#}
{% macro oceanbase__type_in_yaml(type) -%}
  {{ return(type if modules.re.fullmatch('[a-z0-9_(), ]+', type) else "'" ~ type | replace("'", "''") ~ "'") }}
{%- endmacro %}
