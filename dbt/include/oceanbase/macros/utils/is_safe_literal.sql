{#-
  Whether SQL is NULL, a boolean or a number that a cast to this type can only get right.

  Args:
    field (str)
    target (str): what CAST takes
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
