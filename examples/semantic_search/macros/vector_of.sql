{#-
  The vector of a question, as an SQL literal. The vector index is used only if the vector is a constant.

  Args:
    question (str): a text. Without use_ai_model it must have a vector in the seed precomputed_vectors.
  Returns: str, a literal such as '[0.1,0.2]'. While dbt parses, the literal has no numbers.
  Raises: a compilation error if the question has no vector
-#}
{% macro vector_of(question) %}
  {% set vectors = ref('precomputed_vectors') %}
  {% if not execute %}{{ return("'[]'") }}{% endif %}
  {% set text = dbt.string_literal(dbt.escape_single_quotes(question)) %}
  {% if var('use_ai_model') %}
    {% set query = "select ai_embed('example_embedding', " ~ text ~ ')' %}
  {% else %}
    {% set query = 'select embedding from ' ~ vectors ~ ' where text_hash = md5(' ~ text ~ ')' %}
  {% endif %}
  {% set rows = run_query(query).rows %}
  {% if not rows %}
    {% do exceptions.raise_compiler_error("the question '" ~ question ~ "' has no vector: add it to seeds/questions.csv and run scripts/embed.py, or set use_ai_model") %}
  {% endif %}
  {{ return("'" ~ rows[0][0] ~ "'") }}
{% endmacro %}
