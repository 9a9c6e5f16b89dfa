{#-
  Check whether oceanbase__safe_cast may cast an expression without a check of its value. The expression must be NULL,
  true, false or a literal number. For an integer or decimal type, the number must be certain to fit the type.

  Args:
    field (str): SQL
    target (str): a type that CAST accepts, see cast_target in types.py
  Returns: bool
-#}
{% macro oceanbase__is_safe_literal(field, target) -%}
  {%- set literal = field | string | trim | lower -%}
  {%- if literal in ('null', 'true', 'false') -%}
    {{ return(true) }}
  {%- endif -%}
  {%- set number = modules.re.match('([-+]?)([0-9]{1,18})([.][0-9]{1,18})?$', literal) -%}
  {%- if number is none -%}
    {{ return(false) }}
  {%- endif -%}
  {%- if target.startswith('decimal') -%}
    {%- set precision, scale = target[8:-1].split(',') -%}
    {{ return(number.group(2) | length < precision | int - scale | int) }}
  {%- endif -%}
  {{ return(target != 'unsigned' or number.group(1) != '-') }}
{%- endmacro %}
