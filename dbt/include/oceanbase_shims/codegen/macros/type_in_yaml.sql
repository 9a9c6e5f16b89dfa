{#-
  Return a type as a value in YAML. The value is in single quotes, unless the type has only lower-case letters, digits,
  underscores, parentheses, commas and blanks.

  Args:
    type (str): the type of a column
  Returns: str
-#}
{% macro oceanbase__type_in_yaml(type) -%}
  {{ return(type if modules.re.fullmatch('[a-z0-9_(), ]+', type) else "'" ~ type | replace("'", "''") ~ "'") }}
{%- endmacro %}
